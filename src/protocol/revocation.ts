import { revocationRequest as oauthRevocationRequest } from "oauth4webapi";
import type { Answer } from "./answer.ts";
import type { AuthorizationServer, Call, Client } from "./client.ts";
import { oauthClient, oauthClientAuth } from "./client-authentication.ts";
import { send } from "./endpoint.ts";
import { failureOf, isOk, withoutPolling } from "./failure.ts";
import { parseJsonObject } from "./json.ts";
import { oauthErrorText, withoutSecrets } from "./oauth-error.ts";

export type RevocationAnswer =
  | { readonly kind: "revoked" }
  /** The token must be assumed alive (REV-03). `retryAfter` in seconds. */
  | { readonly kind: "again"; readonly text: string; readonly retryAfter?: number }
  | { readonly kind: "refused"; readonly code: string; readonly text: string };

/** The token is gone already, said by servers that do not keep to REV-02. */
const GONE: ReadonlySet<string> = new Set(["invalid_token", "invalid_grant"]);

/** Revokes one token (RFC 7009 2.1). */
export function revocationRequest(
  as: AuthorizationServer,
  client: Client,
  { token, hint }: { readonly token: string; readonly hint: "access_token" | "refresh_token" },
  call: Call,
): Promise<Response> {
  return send(call, (options) =>
    oauthRevocationRequest(as, oauthClient(client), oauthClientAuth(client), token, {
      ...options,
      additionalParameters: { token_type_hint: hint },
    }),
  );
}

/** `secrets`: what the request carried. RFC 7009 2.2: any 2xx means revoked, whatever its body; the server's own words are not repeated. */
export function processRevocationAnswer(answer: Answer, secrets: readonly string[] = []): RevocationAnswer {
  if (isOk(answer.status)) return { kind: "revoked" };
  const failure = withoutPolling(failureOf(answer, parseJsonObject(answer.body), ""), answer);
  if (failure.kind !== "refused") {
    const { text, retryAfter } = failure;
    return { kind: "again", text, ...(retryAfter !== undefined && { retryAfter }) };
  }
  const { code, providerCode } = withoutSecrets(failure.error, secrets);
  return GONE.has(code) ? { kind: "revoked" } : { kind: "refused", code, text: oauthErrorText({ code, providerCode }) };
}
