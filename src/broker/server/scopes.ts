import { splitScopes } from "../record/grant.ts";
import type { ResolvedServer } from "./resolve-server.ts";

/** `openid` is asked for first where the provider speaks OpenID Connect (oauthapp.md section 9). */
export function scopesToAsk(server: ResolvedServer, asked: readonly string[]): readonly string[] {
  const scopes = [...(server.binding?.scopes ?? []), ...splitScopes(asked)];
  return server.provider.openid && !scopes.includes("openid") ? ["openid", ...scopes] : scopes;
}

/** RFC 6749 3.3: separated by spaces, where the provider wants nothing else. */
export function joinScopes(server: ResolvedServer, scopes: readonly string[]): string {
  const { scopeSeparator, scopeSeparatorInRequests } = server.provider.quirks;
  return scopes.join(scopeSeparatorInRequests ? (scopeSeparator ?? " ") : " ");
}
