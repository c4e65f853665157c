import { genericTokenEndpointRequest } from "oauth4webapi";
import { oauthClient, oauthClientAuth } from "./client/client-authentication.ts";
import type { AuthorizationServer, Call, Client } from "./client.ts";
import { send } from "./endpoint.ts";
import { type ExtraParameters, requestBody } from "./extra-parameters.ts";

export interface AuthorizationCode {
  readonly code: string;
  /** Exactly as in the authorization request (OA-15). */
  readonly redirectUri?: string;
  /** Sent exactly when a challenge was (PKCE-05). */
  readonly codeVerifier?: string;
  readonly parameters?: ExtraParameters;
}

/**
 * Redeems a code (RFC 6749 4.1.3). By the generic request: the library's own wants the callback in the same process, and a
 * code may also be handed in by whoever ran the redirect.
 */
export function authorizationCodeRequest(
  as: AuthorizationServer,
  client: Client,
  { code, redirectUri, codeVerifier, parameters: extra }: AuthorizationCode,
  call: Call,
): Promise<Response> {
  const parameters = requestBody({ code, redirect_uri: redirectUri, code_verifier: codeVerifier }, extra);
  return send(call, (options) =>
    genericTokenEndpointRequest(
      as,
      oauthClient(client),
      oauthClientAuth(client),
      "authorization_code",
      parameters,
      options,
    ),
  );
}
