import { clientCredentialsGrantRequest } from "oauth4webapi";
import { oauthClient, oauthClientAuth } from "./client/client-authentication.ts";
import type { AuthorizationServer, Call, Client } from "./client.ts";
import { send } from "./endpoint.ts";
import { type ExtraParameters, requestBody } from "./extra-parameters.ts";

export interface ClientCredentials {
  /** Already joined. */
  readonly scope?: string;
  /** Further body parameters, for example `audience`. */
  readonly parameters?: ExtraParameters;
}

/** RFC 6749 4.4.2. */
export function clientCredentialsRequest(
  as: AuthorizationServer,
  client: Client,
  { scope, parameters }: ClientCredentials,
  call: Call,
): Promise<Response> {
  const body = requestBody({ scope }, parameters);
  return send(call, (options) =>
    clientCredentialsGrantRequest(as, oauthClient(client), oauthClientAuth(client), body, options),
  );
}
