import type { AuthorizationServer, Call } from "../client.ts";
import { exchange, get } from "../endpoint.ts";
import { transportOutcome } from "../response/failure.ts";
import { type JsonObject, parseJsonObject } from "../response/json.ts";
import { TransportError } from "../response/transport-error.ts";

export type UserInfo =
  | { readonly kind: "claims"; readonly claims: JsonObject }
  /** It speaks of somebody else, or of nobody (OIDC Core 5.3.4). */
  | { readonly kind: "dropped"; readonly text: string }
  | { readonly kind: "failed"; readonly text: string };

/** Asks the userinfo endpoint (OIDC Core 5.3) about the subject of a verified id_token. Never rejects. */
export async function userInfo(
  { as, accessToken, subject }: { as: AuthorizationServer; accessToken: string; subject: string },
  call: Call,
): Promise<UserInfo> {
  if (as.userinfo_endpoint === undefined) return { kind: "failed", text: "the server has no userinfo endpoint" };
  const response = await exchange(get(as.userinfo_endpoint, call, { authorization: `Bearer ${accessToken}` }));
  if (response instanceof TransportError) return { kind: "failed", text: transportOutcome(response).text };
  if (response.status !== 200)
    return { kind: "failed", text: `userinfo endpoint answered with status ${response.status}` };
  const claims = parseJsonObject(response.body);
  if (!claims) return { kind: "failed", text: "userinfo is not a JSON object" };
  return claims.sub === subject
    ? { kind: "claims", claims }
    : { kind: "dropped", text: "userinfo belongs to another subject" };
}
