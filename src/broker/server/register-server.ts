import { operationTimeout } from "../../credential/index.ts";
import type { AuthMethod, AuthorizationServer } from "../../protocol/client.ts";
import { invalid } from "../errors.ts";
import { type Context, callWithin } from "../process/context.ts";
import { settingsOf } from "../record/settings.ts";
import { registerClient } from "./register-client.ts";
import type { Registration, ServerRecord } from "./server-record.ts";

type Registered = Pick<ServerRecord, "clientId" | "clientSecrets" | "authMethod"> & {
  readonly registration: Registration;
};

/** One client for a server record without `client_id`, registered when the record is written. Throws `BrokerError`. */
export async function registerServer(
  context: Context,
  mount: string,
  metadata: AuthorizationServer,
  initialAccessToken: string,
): Promise<Registered> {
  if (metadata.registration_endpoint === undefined) {
    throw invalid("missing client ID: this server does not register clients by itself");
  }
  const body = clientMetadata(context, mount, metadata);
  const needed = { grantTypes: body.grant_types, redirectUris: body.redirect_uris };
  const { call, done } = callWithin(context, operationTimeout(await settingsOf(context, mount), undefined, 0));
  try {
    const input = { mount, metadata, quirks: {}, body, needed, initialAccessToken };
    const { clientId, method, secret, registration } = await registerClient(context, input, call);
    return { clientId, clientSecrets: secret === undefined ? [] : [secret], authMethod: method, registration };
  } finally {
    done();
  }
}

function clientMetadata(context: Context, mount: string, metadata: AuthorizationServer) {
  const device = metadata.device_authorization_endpoint !== undefined;
  const redirectUris = context.publicUrl === undefined ? [] : [`${context.publicUrl}/v1/${mount}/callback`];
  return {
    client_name: "Coatcheck",
    redirect_uris: redirectUris,
    response_types: redirectUris.length > 0 ? ["code"] : [],
    grant_types: [
      ...(redirectUris.length > 0 ? ["authorization_code"] : []),
      "refresh_token",
      ...(device ? ["urn:ietf:params:oauth:grant-type:device_code"] : []),
    ],
    token_endpoint_auth_method: methodFor(metadata),
  };
}

function methodFor(metadata: AuthorizationServer): AuthMethod {
  const offered = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const wanted = ["none", "client_secret_basic", "client_secret_post"] as const;
  return wanted.find((method) => offered.includes(method)) ?? "client_secret_basic";
}
