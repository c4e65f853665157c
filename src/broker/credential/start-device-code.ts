import { broughtFlow, deviceFlow, type Grant } from "../../credential/index.ts";
import type { DeviceAuthorization, DeviceAuthorizationOutcome } from "../../protocol/device-authorization.ts";
import { hostOf, verificationPageWarning } from "../../protocol/verification-page.ts";
import { refusalOf } from "../attempt/refusal.ts";
import { BrokerError, invalid, type PendingView } from "../errors.ts";
import { detach } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { storePending } from "../record/commit.ts";
import { grantOf } from "../record/grant.ts";
import {
  type AskedScopes,
  addedScopesText,
  makeReady,
  type Operation,
  openidOf,
  openOperation,
  type ReadyOperation,
  secondsLeft,
} from "../server/operation.ts";
import type { Login } from "../server/registered-client.ts";
import { boundGrant, callTo, orRefuse, type ResolvedServer, requireUnmoved } from "../server/resolve-server.ts";
import { toldAlike } from "../server/strangers.ts";
import type { CredentialWrite, DeviceStart } from "./credential-write.ts";
import { pendingView } from "./pending-view.ts";
import { codeOf, type DeviceAnswer, requestDeviceCode } from "./request-device-code.ts";

const LOGIN: Login = { grantType: "urn:ietf:params:oauth:grant-type:device_code" };

/** A device flow that somebody writes: asks for a code, or takes the caller's own (RFC 8628). */
export async function writeDeviceCode(context: Context, write: CredentialWrite): Promise<PendingView | undefined> {
  const { mount, input } = write;
  const operation = orRefuse(await openOperation(context, mount, input));
  if (input.deviceCode === "") return startDeviceCode(context, operation, write);
  const ready = await makeReady(context, operation);
  const flow = { ...broughtFlow(grantFor(ready, write), input, context.clock.now()), ...hintOf(ready.server) };
  await storePending(context, { ...ready, name: write.name }, flow, { anything: true });
  return undefined;
}

/** Asks for a code, and leaves the polling to the queue. */
export async function startDeviceCode(
  context: Context,
  operation: Operation,
  start: DeviceStart,
): Promise<PendingView> {
  const ready = await makeReady(context, operation, LOGIN);
  requireUnmoved(ready.server, "device_authorization_endpoint");
  if (ready.server.metadata.device_authorization_endpoint === undefined) throw invalid("device code URL not available");
  // A22: a code that could not be stored is not asked for.
  await context.store.check();
  return detach(context, requestCode(context, ready, start));
}

async function requestCode(context: Context, operation: ReadyOperation, start: DeviceStart): Promise<PendingView> {
  const requestedAt = context.clock.now();
  const answer = await within(context, secondsLeft(context, operation), (call) =>
    requestDeviceCode(context, operation.server, start, callTo(operation.server, call)),
  );
  const { outcome, text, asked } = answer;
  if (outcome.kind === "device") {
    return keep(context, operation, start, { ...answer, device: outcome.device, requestedAt });
  }
  if (!isForgotten(operation, outcome)) {
    const error = refusal(outcome, text + adviceOn(operation, outcome, asked));
    throw operation.server.binding?.stranger ? toldAlike(context, operation.server, error) : error;
  }
  // MX-R7: the shared client is gone at the server; once, because the next one is new.
  return requestCode(context, await makeReady(context, operation, { ...LOGIN, forget: true }), start);
}

async function keep(
  context: Context,
  operation: ReadyOperation,
  start: DeviceStart,
  answer: DeviceAnswer & { device: Device; requestedAt: number },
): Promise<PendingView> {
  const { server, settings } = operation;
  const pageWarning = verificationWarning(server, answer.device);
  const isTold = pageWarning !== undefined && server.provider.verificationPages === "issuer";
  const warnings = [...operation.warnings, ...(isTold ? [pageWarning] : [])];
  const now = context.clock.now();
  const times = { requestedAt: answer.requestedAt, now, longest: settings.deviceFlowSeconds };
  const grant = { ...grantFor(operation, start), ...openidOf(server, answer.asked) };
  const flow = {
    ...deviceFlow(grant, answer.device, times),
    ...hintOf(server),
    ...(answer.verifier !== undefined && { codeVerifier: answer.verifier }),
    ...(warnings.length > 0 && { warnings }),
    ...(pageWarning !== undefined && { pageWarning }),
  };
  await storePending(context, { ...operation, name: start.name }, flow, { anything: true });
  return pendingView(flow);
}

type Device = Extract<DeviceAuthorizationOutcome, { kind: "device" }>["device"];
type Refused = Exclude<DeviceAuthorizationOutcome, { kind: "device" }>;

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
function adviceOn({ server: { provider } }: ReadyOperation, outcome: Refused, asked: AskedScopes): string {
  const isOld = provider.apiServer?.deviceId !== undefined;
  if (!isOld || codeOf(outcome) !== "invalid_scope") return addedScopesText(asked, codeOf(outcome));
  return "; the server may not accept an existing device: leave out device_id to get a new one";
}

function hintOf({ provider: { expiryHint } }: ResolvedServer) {
  return expiryHint === undefined ? {} : { expiryHint };
}

function grantFor({ server }: ReadyOperation, { input, session }: DeviceStart): Grant {
  return boundGrant(grantOf(server.name, input, session), server);
}

/** XD-13: the page of a device login is on a host of its server, or the person is warned. */
export function verificationWarning(server: ResolvedServer, authorization: DeviceAuthorization): string | undefined {
  return verificationPageWarning(authorization, [...ownUrls(server).map(hostOf), ...server.provider.verificationHosts]);
}

/** Where its pages may be, by what its provider says of them. */
function ownUrls({ provider, binding, metadata }: ResolvedServer): readonly string[] {
  const { issuer, authorization_endpoint, token_endpoint, device_authorization_endpoint } = metadata;
  const endpoints = [authorization_endpoint, token_endpoint, device_authorization_endpoint];
  const urls = [issuer, binding?.baseUrl, ...(provider.verificationPages === "issuer" ? [] : endpoints)];
  return urls.filter((url) => url !== undefined && URL.canParse(url)) as readonly string[];
}
