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
import { LOOPBACK_REDIRECT, registeredAs } from "../../protocol/loopback-redirect.ts";
import { applyQuirks, type Quirks } from "../../protocol/quirks.ts";
import { oauthErrorText, transportOutcome, withoutSecrets } from "../../protocol/response/token-response.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { callbackOf } from "../process/redirect-uri.ts";
import { clientNamedBy, isSameClient } from "./former-clients.ts";
import type { Needs, Registration, ServerRecord } from "./server-record.ts";

export const NO_REGISTRATION =
  "missing client ID: this server does not support dynamic client registration, so register a client there and give its client_id";

const PREFIX = "client registration failed: ";

export interface RegistrationInput {
  readonly mount: string;
  readonly metadata: AuthorizationServer;
  readonly quirks: Quirks;
  readonly body: ClientMetadata;
  /** REG-03: what must be granted; anything else may be changed by the server. */
  readonly needed: Needs;
  readonly initialAccessToken: string;
  /** See `Login`. */
  readonly network?: string;
}

export interface RegisteredClient extends BoundClient {
  readonly registration: Registration;
  /** Those that were granted, where the answer says it. */
  readonly redirectUris?: readonly string[];
}

/** The server said no, in its own words. */
interface RefusedRegistration {
  readonly refused: BrokerError;
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
  const answer = await tryRegistration(context, input, call);
  if ("refused" in answer) throw answer.refused;
  return answer;
}

/** The same, where a refusal is no end: something else may be asked for. */
export async function tryRegistration(
  context: Context,
  input: RegistrationInput,
  call: Call,
): Promise<RegisteredClient | RefusedRegistration> {
  await context.store.check();
  limitRegistrations(context, input);
  const outcome = await request(input, call);
  if (outcome.kind === "registered") {
    const missing = notGranted(outcome.metadata, input.needed);
    if (missing !== undefined) throw invalid(`${PREFIX}the server did not grant ${missing}`);
    return clientOf(outcome, input.body);
  }
  if (outcome.kind === "refused") {
    const error = withoutSecrets(outcome.error, [input.initialAccessToken]);
    return { refused: invalid(PREFIX + oauthErrorText(error), { providerError: error.providerCode }) };
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
  const { redirect_uris: redirectUris } = information.metadata;
  return {
    clientId,
    method,
    ...(Array.isArray(redirectUris) && { redirectUris: redirectUris.map(String) }),
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

/**
 * The client of a server record without `client_id`: the one that `before` has while that is good for what is needed now, so
 * that a record that is written again registers nothing; else a new one. Throws `BrokerError`.
 */
export async function registerServer(
  context: Context,
  input: Pick<RegistrationInput, "mount" | "metadata" | "network"> & { readonly record: ServerRecord },
  before: ServerRecord | undefined,
  call: Call,
): Promise<RegisteredServer> {
  const { mount, metadata, record, network } = input;
  if (metadata.registration_endpoint === undefined) {
    throw invalid(NO_REGISTRATION);
  }
  const body = clientMetadata(metadata, wayBackOf(context, mount, record));
  const needed = { grantTypes: body.grant_types, redirectUris: body.redirect_uris };
  const kept = before && registrationIn(before, record, needed, context.clock.now());
  if (kept) return kept;
  const { initialAccessToken } = record;
  const who = network === undefined ? {} : { network };
  const asked = { mount, metadata, quirks: {}, body, needed, initialAccessToken, ...who };
  const { clientId, method, secret, registration } = await registerClient(context, asked, call);
  const clientSecrets = secret === undefined ? [] : [secret];
  return { clientId, clientSecrets, authMethod: method, registration: { ...registration, needs: needed } };
}

/** What can be known of `registerServer` without asking for a client: whether the server offers any. Throws `BrokerError`. */
export async function checkRegistration(
  _context: Context,
  { metadata }: Pick<RegistrationInput, "metadata">,
): Promise<object> {
  if (metadata.registration_endpoint === undefined) throw invalid(NO_REGISTRATION);
  return {};
}

/** A registration that is still good: at the same issuer, for all that is needed, known there, its secret alive. */
function registrationIn(
  before: ServerRecord,
  record: ServerRecord,
  needed: Needs,
  now: number,
): RegisteredServer | undefined {
  const { clientId, clientSecrets, authMethod, registration, learned } = before;
  if (!registration || learned?.forgotten) return undefined;
  if (!isSameClient(clientNamedBy(before), clientNamedBy({ ...record, clientId }))) return undefined;
  const { needs = needed, clientSecretExpiresAt: end = 0 } = registration;
  const covers = (has: readonly string[], wanted: readonly string[]) => wanted.every((each) => has.includes(each));
  if (!covers(needs.grantTypes, needed.grantTypes) || !covers(needs.redirectUris, needed.redirectUris))
    return undefined;
  return end === 0 || end * 1000 > now ? { clientId, clientSecrets, authMethod, registration } : undefined;
}

/** Where a browser comes back to the broker: to a port of its own machine, or to its callback; nowhere where it has neither. */
function wayBackOf(context: Context, mount: string, { sessions }: ServerRecord): WayBack {
  const { loopback, publicUrl } = context;
  if (loopback) return { uris: [registeredAs(sessions?.redirectUri || LOOPBACK_REDIRECT)], type: "native" };
  return { uris: publicUrl === undefined ? [] : [callbackOf(publicUrl, context, mount)], type: "web" };
}

interface WayBack {
  readonly uris: readonly string[];
  readonly type: "native" | "web";
}

function clientMetadata(metadata: AuthorizationServer, { uris: redirectUris, type }: WayBack) {
  const device = metadata.device_authorization_endpoint !== undefined;
  return {
    ...(type === "native" && { application_type: type }),
    client_name: "Coatcheck",
    redirect_uris: redirectUris,
    response_types: redirectUris.length > 0 ? ["code"] : [],
    grant_types: [
      ...(redirectUris.length > 0 ? ["authorization_code"] : []),
      "refresh_token",
      ...(device ? ["urn:ietf:params:oauth:grant-type:device_code"] : []),
    ],
    token_endpoint_auth_method: registeredAuthMethod(metadata),
  };
}

/** REG-13: in one minute, at one host for one mount. A person's login is one; a loop is many. */
const MOST = 20;

/** Of one stranger's network, so that two do not use up what all of them have. */
const MOST_OF_ONE = 5;

/**
 * Counts a registration; throws `BrokerError` when there were too many: a named server must not make us a flood. What
 * strangers use up is their own share.
 */
function limitRegistrations({ limiter }: Context, { mount, metadata, network }: RegistrationInput): void {
  const where = `${mount}\n${new URL(metadata.registration_endpoint ?? "").host}`;
  const retryAfter =
    network === undefined
      ? limiter.take("registration", where, MOST)
      : limiter.take("registration of a stranger", `${where}\n${network}`, MOST_OF_ONE) ||
        limiter.take("registration of a stranger", where, MOST);
  if (retryAfter === 0) return;
  const text = "too many client registrations at this server: try again in a moment";
  throw new BrokerError("wait", text, { reason: "temporarily_unavailable", retryAfter });
}
