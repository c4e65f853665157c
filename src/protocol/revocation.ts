import { revocationRequest as oauthRevocationRequest } from "oauth4webapi";
import { basicCredentials, oauthClient, oauthClientAuth } from "./client/client-authentication.ts";
import type { AuthorizationServer, Call, Client } from "./client.ts";
import { send } from "./endpoint.ts";
import { failureOf, isOk, withoutPolling } from "./response/failure.ts";
import type { HttpResponse } from "./response/http-response.ts";
import { parseJsonObject } from "./response/json.ts";
import { oauthErrorText, withoutSecrets } from "./response/oauth-error.ts";

export type RevocationOutcome =
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

/** Where revocation is not RFC 7009 but a call of the provider's own API (GitHub, Slack): it names the access token. */
export interface OwnRevocation {
  readonly method: "DELETE" | "POST";
  readonly url: string;
  /** `client`: Basic with client id and secret. `token`: the access token itself as Bearer. */
  readonly authorization: "client" | "token";
  /** JSON body member that carries the access token. */
  readonly tokenMember?: string;
}

export function ownRevocationRequest(
  { method, url, authorization, tokenMember }: OwnRevocation,
  client: { readonly clientId: string; readonly secret: string },
  accessToken: string,
  call: Call,
): Promise<Response> {
  const own = authorization === "client" ? basicCredentials(client.clientId, client.secret) : `Bearer ${accessToken}`;
  const headers = { accept: "application/json", authorization: own };
  const init: RequestInit = { method, headers, redirect: "manual", signal: call.signal };
  if (tokenMember === undefined) return call.fetch(url, init);
  const json = { headers: { ...headers, "content-type": "application/json" } };
  return call.fetch(url, { ...init, ...json, body: JSON.stringify({ [tokenMember]: accessToken }) });
}

/** `secrets`: what the request carried. RFC 7009 2.2: any 2xx means revoked, whatever its body; the server's own words are not repeated. */
export function processRevocationResponse(response: HttpResponse, secrets: readonly string[] = []): RevocationOutcome {
  if (isOk(response.status)) return { kind: "revoked" };
  const failure = withoutPolling(failureOf(response, parseJsonObject(response.body), ""), response);
  if (failure.kind !== "refused") {
    const { text, retryAfter } = failure;
    return { kind: "again", text, ...(retryAfter !== undefined && { retryAfter }) };
  }
  const { code, providerCode } = withoutSecrets(failure.error, secrets);
  return GONE.has(code) ? { kind: "revoked" } : { kind: "refused", code, text: oauthErrorText({ code, providerCode }) };
}
