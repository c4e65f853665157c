/** Parameters of a request beside the protocol's own; one name may come several times (RFC 8707 2). */
export type ExtraParameters = readonly (readonly [name: string, value: string])[];

/** What a caller's own parameters must not touch: the grant, and the one client authentication (OA-02). */
const OURS: ReadonlySet<string> = new Set([
  "grant_type",
  "client_id",
  "client_secret",
  "client_assertion",
  "client_assertion_type",
]);

/** What the broker sets itself, or has an option of its own for; nobody's `request_parameters` may name it. */
const RESERVED: ReadonlySet<string> = new Set([
  ...OURS,
  ...["scope", "audience", "resource", "response_type", "redirect_uri", "state", "nonce", "request", "request_uri"],
  ...["code", "code_verifier", "code_challenge", "code_challenge_method", "device_code", "refresh_token"],
  ...["subject_token", "subject_token_type", "actor_token", "actor_token_type", "requested_token_type", "assertion"],
  ...["token", "token_type_hint", "username", "password"],
]);

/** The first name among them that some server could take for one of the broker's own. */
export function reservedParameter(names: readonly string[]): string | undefined {
  return names.find((name) => RESERVED.has(plainName(name)));
}

/** As the least exact server reads it: ASP.NET looks at no case, PHP makes `client.id` of one name and `scope[]` of another. */
export function plainName(name: string): string {
  const [plain = ""] = name.trim().toLowerCase().split(/[[\0]/);
  return plain.replaceAll(/[ .]/g, "_");
}

/** RES-01: an absolute URI without fragment (RFC 8707 2). */
export function isResource(text: string): boolean {
  return URL.canParse(text) && !text.includes("#");
}

/** A caller's own parameters for a request body, without empty ones (OA-01) and those that are ours to set. */
export function extraParameters(parameters: ExtraParameters = []): [string, string][] {
  return parameters.flatMap(([name, value]) => (value === "" || OURS.has(plainName(name)) ? [] : [[name, value]]));
}

/** The parameters of a request: those of the protocol that have a value win over the others. */
export function requestBody(
  own: Readonly<Record<string, string | undefined>>,
  extra: ExtraParameters = [],
): URLSearchParams {
  const body = new URLSearchParams(extraParameters(extra));
  for (const [name, value] of Object.entries(own)) if (value !== undefined && value !== "") body.set(name, value);
  return body;
}
