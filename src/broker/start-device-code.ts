import { DEFAULT_INTERVAL, type DevicePending } from "../credential/index.ts";
import type { Answer } from "../protocol/answer.ts";
import type { Call, Client } from "../protocol/client.ts";
import {
  type DeviceAuthorizationOutcome,
  deviceAuthorizationRequest,
  processDeviceAuthorizationAnswer,
} from "../protocol/device-authorization.ts";
import { exchange } from "../protocol/endpoint.ts";
import { applyQuirks } from "../protocol/quirks.ts";
import { oauthErrorText, transportOutcome, withoutSecrets } from "../protocol/token-answer.ts";
import { TransportError } from "../protocol/transport-error.ts";
import { newGeneration } from "./commit.ts";
import { type Context, callWithin, detach, newId } from "./context.ts";
import type { CredentialWrite } from "./credential-write.ts";
import { BrokerError, invalid, type PendingView } from "./errors.ts";
import { grantOf } from "./grant.ts";
import { pendingView } from "./pending-view.ts";
import { resolveForWrite, type ServerForWrite, secondsLeft } from "./redeem-write.ts";
import { refusalOf } from "./refusal.ts";
import type { ResolvedServer } from "./resolve-server.ts";
import { joinScopes, scopesToAsk } from "./scopes.ts";
import { settingsOf } from "./settings.ts";
import { allRefused, secretsInOrder, secretsOf } from "./upstream.ts";

const PREFIX = "device code authorization request failed: ";

/** Life of a caller's own device code whose `expires_in` it did not tell; a code never counts longer than a day. Seconds. */
const OWN_CODE_LIFE = 1_800;
const LONGEST_LIFE = 86_400;

/** RFC 8628: asks for a code, or takes the caller's own, and leaves the polling to the queue. */
export async function startDeviceCode(context: Context, write: CredentialWrite): Promise<PendingView | undefined> {
  const { mount, server: name, input } = write;
  const server = await resolveForWrite(context, mount, name, input.providerOptions);
  if (input.deviceCode !== "") {
    await store(context, write, ownFlow(context, write));
    return undefined;
  }
  if (server.metadata.device_authorization_endpoint === undefined) throw invalid("device code URL not available");
  // A22: a code that could not be stored is not asked for.
  await context.store.check();
  return detach(context, requestCode(context, write, server));
}

async function requestCode(context: Context, write: CredentialWrite, server: ServerForWrite): Promise<PendingView> {
  const requestedAt = context.clock.now();
  const { call, done } = callWithin(context, secondsLeft(context, server));
  try {
    const outcome = await requestAsAnyClient(context, server, write, call);
    if (outcome.kind !== "device") throw refused(outcome);
    const flow = askedFlow(context, write, outcome.device, requestedAt);
    await store(context, write, flow);
    return pendingView(flow);
  } finally {
    done();
  }
}

/** The secrets in order; the next only after a complete `invalid_client`, as everywhere. */
async function requestAsAnyClient(context: Context, server: ResolvedServer, write: CredentialWrite, call: Call) {
  const texts: string[] = [];
  for (const client of secretsInOrder(context, server)) {
    const outcome = await request(server, client, write, call);
    if (outcome.kind !== "refused" || outcome.error.code !== "invalid_client") return outcome;
    texts.push(PREFIX + oauthErrorText(outcome.error));
    if (texts.length === server.clients.length) throw refusalOf({ outcome, text: allRefused(texts) }, "repeatable");
  }
  throw new Error("a server has at least one client");
}

async function request(server: ResolvedServer, client: Client, { input }: CredentialWrite, call: Call) {
  const as = server.provider.deviceAuthentication ? client : { ...client, authentication: { method: "none" } as const };
  const scopes = joinScopes(server, scopesToAsk(server, input.scopes));
  const sent = deviceAuthorizationRequest(server.metadata, as, scopes === "" ? {} : { scopes }, call);
  const answer: Answer | TransportError = await exchange(sent);
  if (answer instanceof TransportError) return transportOutcome(answer) as DeviceAuthorizationOutcome;
  return scrubbed(processDeviceAuthorizationAnswer(applyQuirks(answer, server.provider.quirks)), secretsOf(client));
}

function scrubbed(outcome: DeviceAuthorizationOutcome, secrets: readonly string[]): DeviceAuthorizationOutcome {
  return outcome.kind === "refused" ? { kind: "refused", error: withoutSecrets(outcome.error, secrets) } : outcome;
}

function refused(outcome: Exclude<DeviceAuthorizationOutcome, { kind: "device" }>): BrokerError {
  if (outcome.kind === "malformed") {
    return new BrokerError("repeat", PREFIX + outcome.text, { reason: "temporarily_unavailable" });
  }
  const text = PREFIX + (outcome.kind === "refused" ? oauthErrorText(outcome.error) : outcome.text);
  return refusalOf({ outcome, text }, "repeatable");
}

type Device = Extract<DeviceAuthorizationOutcome, { kind: "device" }>["device"];

function askedFlow(context: Context, write: CredentialWrite, device: Device, requestedAt: number): DevicePending {
  const now = context.clock.now();
  return {
    ...freshFlow(write, now, device.interval),
    deviceCode: device.deviceCode,
    userCode: device.userCode,
    verificationUri: device.verificationUri,
    ...(device.verificationUriComplete !== undefined && { verificationUriComplete: device.verificationUriComplete }),
    expiresAt: requestedAt + device.expiresIn * 1000,
  };
}

function ownFlow(context: Context, write: CredentialWrite): DevicePending {
  const now = context.clock.now();
  const { input } = write;
  const life = Math.min(input.expiresIn > 0 ? input.expiresIn : OWN_CODE_LIFE, LONGEST_LIFE);
  const interval = input.interval > 0 ? input.interval : DEFAULT_INTERVAL;
  return { ...freshFlow(write, now, interval), deviceCode: input.deviceCode, expiresAt: now + life * 1000 };
}

function freshFlow({ server, input }: CredentialWrite, now: number, interval: number) {
  return {
    status: "pending",
    flow: "device",
    grant: grantOf(server, input),
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
