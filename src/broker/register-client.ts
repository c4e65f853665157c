import { operationTimeout } from "../credential/index.ts";
import type { AuthMethod, AuthorizationServer } from "../protocol/client.ts";
import { exchange } from "../protocol/endpoint.ts";
import { processRegistrationAnswer, registrationRequest } from "../protocol/registration.ts";
import { oauthErrorText, transportOutcome } from "../protocol/token-answer.ts";
import { TransportError } from "../protocol/transport-error.ts";
import { type Context, callWithin } from "./context.ts";
import { BrokerError, invalid } from "./errors.ts";
import type { Registration, ServerRecord } from "./server-record.ts";
import { settingsOf } from "./settings.ts";

const PREFIX = "client registration failed: ";

type Registered = Pick<ServerRecord, "clientId" | "clientSecrets" | "authMethod"> & {
  readonly registration: Registration;
};

/**
 * Registers the broker as a client (RFC 7591) for a server record without `client_id`. Not idempotent at the server, so
 * it is asked once per write; an orphan after a crash is a client nobody uses.
 */
export async function registerClient(
  context: Context,
  mount: string,
  metadata: AuthorizationServer,
): Promise<Registered> {
  if (metadata.registration_endpoint === undefined) {
    throw invalid("missing client ID: this server does not register clients by itself");
  }
  await context.store.check();
  const { call, done } = callWithin(context, operationTimeout(await settingsOf(context, mount), undefined, 0));
  try {
    const body = clientMetadata(context, mount, metadata);
    const answer = await exchange(registrationRequest(metadata, body, {}, call));
    const outcome = answer instanceof TransportError ? transportOutcome(answer) : processRegistrationAnswer(answer);
    if (outcome.kind === "registered") {
      requireGranted(outcome.metadata, body);
      return registered(outcome, body.token_endpoint_auth_method);
    }
    if (outcome.kind === "refused") throw invalid(PREFIX + oauthErrorText(outcome.error));
    const text = "text" in outcome ? outcome.text : "the server answered with tokens";
    throw new BrokerError("repeat", PREFIX + text, { reason: "temporarily_unavailable" });
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

interface Answered {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly clientSecretExpiresAt?: number;
  readonly registrationAccessToken?: string;
  readonly registrationClientUri?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** REG-03: what is left out stays as asked (RFC 7591 3.2.1); a client without its way back or its grants is none. */
function requireGranted(granted: Readonly<Record<string, unknown>>, asked: ReturnType<typeof clientMetadata>): void {
  for (const member of ["redirect_uris", "grant_types"] as const) {
    const given = granted[member];
    if (given === undefined) continue;
    const missing = asked[member].filter((value) => !Array.isArray(given) || !given.includes(value));
    if (missing.length > 0) throw invalid(`${PREFIX}the server did not grant ${member}: ${missing.join(", ")}`);
  }
}

/** REG-03: the server may grant something else than was asked for; what it says is what counts. */
function registered(answer: Answered, asked: AuthMethod): Registered {
  const granted = answer.metadata.token_endpoint_auth_method;
  const { clientSecret, clientSecretExpiresAt, registrationAccessToken, registrationClientUri } = answer;
  const known: readonly AuthMethod[] = ["none", "client_secret_basic", "client_secret_post", "client_secret_jwt"];
  const authMethod = known.find((method) => method === granted) ?? asked;
  if (authMethod !== "none" && clientSecret === undefined) {
    throw invalid(`${PREFIX}the server granted ${authMethod} but sent no client_secret`);
  }
  return {
    clientId: answer.clientId,
    clientSecrets: clientSecret === undefined ? [] : [clientSecret],
    authMethod,
    registration: {
      ...(clientSecretExpiresAt !== undefined && { clientSecretExpiresAt }),
      ...(registrationAccessToken !== undefined && { registrationAccessToken }),
      ...(registrationClientUri !== undefined && { registrationClientUri }),
    },
  };
}
