import { genericTokenEndpointRequest } from "oauth4webapi";
import { oauthClient, oauthClientAuth } from "./client/client-authentication.ts";
import type { AuthorizationServer, Call, Client } from "./client.ts";
import { send } from "./endpoint.ts";
import { type ExtraParameters, extraParameters } from "./extra-parameters.ts";
import type { TokenSet } from "./response/outcome.ts";

const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

export interface TokenExchange {
  readonly subjectToken: string;
  /** Already joined. */
  readonly scope?: string;
  readonly audiences: readonly string[];
  /** RFC 8707: absolute URIs. */
  readonly resources: readonly string[];
  /** None of them may have a name of the above. */
  readonly parameters?: ExtraParameters;
}

/** RFC 8693 2.1: an access token for another one; several audiences and resources as repeated parameters (RES-02). */
export function tokenExchangeRequest(
  as: AuthorizationServer,
  client: Client,
  { subjectToken, scope, audiences, resources, parameters: more }: TokenExchange,
  call: Call,
): Promise<Response> {
  const parameters = [
    ...extraParameters(more),
    ["subject_token", subjectToken],
    ["subject_token_type", ACCESS_TOKEN],
    ["requested_token_type", ACCESS_TOKEN],
    ...audiences.map((audience) => ["audience", audience]),
    ...resources.map((resource) => ["resource", resource]),
    ...(scope === undefined || scope === "" ? [] : [["scope", scope]]),
  ];
  return send(call, (options) =>
    genericTokenEndpointRequest(as, oauthClient(client), oauthClientAuth(client), TOKEN_EXCHANGE, parameters, options),
  );
}

const USABLE_TYPES: ReadonlySet<string> = new Set([ACCESS_TOKEN, "urn:ietf:params:oauth:token-type:jwt"]);

/** TX-02, TX-03: something else than an access token must never be sent as one. `optional`: where servers leave its type out. */
export function isAccessToken({ issuedTokenType, tokenType }: TokenSet, optional: boolean): boolean {
  const usable = issuedTokenType === undefined ? optional : USABLE_TYPES.has(issuedTokenType);
  return usable && tokenType.toUpperCase() !== "N_A";
}
