import { isEndpoint } from "../endpoint.ts";
import { type JsonObject, textOf } from "../response/json.ts";

export interface MetadataCheck {
  /** Each of these alone makes the document useless. */
  readonly violations: readonly string[];
  /** What is wrong, but only for some grants; or needs saying. */
  readonly warnings: readonly string[];
}

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

/** MX-V4. */
const ENDPOINTS = [
  "authorization_endpoint",
  "token_endpoint",
  "revocation_endpoint",
  "registration_endpoint",
  "device_authorization_endpoint",
] as const;

/** What MX-V2 wants to be listed; a grant that does not use it works without. */
const LISTED = {
  response_types_supported: ["code"],
  grant_types_supported: ["authorization_code", "refresh_token"],
  response_modes_supported: ["query", "fragment"],
  code_challenge_methods_supported: ["S256"],
} as const;

/** Checks metadata that nobody has named the issuer of (matrix.md MX-V1 … MX-V6). */
export function checkMetadata(json: JsonObject, allowHttp: boolean): MetadataCheck {
  const ways = ["authorization_endpoint", "device_authorization_endpoint"].filter((name) => isPresent(json, name));
  return {
    violations: [
      ...issuerViolations(json, allowHttp),
      ...missingMember(json, "token_endpoint"),
      ...(ways.length > 0 ? [] : ["both authorization_endpoint and device_authorization_endpoint are missing"]),
      ...ENDPOINTS.filter((name) => isPresent(json, name) && !isEndpoint(json[name], allowHttp)).map(
        (name) => `${name} must be an https URL without user information and fragment`,
      ),
    ],
    warnings: [...endpointWarnings(json), ...listWarnings(json)],
  };
}

function isPresent(json: JsonObject, name: string): boolean {
  return json[name] !== undefined && json[name] !== null && json[name] !== "";
}

function missingMember(json: JsonObject, name: string): readonly string[] {
  return isPresent(json, name) ? [] : [`${name} is missing`];
}

/** MX-V5. */
export function issuerViolations(json: JsonObject, allowHttp: boolean): readonly string[] {
  if (textOf(json.issuer) === undefined) return ["issuer is missing"];
  const usable = isEndpoint(json.issuer, allowHttp) && !json.issuer.includes("?");
  return usable ? [] : ["issuer must be an https URL without query and fragment"];
}

function endpointWarnings(json: JsonObject): readonly string[] {
  const lost = {
    authorization_endpoint: "login by authorization link is not possible",
    revocation_endpoint: "a deleted login stays valid at the server",
    registration_endpoint: "a client_id must be given",
    device_authorization_endpoint: "login by device code is not possible, only by authorization link",
  } as const;
  return Object.entries(lost)
    .filter(([name]) => !isPresent(json, name))
    .map(([name, effect]) => `the metadata lack ${name}: ${effect}`);
}

function listWarnings(json: JsonObject): readonly string[] {
  const device = isPresent(json, "device_authorization_endpoint");
  const wanted = Object.entries({
    ...LISTED,
    grant_types_supported: [...LISTED.grant_types_supported, ...(device ? [DEVICE_CODE] : [])],
  });
  return wanted.flatMap(([name, values]) => {
    const listed = json[name];
    const lacking = values.filter((value) => !Array.isArray(listed) || !listed.includes(value));
    return lacking.length === 0 ? [] : [`the metadata do not list ${lacking.join(", ")} in ${name}`];
  });
}
