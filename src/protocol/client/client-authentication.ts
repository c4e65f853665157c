import {
  type ClientAuth,
  ClientSecretJwt,
  ClientSecretPost,
  modifyAssertion,
  None,
  type Client as OAuthClient,
  PrivateKeyJwt,
} from "oauth4webapi";
import type { Client, ClientAuthentication } from "../client.ts";

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
      return basic(authentication.secret);
    case "client_secret_post":
      return ClientSecretPost(authentication.secret);
    case "client_secret_jwt":
      return ClientSecretJwt(authentication.secret);
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
function basic(secret: string): ClientAuth {
  return (_as, client, _body, headers) => {
    headers.set("authorization", basicCredentials(client.client_id, secret));
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
    await PrivateKeyJwt(kid === undefined ? { key } : { key, kid }, withAlgorithm(algorithm))(...request);
  };
}

/** Most servers still call Ed25519 by its older name; the rest of the assertion is the library's, for `as.issuer`. */
function withAlgorithm(algorithm: string) {
  return {
    [modifyAssertion]: (header: Record<string, unknown>) => {
      header.alg = algorithm;
    },
  };
}
