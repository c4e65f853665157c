import { deviceCodeGrantRequest } from "oauth4webapi";
import { oauthClient, oauthClientAuth } from "./client/client-authentication.ts";
import type { AuthorizationServer, Call, Client } from "./client.ts";
import { send } from "./endpoint.ts";
import { type ExtraParameters, requestBody } from "./extra-parameters.ts";

/** What a poll carries beside the code. */
export interface DevicePoll {
  /** Sent exactly when a challenge was (PKCE-05). */
  readonly codeVerifier?: string | undefined;
  readonly parameters?: ExtraParameters;
}

/** ONE poll of the token endpoint (RFC 8628 3.4); when the next one is due is the queue's business. */
export function deviceTokenRequest(
  as: AuthorizationServer,
  client: Client,
  deviceCode: string,
  call: Call,
  { codeVerifier, parameters }: DevicePoll = {},
): Promise<Response> {
  const additionalParameters = requestBody({ code_verifier: codeVerifier }, parameters);
  return send(call, (options) =>
    deviceCodeGrantRequest(as, oauthClient(client), oauthClientAuth(client), deviceCode, {
      ...options,
      additionalParameters,
    }),
  );
}
