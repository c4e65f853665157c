import { encode } from "jose/base64url";
import type { AuthorizationServer, Call } from "../client.ts";
import type { JsonObject } from "../response/json.ts";
import { type ClaimRules, claimProblem, isSameSubject } from "./id-token-claims.ts";
import { type Jws, parseJws } from "./jws.ts";
import { checkSignature } from "./key-set.ts";
import { hashOf } from "./signature-algorithm.ts";

export interface IdTokenInput extends Omit<ClaimRules, "issuer"> {
  readonly as: AuthorizationServer;
  readonly idToken: string;
  /** Compared with `at_hash`, where that is there. */
  readonly accessToken?: string;
  /** Who the credential belonged to so far; set on a refresh (OIDC Core 12.2). */
  readonly previous?: { readonly iss: string; readonly sub: string };
}

export type IdTokenVerdict =
  | { readonly kind: "valid"; readonly claims: JsonObject }
  /** Nothing is wrong with it, but its key could not be looked up. */
  | { readonly kind: "unverified"; readonly text: string; readonly claims: JsonObject }
  | { readonly kind: "subject_changed"; readonly text: string }
  | { readonly kind: "refused"; readonly text: string };

/** Verifies an id_token (OIDC Core 3.1.3.7). `nowSeconds` is the caller's clock, in epoch seconds. */
export async function verifyIdToken(input: IdTokenInput, call: Call): Promise<IdTokenVerdict> {
  const { as, nowSeconds } = input;
  const jws = parseJws(input.idToken);
  if (!jws || !isListed(as, jws.algorithm))
    return refusal("oidc: ID token is malformed or not signed with the expected algorithm");
  const signature = await checkSignature(as, jws, nowSeconds, call);
  if (signature === "invalid") return refusal("oidc: signature of the ID token is not valid");
  const { claims } = jws;
  const rules: ClaimRules = { ...input, issuer: as.issuer };
  if (input.previous && !isSameSubject(claims, input.previous, rules)) {
    return { kind: "subject_changed", text: "oidc: ID token belongs to another subject" };
  }
  const problem = claimProblem(claims, rules) ?? (await hashProblem(jws, input.accessToken));
  if (problem !== undefined) return refusal(problem);
  if (signature === "unknown") return { kind: "unverified", text: "oidc: its key could not be looked up", claims };
  return { kind: "valid", claims };
}

function refusal(text: string): IdTokenVerdict {
  return { kind: "refused", text };
}

/** Only what the metadata list; RS256 where they list nothing. */
function isListed(as: AuthorizationServer, algorithm: string): boolean {
  const listed = as.id_token_signing_alg_values_supported;
  return (Array.isArray(listed) ? listed : ["RS256"]).includes(algorithm);
}

/** OIDC Core 3.1.3.6: the left half of the access token's hash. */
async function hashProblem({ algorithm, claims }: Jws, accessToken: string | undefined): Promise<string | undefined> {
  if (claims.at_hash === undefined || accessToken === undefined || accessToken === "") return undefined;
  const hash = new Uint8Array(await crypto.subtle.digest(hashOf(algorithm), new TextEncoder().encode(accessToken)));
  const half = encode(hash.subarray(0, hash.length / 2));
  return claims.at_hash === half ? undefined : "oidc: ID token belongs to another access token";
}
