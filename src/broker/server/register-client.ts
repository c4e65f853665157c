import type { BoundClient } from "../../credential/index.ts";
import { registeredAuthMethod } from "../../protocol/client/choose-auth-method.ts";
import {
  type ClientMetadata,
  notGranted,
  processRegistrationResponse,
  type RegistrationOutcome,
  registrationRequest,
} from "../../protocol/client/registration.ts";
import { AUTH_METHODS, type AuthorizationServer, type Call } from "../../protocol/client.ts";
import { exchange } from "../../protocol/endpoint.ts";
import { applyQuirks, type Quirks } from "../../protocol/quirks.ts";
import { oauthErrorText, transportOutcome, withoutSecrets } from "../../protocol/response/token-response.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import type { Registration, ServerRecord } from "./server-record.ts";

const PREFIX = "client registration failed: ";

export interface RegistrationInput {
  readonly mount: string;
  readonly metadata: AuthorizationServer;
  readonly quirks: Quirks;
  readonly body: ClientMetadata;
  /** REG-03: what must be granted; anything else may be changed by the server. */
  readonly needed: Parameters<typeof notGranted>[1];
  readonly initialAccessToken: string;
}

export interface RegisteredClient extends BoundClient {
  readonly registration: Registration;
}

/**
 * Registers the broker as a client (RFC 7591). Not idempotent at the server, so it is asked once; an orphan after a crash is
 * a client nobody uses. Throws `BrokerError`.
 */
export async function registerClient(
  context: Context,
  input: RegistrationInput,
  call: Call,
): Promise<RegisteredClient> {
  await context.store.check();
  limitRegistrations(context, input.mount, input.metadata.registration_endpoint ?? "");
  const outcome = await request(input, call);
  if (outcome.kind === "registered") {
    const missing = notGranted(outcome.metadata, input.needed);
    if (missing !== undefined) throw invalid(`${PREFIX}the server did not grant ${missing}`);
    return clientOf(outcome, input.body);
  }
  if (outcome.kind === "refused") {
    const error = withoutSecrets(outcome.error, [input.initialAccessToken]);
    throw invalid(PREFIX + oauthErrorText(error), { providerError: error.providerCode });
  }
  const text = "text" in outcome ? outcome.text : "the server answered with tokens";
  const retryAfter =
    "retryAfter" in outcome && outcome.retryAfter !== undefined ? { retryAfter: outcome.retryAfter } : {};
  const absent = outcome.kind === "unavailable" && (outcome.status === 404 || outcome.status === 405);
  const more = { ...retryAfter, ...(absent && { absent }) };
  throw new BrokerError("repeat", PREFIX + text, { reason: "temporarily_unavailable", ...more });
}

async function request({ metadata, quirks, body, initialAccessToken }: RegistrationInput, call: Call) {
  const bearer = initialAccessToken === "" ? {} : { initialAccessToken };
  const answer = await exchange(registrationRequest(metadata, body, bearer, call));
  if (answer instanceof TransportError) return transportOutcome(answer);
  return processRegistrationResponse(applyQuirks(answer, quirks));
}

type ClientInformation = Extract<RegistrationOutcome, { kind: "registered" }>;

/** Those whose secret comes with the registration. */
const METHODS = AUTH_METHODS.filter((method) => method !== "private_key_jwt");

/** REG-03: the server may grant something else than was asked for; what it says is what counts. */
function clientOf(information: ClientInformation, requested: ClientMetadata): RegisteredClient {
  const granted = information.metadata.token_endpoint_auth_method ?? requested.token_endpoint_auth_method;
  const { clientId, clientSecret, clientSecretExpiresAt, registrationAccessToken, registrationClientUri } = information;
  const method = METHODS.find((known) => known === granted) ?? "client_secret_basic";
  if (method !== "none" && clientSecret === undefined) {
    throw invalid(`${PREFIX}the server granted ${method} but sent no client_secret`);
  }
  return {
    clientId,
    method,
    ...(method !== "none" && clientSecret !== undefined && { secret: clientSecret }),
    registration: {
      ...(clientSecretExpiresAt !== undefined && { clientSecretExpiresAt }),
      ...(registrationAccessToken !== undefined && { registrationAccessToken }),
      ...(registrationClientUri !== undefined && { registrationClientUri }),
    },
  };
}

type RegisteredServer = Pick<ServerRecord, "clientId" | "clientSecrets" | "authMethod"> & {
  readonly registration: Registration;
};

/** One client for a server record without `client_id`, registered when the record is written. Throws `BrokerError`. */
export async function registerServer(
  context: Context,
  { mount, metadata, initialAccessToken }: Pick<RegistrationInput, "mount" | "metadata" | "initialAccessToken">,
  call: Call,
): Promise<RegisteredServer> {
  if (metadata.registration_endpoint === undefined) {
    throw invalid("missing client ID: this server does not support dynamic client registration");
  }
  const body = clientMetadata(context, mount, metadata);
  const needed = { grantTypes: body.grant_types, redirectUris: body.redirect_uris };
  const input = { mount, metadata, quirks: {}, body, needed, initialAccessToken };
  const { clientId, method, secret, registration } = await registerClient(context, input, call);
  return { clientId, clientSecrets: secret === undefined ? [] : [secret], authMethod: method, registration };
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
    token_endpoint_auth_method: registeredAuthMethod(metadata.token_endpoint_auth_methods_supported),
  };
}

/** REG-13: in one minute, at one host for one mount. A person's login is one; a loop is many. */
const MOST = 20;

/** Counts a registration; throws `BrokerError` when there were too many: a named server must not make us a flood. */
function limitRegistrations({ caches }: Context, mount: string, endpoint: string): void {
  const retryAfter = caches.registrations.take(`${mount}\n${new URL(endpoint).host}`, MOST);
  if (retryAfter === 0) return;
  const text = "too many client registrations at this server: try again in a moment";
  throw new BrokerError("wait", text, { reason: "temporarily_unavailable", retryAfter });
}
