import { deviceCodeGrantRequest } from "oauth4webapi";
import { oauthClient, oauthClientAuth } from "./client/client-authentication.ts";
import type { AuthorizationServer, Call, Client } from "./client.ts";
import { send } from "./endpoint.ts";

/** ONE poll of the token endpoint (RFC 8628 3.4); when the next one is due is the queue's business. */
export function deviceTokenRequest(
  as: AuthorizationServer,
  client: Client,
  deviceCode: string,
  call: Call,
): Promise<Response> {
  return send(call, (options) =>
    deviceCodeGrantRequest(as, oauthClient(client), oauthClientAuth(client), deviceCode, options),
  );
}
