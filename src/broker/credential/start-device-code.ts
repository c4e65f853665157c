import { DEFAULT_INTERVAL, type DevicePending } from "../../credential/index.ts";
import type { Answer } from "../../protocol/answer.ts";
import type { Call, Client } from "../../protocol/client.ts";
import {
  type DeviceAuthorizationOutcome,
  deviceAuthorizationRequest,
  processDeviceAuthorizationAnswer,
} from "../../protocol/device-authorization.ts";
import { exchange } from "../../protocol/endpoint.ts";
import { applyQuirks } from "../../protocol/quirks.ts";
import { oauthErrorText, transportOutcome, withoutSecrets } from "../../protocol/token-answer.ts";
import { TransportError } from "../../protocol/transport-error.ts";
import { refusalOf } from "../attempt/refusal.ts";
import { allRefused, secretsInOrder, secretsOf } from "../attempt/upstream.ts";
import { BrokerError, invalid, type PendingView } from "../errors.ts";
import { type Context, callWithin, detach, newId } from "../process/context.ts";
import { newGeneration } from "../record/commit.ts";
import { grantOf } from "../record/grant.ts";
import { settingsOf } from "../record/settings.ts";
import type { Login } from "../server/login.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import { joinScopes, scopesToAsk } from "../server/scopes.ts";
import { verificationWarning } from "../server/verification-warning.ts";
import type { CredentialWrite } from "./credential-write.ts";
import { pendingView } from "./pending-view.ts";
import { boundGrant, resolveForWrite, type ServerForWrite, secondsLeft } from "./redeem-write.ts";

const PREFIX = "device code authorization request failed: ";

const LOGIN: Login = { grantType: "urn:ietf:params:oauth:grant-type:device_code" };

/** Life of a caller's own device code whose `expires_in` it did not tell; a code never counts longer than a day. Seconds. */
const OWN_CODE_LIFE = 1_800;
const LONGEST_LIFE = 86_400;

/** RFC 8628: asks for a code, or takes the caller's own, and leaves the polling to the queue. */
export async function startDeviceCode(context: Context, write: CredentialWrite): Promise<PendingView | undefined> {
  const { input } = write;
  if (input.deviceCode !== "") {
    await store(context, write, ownFlow(context, write, await resolve(context, write)));
    return undefined;
  }
  const server = await resolve(context, write, LOGIN);
  if (server.metadata.device_authorization_endpoint === undefined) throw invalid("device code URL not available");
  // A22: a code that could not be stored is not asked for.
  await context.store.check();
  return detach(context, requestCode(context, write, server));
}

function resolve(context: Context, { mount, server, input }: CredentialWrite, login?: Login): Promise<ServerForWrite> {
  return resolveForWrite(context, mount, { server, providerOptions: input.providerOptions }, login);
}

async function requestCode(context: Context, write: CredentialWrite, server: ServerForWrite): Promise<PendingView> {
  const requestedAt = context.clock.now();
  const { call, done } = callWithin(context, secondsLeft(context, server));
  try {
    const { outcome, text } = await requestAsAnyClient(context, server, write, call);
    if (outcome.kind === "device") return await keep(context, write, server, { device: outcome.device, requestedAt });
    if (!isForgotten(server, outcome)) throw refused(outcome, text + adviceOn(server, outcome));
  } finally {
    done();
  }
  // MX-R7: the shared client is gone at the server; once, because the next one is new.
  return requestCode(context, write, await resolve(context, write, { ...LOGIN, forget: true }));
}

async function keep(
  context: Context,
  write: CredentialWrite,
  server: ServerForWrite,
  asked: { device: Device; requestedAt: number },
): Promise<PendingView> {
  const pageWarning = verificationWarning(server, asked.device);
  // Vault's answers have warnings where the server was found by a name that somebody typed.
  const warnings = [...server.warnings, ...(server.binding && pageWarning !== undefined ? [pageWarning] : [])];
  const { deviceFlowSeconds } = await settingsOf(context, write.mount);
  const flow = {
    ...askedFlow(context, write, server, { ...asked, longest: deviceFlowSeconds }),
    ...(warnings.length > 0 && { warnings }),
    ...(pageWarning !== undefined && { pageWarning }),
  };
  await store(context, write, flow);
  return pendingView(flow);
}

/** The secrets in order; the next only after a complete `invalid_client`, as everywhere. */
async function requestAsAnyClient(context: Context, server: ResolvedServer, write: CredentialWrite, call: Call) {
  const texts: string[] = [];
  for (const client of secretsInOrder(context, server)) {
    const outcome = await request(server, client, write, call);
    const text = outcome.kind === "device" ? "" : PREFIX + textOf(outcome);
    if (outcome.kind !== "refused" || outcome.error.code !== "invalid_client") return { outcome, text };
    texts.push(text);
    if (texts.length === server.clients.length) return { outcome, text: allRefused(texts) };
  }
  throw new Error("a server has at least one client");
}

async function request(server: ResolvedServer, client: Client, { input, label }: CredentialWrite, within: Call) {
  const call = label !== undefined && server.binding ? labelled(within, label) : within;
  const as = server.provider.deviceAuthentication ? client : { ...client, authentication: { method: "none" } as const };
  const scopes = joinScopes(server, scopesToAsk(server, input.scopes));
  const sent = deviceAuthorizationRequest(server.metadata, as, scopes === "" ? {} : { scopes }, call);
  const answer: Answer | TransportError = await exchange(sent);
  if (answer instanceof TransportError) return transportOutcome(answer) as DeviceAuthorizationOutcome;
  return scrubbed(processDeviceAuthorizationAnswer(applyQuirks(answer, server.provider.quirks)), secretsOf(client));
}

/** MX-G1: where people approve they see our user agent, and servers name the device by it. */
function labelled(call: Call, label: string): Call {
  return { ...call, fetch: (url, init) => call.fetch(url, { ...init, label }) };
}

function scrubbed(outcome: DeviceAuthorizationOutcome, secrets: readonly string[]): DeviceAuthorizationOutcome {
  return outcome.kind === "refused" ? { kind: "refused", error: withoutSecrets(outcome.error, secrets) } : outcome;
}

type Device = Extract<DeviceAuthorizationOutcome, { kind: "device" }>["device"];
type Refused = Exclude<DeviceAuthorizationOutcome, { kind: "device" }>;

function textOf(outcome: Refused): string {
  return outcome.kind === "refused" ? oauthErrorText(outcome.error) : outcome.text;
}

function refused(outcome: Refused, text: string): BrokerError {
  if (outcome.kind === "malformed") return new BrokerError("repeat", text, { reason: "temporarily_unavailable" });
  return refusalOf({ outcome, text }, "repeatable");
}

const UNKNOWN_CLIENT: ReadonlySet<string> = new Set(["invalid_client", "unauthorized_client"]);

/** A client that was registered for an earlier login, and that the server does not know any more. */
function isForgotten({ shared }: ServerForWrite, outcome: Refused): boolean {
  return shared && outcome.kind === "refused" && UNKNOWN_CLIENT.has(outcome.error.code);
}

/** MX-S5: a device that is there already keeps its encryption, and some servers give it to no second login. */
function adviceOn({ provider }: ServerForWrite, outcome: Refused): string {
  const isOld = provider.home?.deviceId !== undefined;
  const isScope = outcome.kind === "refused" && outcome.error.code === "invalid_scope";
  return isOld && isScope ? "; the server may not take this device again: leave out device_id for a new one" : "";
}

function askedFlow(
  context: Context,
  write: CredentialWrite,
  server: ServerForWrite,
  { device, requestedAt, longest }: { device: Device; requestedAt: number; longest: number },
): DevicePending {
  const now = context.clock.now();
  return {
    ...freshFlow(write, server, now, device.interval),
    deviceCode: device.deviceCode,
    userCode: device.userCode,
    verificationUri: device.verificationUri,
    ...(device.verificationUriComplete !== undefined && { verificationUriComplete: device.verificationUriComplete }),
    expiresAt: requestedAt + (longest > 0 ? Math.min(longest, device.expiresIn) : device.expiresIn) * 1000,
  };
}

function ownFlow(context: Context, write: CredentialWrite, server: ServerForWrite): DevicePending {
  const now = context.clock.now();
  const { input } = write;
  const life = Math.min(input.expiresIn > 0 ? input.expiresIn : OWN_CODE_LIFE, LONGEST_LIFE);
  const interval = input.interval > 0 ? input.interval : DEFAULT_INTERVAL;
  return { ...freshFlow(write, server, now, interval), deviceCode: input.deviceCode, expiresAt: now + life * 1000 };
}

function freshFlow(
  { server: name, input, session }: CredentialWrite,
  server: ServerForWrite,
  now: number,
  interval: number,
) {
  return {
    status: "pending",
    flow: "device",
    grant: boundGrant(grantOf(name, input, session), server),
    interval,
    unanswered: 0,
    answerLost: false,
    // RFC 8628 3.4: the interval is waited before the first poll too.
    notBefore: now + interval * 1000,
    startedAt: now,
  } as const;
}

async function store(context: Context, { mount, name }: CredentialWrite, flow: DevicePending): Promise<void> {
  const settings = await settingsOf(context, mount);
  const started = { kind: "device", outcome: "started" } as const;
  const row = await newGeneration(context, { mount, name, id: newId() }, flow, settings, started);
  await context.store.write(row, { anything: true });
  context.wake();
}
