import { type ExtraParameters, extraParameters, plainName } from "./extra-parameters.ts";

export interface AuthorizationUrlInput {
  /** The authorization endpoint; its own query is kept. */
  readonly endpoint: string;
  readonly clientId: string;
  readonly redirectUri?: string;
  /** Already joined. */
  readonly scope?: string;
  /** Another name for `scope`, where the provider has one (Slack). */
  readonly scopeParameter?: string;
  readonly state: string;
  /** S256. */
  readonly codeChallenge?: string;
  readonly nonce?: string;
  /** Of the login itself: `audience`, `resource` (RFC 8707 2.1); the maps win over them. */
  readonly extra?: ExtraParameters;
  /** The caller's own parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The server's; they win over the caller's. */
  readonly overriding: Readonly<Record<string, string>>;
}

/** The link a person opens (RFC 6749 4.1.1, RFC 7636 4.3); order of the query by oauthapp.md section 4. */
export function authorizationUrl(input: AuthorizationUrlInput): string {
  const { redirectUri, scope, codeChallenge, nonce } = input;
  const ours: readonly (readonly [string, string | undefined])[] = [
    ["response_type", "code"],
    ["client_id", input.clientId],
    ["redirect_uri", redirectUri],
    [input.scopeParameter ?? "scope", scope],
    ["state", input.state],
    ["code_challenge", codeChallenge],
    ["code_challenge_method", codeChallenge === undefined ? undefined : "S256"],
    ["nonce", nonce],
  ];
  const url = new URL(input.endpoint);
  for (const [name, value] of extraParameters(input.extra)) url.searchParams.append(name, value);
  for (const [name, value] of [...ours, ...Object.entries(input.parameters), ...Object.entries(input.overriding)]) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

/** Parameters of the authorization URL that are the broker's own; nobody's map may replace them. */
const RESERVED = [
  "client_id",
  "response_type",
  "redirect_uri",
  "state",
  "code_challenge",
  "code_challenge_method",
  "request",
  "request_uri",
];

/** With the broker's own callback these two as well: it reads a query, and it checks its own nonce. */
const RESERVED_WITH_NAME = [...RESERVED, "response_mode", "nonce"];

/** The first parameter that nobody's map may replace; `withName`: of a link to the broker's own callback. */
export function reservedIn(parameters: Readonly<Record<string, string>>, withName: boolean): string | undefined {
  const reserved = withName ? RESERVED_WITH_NAME : RESERVED;
  return Object.keys(parameters).find((name) => reserved.includes(plainName(name)));
}
