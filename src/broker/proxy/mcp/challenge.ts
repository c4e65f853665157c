import { bearerChallenge, parseChallenges } from "../../../protocol/resource/challenges.ts";

/** MCP-T3: the scopes that a 403 asks for (RFC 6750 3.1); none for any other one. */
export function missingScopes(fields: readonly string[]): readonly string[] {
  const challenge = bearerChallenge(parseChallenges(fields.join(", ")) ?? []);
  if (challenge?.error !== "insufficient_scope") return [];
  return (challenge.scope ?? "").split(" ").filter((one) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(one));
}
