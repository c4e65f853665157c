import { transportOutcome } from "../answer/failure.ts";
import { type JsonObject, parseJsonObject } from "../answer/json.ts";
import { TransportError } from "../answer/transport-error.ts";
import type { AuthorizationServer, Call } from "../client.ts";
import { exchange, get } from "../endpoint.ts";

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
  const answer = await exchange(get(as.userinfo_endpoint, call, { authorization: `Bearer ${accessToken}` }));
  if (answer instanceof TransportError) return { kind: "failed", text: transportOutcome(answer).text };
  if (answer.status !== 200) return { kind: "failed", text: `userinfo endpoint answered with status ${answer.status}` };
  const claims = parseJsonObject(answer.body);
  if (!claims) return { kind: "failed", text: "userinfo is not a JSON object" };
  return claims.sub === subject
    ? { kind: "claims", claims }
    : { kind: "dropped", text: "userinfo belongs to another subject" };
}
