import type { AuthorizationServer } from "./client.ts";
import { readErrorParameters } from "./response/oauth-error.ts";
import type { OAuthError } from "./response/outcome.ts";

export type CallbackCheck =
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "error"; readonly error: OAuthError }
  /** Not an answer to this flow; no token request may follow. `text` is safe to show. */
  | { readonly kind: "invalid"; readonly text: string };

/** ISS-06 and O21-07: one of these twice means that two parties wrote the answer. */
const SINGLE = ["state", "code", "iss", "error"] as const;

/**
 * Checks an authorization answer before anything in it is used (RFC 6749 4.1.2, RFC 9207 2.4), error answers too (ISS-04).
 * All comparisons are made every time, each at the same cost wherever the values differ. `mayLackIssuer`: somebody passes the answer on
 * who leaves `iss` out; one that is there is compared all the same.
 */
export function checkCallback(
  as: AuthorizationServer,
  parameters: URLSearchParams,
  expected: { readonly state: string; readonly mayLackIssuer?: boolean },
): CallbackCheck {
  const twice = SINGLE.some((name) => parameters.getAll(name).length > 1);
  const isOurs = sameText(parameters.get("state") ?? "", expected.state) && expected.state !== "";
  const iss = parameters.get("iss");
  const issuer = iss === null && expected.mayLackIssuer ? undefined : checkIssuer(as, iss ?? "");
  if (twice) return invalidCallback("the response contains a parameter twice");
  if (!isOurs) return invalidCallback("state does not match");
  if (issuer !== undefined) return invalidCallback(issuer);
  const error = parameters.get("error") ?? "";
  if (error !== "") return { kind: "error", error: readErrorParameters(parameters, error) };
  const code = parameters.get("code") ?? "";
  return code === "" ? invalidCallback("the response contains neither code nor error") : { kind: "code", code };
}

function invalidCallback(text: string): CallbackCheck {
  return { kind: "invalid", text };
}

/** ISS-01 … ISS-03. Where the token endpoint stands in for an issuer nobody told, there is nothing to compare with. */
function checkIssuer(as: AuthorizationServer, issuer: string): string | undefined {
  const matches = sameText(issuer, as.issuer);
  if (issuer === "") {
    return as.authorization_response_iss_parameter_supported === true ? "iss is missing" : undefined;
  }
  const isKnown = as.issuer !== "" && as.issuer !== as.token_endpoint;
  return matches || !isKnown ? undefined : "issuer does not match";
}

function sameText(given: string, wanted: string): boolean {
  let difference = given.length ^ wanted.length;
  for (let index = 0; index < wanted.length; index++) {
    difference |= given.charCodeAt(index) ^ wanted.charCodeAt(index);
  }
  return difference === 0;
}
