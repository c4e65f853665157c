import { DEFAULT_INTERVAL, type DevicePending } from "../../credential/index.ts";
import type { Answer } from "../../protocol/answer/answer.ts";
import { oauthErrorText, transportOutcome, withoutSecrets } from "../../protocol/answer/token-answer.ts";
import { TransportError } from "../../protocol/answer/transport-error.ts";
import type { Call, Client } from "../../protocol/client.ts";
import {
  type DeviceAuthorization,
  type DeviceAuthorizationOutcome,
  deviceAuthorizationRequest,
  processDeviceAuthorizationAnswer,
} from "../../protocol/device-authorization.ts";
import { exchange } from "../../protocol/endpoint.ts";
import { applyQuirks } from "../../protocol/quirks.ts";
import { hostOf, verificationPageWarning } from "../../protocol/verification-page.ts";
import { refusalOf } from "../attempt/refusal.ts";
import { BrokerError, invalid, type PendingView } from "../errors.ts";
import { detach } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { newId } from "../process/random.ts";
import { newGeneration } from "../record/commit.ts";
import { grantOf } from "../record/grant.ts";
import { asEachClient, secretsOf } from "../server/clients.ts";
import { makeReady, type Operation, openOperation, type ReadyOperation, secondsLeft } from "../server/operation.ts";
import type { Login } from "../server/registered-client.ts";
import { boundGrant, orRefuse, type ResolvedServer } from "../server/resolve-server.ts";
import { joinScopes, scopesToAsk } from "../server/scopes.ts";
import type { CredentialWrite, DeviceStart } from "./credential-write.ts";
import { pendingView } from "./pending-view.ts";

const PREFIX = "device code authorization request failed: ";

const LOGIN: Login = { grantType: "urn:ietf:params:oauth:grant-type:device_code" };

/** Life of a caller's own device code whose `expires_in` it did not tell; a code never counts longer than a day. Seconds. */
const OWN_CODE_LIFE = 1_800;
const LONGEST_LIFE = 86_400;

/** A device flow that somebody writes: asks for a code, or takes the caller's own (RFC 8628). */
export async function writeDeviceCode(context: Context, write: CredentialWrite): Promise<PendingView | undefined> {
  const { mount, input } = write;
  const operation = orRefuse(await openOperation(context, mount, input));
  if (input.deviceCode === "") return startDeviceCode(context, operation, write);
  const ready = await makeReady(context, operation);
  await store(context, ready, write, ownFlow(context, ready, write));
  return undefined;
}

/** Asks for a code, and leaves the polling to the queue. */
export async function startDeviceCode(
  context: Context,
  operation: Operation,
  start: DeviceStart,
): Promise<PendingView> {
  const ready = await makeReady(context, operation, LOGIN);
  if (ready.server.metadata.device_authorization_endpoint === undefined) throw invalid("device code URL not available");
  // A22: a code that could not be stored is not asked for.
  await context.store.check();
  return detach(context, requestCode(context, ready, start));
}

async function requestCode(context: Context, operation: ReadyOperation, start: DeviceStart): Promise<PendingView> {
  const requestedAt = context.clock.now();
  const { outcome, text } = await within(context, secondsLeft(context, operation), (call) =>
    asEachClient(context, operation.server, (client) => request(operation, client, start, call), isUnknownClient),
  );
  if (outcome.kind === "device") return keep(context, operation, start, { device: outcome.device, requestedAt });
  if (!isForgotten(operation, outcome)) throw refusal(outcome, text + adviceOn(operation, outcome));
  // MX-R7: the shared client is gone at the server; once, because the next one is new.
  return requestCode(context, await makeReady(context, operation, { ...LOGIN, forget: true }), start);
}

async function keep(
  context: Context,
  operation: ReadyOperation,
  start: DeviceStart,
  asked: { device: Device; requestedAt: number },
): Promise<PendingView> {
  const { server, settings } = operation;
  const pageWarning = verificationWarning(server, asked.device);
  // Vault's answers have warnings where the server was found by a name that somebody typed.
  const warnings = [...operation.warnings, ...(server.binding && pageWarning !== undefined ? [pageWarning] : [])];
  const flow = {
    ...askedFlow(context, operation, start, { ...asked, longest: settings.deviceFlowSeconds }),
    ...(warnings.length > 0 && { warnings }),
    ...(pageWarning !== undefined && { pageWarning }),
  };
  await store(context, operation, start, flow);
  return pendingView(flow);
}

interface Response {
  readonly outcome: DeviceAuthorizationOutcome;
  readonly text: string;
}

function isUnknownClient({ outcome }: Response): boolean {
  return outcome.kind === "refused" && outcome.error.code === "invalid_client";
}

async function request(
  { server }: ReadyOperation,
  client: Client,
  { input, label }: DeviceStart,
  within: Call,
): Promise<Response> {
  const call = label !== undefined && server.binding ? labelled(within, label) : within;
  const as = server.provider.deviceAuthentication ? client : { ...client, authentication: { method: "none" } as const };
  const scopes = joinScopes(server, scopesToAsk(server, input.scopes));
  const sent = deviceAuthorizationRequest(server.metadata, as, scopes === "" ? {} : { scopes }, call);
  const outcome = outcomeOf(server, await exchange(sent), secretsOf(client));
  return { outcome, text: outcome.kind === "device" ? "" : PREFIX + textOf(outcome) };
}

function outcomeOf(
  { provider: { quirks } }: ResolvedServer,
  answer: Answer | TransportError,
  secrets: readonly string[],
): DeviceAuthorizationOutcome {
  if (answer instanceof TransportError) return transportOutcome(answer) as DeviceAuthorizationOutcome;
  const outcome = processDeviceAuthorizationAnswer(applyQuirks(answer, quirks));
  return outcome.kind === "refused" ? { kind: "refused", error: withoutSecrets(outcome.error, secrets) } : outcome;
}

/** MX-G1: where people approve they see our user agent, and servers name the device by it. */
function labelled(call: Call, label: string): Call {
  return { ...call, fetch: (url, init) => call.fetch(url, { ...init, label }) };
}

type Device = Extract<DeviceAuthorizationOutcome, { kind: "device" }>["device"];
type Refused = Exclude<DeviceAuthorizationOutcome, { kind: "device" }>;

function textOf(outcome: Refused): string {
  return outcome.kind === "refused" ? oauthErrorText(outcome.error) : outcome.text;
}

function refusal(outcome: Refused, text: string): BrokerError {
  if (outcome.kind === "malformed") return new BrokerError("repeat", text, { reason: "temporarily_unavailable" });
  return refusalOf({ outcome, text }, "repeatable");
}

const UNKNOWN_CLIENT: ReadonlySet<string> = new Set(["invalid_client", "unauthorized_client"]);

/** A client that was registered for an earlier login, and that the server does not know any more. */
function isForgotten({ shared }: ReadyOperation, outcome: Refused): boolean {
  return shared && outcome.kind === "refused" && UNKNOWN_CLIENT.has(outcome.error.code);
}

/** MX-S5: a device that is there already keeps its encryption, and some servers give it to no second login. */
function adviceOn({ server: { provider } }: ReadyOperation, outcome: Refused): string {
  const isOld = provider.home?.deviceId !== undefined;
  const isScope = outcome.kind === "refused" && outcome.error.code === "invalid_scope";
  return isOld && isScope ? "; the server may not take this device again: leave out device_id for a new one" : "";
}

function askedFlow(
  context: Context,
  operation: ReadyOperation,
  start: DeviceStart,
  { device, requestedAt, longest }: { device: Device; requestedAt: number; longest: number },
): DevicePending {
  const { verificationUriComplete, expiresIn } = device;
  return {
    ...freshFlow(context, operation, start, device.interval),
    deviceCode: device.deviceCode,
    userCode: device.userCode,
    verificationUri: device.verificationUri,
    ...(verificationUriComplete !== undefined && { verificationUriComplete }),
    expiresAt: requestedAt + (longest > 0 ? Math.min(longest, expiresIn) : expiresIn) * 1000,
  };
}

function ownFlow(context: Context, operation: ReadyOperation, write: CredentialWrite): DevicePending {
  const { input } = write;
  const life = Math.min(input.expiresIn > 0 ? input.expiresIn : OWN_CODE_LIFE, LONGEST_LIFE);
  const flow = freshFlow(context, operation, write, input.interval > 0 ? input.interval : DEFAULT_INTERVAL);
  return { ...flow, deviceCode: input.deviceCode, expiresAt: flow.startedAt + life * 1000 };
}

function freshFlow({ clock }: Context, { server }: ReadyOperation, { input, session }: DeviceStart, interval: number) {
  const now = clock.now();
  return {
    status: "pending",
    flow: "device",
    grant: boundGrant(grantOf(server.name, input, session), server),
    interval,
    unanswered: 0,
    answerLost: false,
    // RFC 8628 3.4: the interval is waited before the first poll too.
    notBefore: now + interval * 1000,
    startedAt: now,
  } as const;
}

async function store(
  context: Context,
  { mount, settings }: Operation,
  { name }: Pick<DeviceStart, "name">,
  flow: DevicePending,
): Promise<void> {
  const started = { kind: "device", outcome: "started" } as const;
  const row = await newGeneration(context, { mount, name, id: newId() }, flow, settings, started);
  await context.store.write(row, { anything: true });
  context.wake();
}

/** XD-13: the page of a device login is on a host of its server, or the person is warned. */
export function verificationWarning(server: ResolvedServer, authorization: DeviceAuthorization): string | undefined {
  return verificationPageWarning(authorization, [...ownUrls(server).map(hostOf), ...server.provider.verificationHosts]);
}

/** Its issuer and its endpoints; of one that was found by a homeserver's name the two that name it. */
function ownUrls({ binding, metadata }: ResolvedServer): readonly string[] {
  if (binding) return [metadata.issuer, binding.baseUrl];
  const { issuer, authorization_endpoint, token_endpoint, device_authorization_endpoint } = metadata;
  const urls = [issuer, authorization_endpoint, token_endpoint, device_authorization_endpoint];
  return urls.filter((url) => url !== undefined && URL.canParse(url)) as readonly string[];
}
