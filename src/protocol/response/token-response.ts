import { failureOf, isOk } from "./failure.ts";
import type { HttpResponse } from "./http-response.ts";
import { parseJsonObject } from "./json.ts";
import type { TokenOutcome } from "./outcome.ts";
import { readTokenSet } from "./token-set.ts";

export { ofRefresh, transportOutcome, withoutPolling } from "./failure.ts";
export { oauthErrorText, withoutSecrets, withText } from "./oauth-error.ts";
export { retryAfterSeconds } from "./retry-after.ts";

/**
 * Classifies the complete answer of a token endpoint (requirements.md section 2). Total and never throws: tokens are
 * salvaged first, then the server's own `error` counts, then the status. The parser is our own, because `oauth4webapi`
 * throws on answers that carry the only living refresh token.
 */
export function processTokenResponse(response: HttpResponse): TokenOutcome {
  const json = parseJsonObject(response.body);
  const salvaged = json && isOk(response.status) ? readTokenSet(json) : undefined;
  if (salvaged) return { kind: "tokens", ...salvaged };
  return failureOf(response, json, "server response missing access_token");
}
