import { message } from "../messages/walk/index.ts";
import { deviceTokenRequest } from "../protocol/device-token.ts";
import { exchange } from "../protocol/endpoint.ts";
import { type Failure, transportOutcome } from "../protocol/response/failure.ts";
import { processTokenResponse } from "../protocol/response/token-response.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import { type Exchange, recordingCall } from "./exchange.ts";
import { publicClient } from "./public-client.ts";
import type { DeviceLogin, StepResult, WalkState } from "./state.ts";
import {
  adviceFor,
  bad,
  failed,
  failureFindings,
  good,
  missingStep,
  note,
  plain,
  succeeded,
  summaryOf,
} from "./step-result.ts";
import type { World } from "./world.ts";

/** RFC 8628 3.5. Seconds. */
const SLOWER = 5;

/**
 * Step 6: one poll (RFC 8628 3.4). When the next one is due, and whether there is one, is `state.device.nextPollAt`; a loop
 * around it is the caller's, because it waits there. A poll that says "later" is no failure.
 */
export async function poll(state: WalkState, _input: object, world: World): Promise<StepResult> {
  const { found, client, device } = state;
  if (!found || !client || !device) return missingStep(state, message("missing.device"));
  const at = world.now();
  if (at >= device.expiresAt) return endedPolling(state, device, [], { at, said: "expired_token" });
  const { call, exchanges } = recordingCall(world);
  const code = device.authorization.deviceCode;
  const response = await exchange(deviceTokenRequest(found.metadata, publicClient(client), code, call));
  const whole = response instanceof TransportError ? undefined : response;
  const outcome = response instanceof TransportError ? transportOutcome(response) : processTokenResponse(response);
  if (outcome.kind === "tokens") {
    const { nextPollAt: _, ...ended } = device;
    const polls = [...device.polls, { at, said: "tokens", interval: device.interval }];
    const tokens = { current: outcome.tokens, requestedScopes: device.scopes, deviceId: device.deviceId };
    return succeeded({ found, client, device: { ...ended, polls }, tokens }, exchanges, [
      good(message("token.approved")),
    ]);
  }
  const said = summaryOf(outcome, whole);
  if (isFinal(outcome)) return endedPolling(state, device, exchanges, { at, said, outcome });
  const interval = Math.max(device.interval + (said === "slow_down" ? SLOWER : 0), waitOf(outcome));
  const polls = [...device.polls, { at, said, interval }];
  const next = { ...device, interval, polls, nextPollAt: world.now() + interval * 1000 };
  return succeeded({ ...state, device: next }, exchanges, [
    note(message("token.said", { code: said, advice: adviceFor(said) })),
  ]);
}

/** Anything but "later" ends it; trouble on the way says nothing. */
function isFinal(outcome: Failure): outcome is Extract<Failure, { kind: "refused" }> {
  return outcome.kind === "refused" && !["authorization_pending", "slow_down"].includes(outcome.error.code);
}

function waitOf(outcome: Failure): number {
  return (outcome.kind === "refused" ? outcome.error.retryAfter : outcome.retryAfter) ?? 0;
}

interface End {
  readonly at: number;
  readonly said: string;
  readonly outcome?: Failure;
}

function endedPolling(
  state: WalkState,
  device: DeviceLogin,
  exchanges: readonly Exchange[],
  { at, said, outcome }: End,
): StepResult {
  const { nextPollAt: _, ...ended } = device;
  const polls = [...device.polls, { at, said, interval: device.interval }];
  const findings = outcome ? failureFindings(outcome) : [bad(plain(said)), note(adviceFor(said))];
  return failed({ ...state, device: { ...ended, polls } }, exchanges, findings);
}
