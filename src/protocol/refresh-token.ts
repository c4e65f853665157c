import { refreshTokenGrantRequest } from "oauth4webapi";
import { oauthClient, oauthClientAuth } from "./client/client-authentication.ts";
import type { AuthorizationServer, Call, Client } from "./client.ts";
import { send } from "./endpoint.ts";
import { type ExtraParameters, requestBody } from "./extra-parameters.ts";

/** RFC 6749 6, without `scope`, which means the scope granted before (OA-11). The token counts as used once this is sent. */
export function refreshTokenRequest(
  as: AuthorizationServer,
  client: Client,
  refreshToken: string,
  call: Call,
  parameters: ExtraParameters = [],
): Promise<Response> {
  const additionalParameters = requestBody({}, parameters);
  return send(call, (options) =>
    refreshTokenGrantRequest(as, oauthClient(client), oauthClientAuth(client), refreshToken, {
      ...options,
      additionalParameters,
    }),
  );
}
