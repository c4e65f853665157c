import {
  type ClientAuth,
  ClientSecretJwt,
  ClientSecretPost,
  modifyAssertion,
  None,
  type Client as OAuthClient,
  PrivateKeyJwt,
} from "oauth4webapi";
import type { Audience, AuthorizationServer, Client, ClientAuthentication } from "../client.ts";

/** The client as `oauth4webapi` wants it. */
export function oauthClient(client: Client): OAuthClient {
  return { client_id: client.clientId };
}

/** Exactly one way to authenticate (OA-02); `none` puts `client_id` into the body. */
export function oauthClientAuth(client: Client): ClientAuth {
  const { authentication } = client;
  switch (authentication.method) {
    case "none":
      return None();
    case "client_secret_basic":
      return basic(authentication);
    case "client_secret_post":
      return ClientSecretPost(authentication.secret);
    case "client_secret_jwt":
      return clientSecretJwt(authentication);
    case "private_key_jwt":
      return privateKeyJwt(authentication);
    default:
      return authentication satisfies never;
  }
}

/**
 * OA-03, RFC 6749 2.3.1 and appendix B. Not the library's: that also escapes `-` and `_`, which servers that forget to
 * decode then take literally.
 */
function basic({ secret, isUser = false }: { readonly secret: string; readonly isUser?: boolean }): ClientAuth {
  return (_as, client, _body, headers) => {
    headers.set("authorization", isUser ? basicCredentials(secret, "") : basicCredentials(client.client_id, secret));
  };
}

/** RFC 7617, with both parts form-encoded first. */
export function basicCredentials(clientId: string, secret: string): string {
  return `Basic ${btoa(`${formEncode(clientId)}:${formEncode(secret)}`)}`;
}

function formEncode(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}

function privateKeyJwt(authentication: Extract<ClientAuthentication, { method: "private_key_jwt" }>): ClientAuth {
  return async (...request) => {
    // The walk's page has no key, and need not load what reads one.
    const { importClientKey } = await import("./client-key.ts");
    const { key, algorithm, keyId } = await importClientKey(authentication.key, authentication.algorithm);
    const kid = authentication.keyId ?? keyId;
    const [as] = request;
    const assertion = forAudience(as, authentication.audience, { alg: algorithm });
    await PrivateKeyJwt(kid === undefined ? { key } : { key, kid }, assertion)(...request);
  };
}

function clientSecretJwt({
  secret,
  audience,
}: Extract<ClientAuthentication, { method: "client_secret_jwt" }>): ClientAuth {
  return (...request) => ClientSecretJwt(secret, forAudience(request[0], audience))(...request);
}

/**
 * Most servers still call Ed25519 by its older name (`alg`), and some want another `aud` than the issuer; the rest of the
 * assertion is the library's.
 */
function forAudience(as: AuthorizationServer, audience: Audience | undefined, more: { readonly alg?: string } = {}) {
  return {
    [modifyAssertion]: (header: Record<string, unknown>, payload: Record<string, unknown>) => {
      Object.assign(header, more);
      if (audience !== undefined) payload.aud = audience === "token_endpoint" ? as.token_endpoint : audience;
    },
  };
}
