import { type DevicePending, type Event, operationTimeout } from "../../credential/index.ts";
import { deviceTokenRequest } from "../../protocol/device-token.ts";
import type { Claimed, Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { whileHeld } from "../process/lease.ts";
import { openCredential } from "../record/records.ts";
import { settingsOf } from "../record/settings.ts";
import { attempt, type Flow } from "./attempt.ts";
import { ofCredential, settleOrRelease } from "./of-credential.ts";

/** One poll of a claimed device flow (RFC 8628 3.4); the loop is the scheduler's. */
export async function pollDeviceCode(context: Context, claimed: Claimed): Promise<void> {
  const { row, claim } = claimed;
  const { clock, caches, store } = context;
  const state = openCredential(context, row);
  if (state.status !== "pending" || state.flow !== "device") return;
  const early = tooEarly(context, row);
  if (early > 0) return store.release(row.id, claim, { untouched: true, dueAt: clock.now() + early });
  const seconds = operationTimeout(await settingsOf(context, row.mount), undefined, 0);
  await whileHeld(context, claimed, seconds, (call) => {
    const event = insteadOfPoll(context, claimed, state);
    if (event) return settleOrRelease(context, { claimed, state, kind: "poll" }, event);
    return attempt(context, pollFlow(context, claimed, state), call);
  });
  caches.nextPoll.set(row.id, clock.monotonic() + state.interval * 1000);
}

/**
 * DEV-11: due times are guarded by the monotonic clock; a host's clock that is followed forward makes no poll early.
 * Milliseconds to wait.
 */
function tooEarly({ caches, clock }: Context, { id }: Row): number {
  return (caches.nextPoll.get(id) ?? 0) - clock.monotonic();
}

/** What happens to a flow that must not be polled now; an answer in escrow comes first. */
function insteadOfPoll({ clock }: Context, { row, claim }: Claimed, state: DevicePending): Event | undefined {
  if (row.escrow !== null) return undefined;
  if (clock.now() >= state.expiresAt) return { type: "lapsed" };
  // Whoever held the claim before us may have polled a moment ago (DEV-11, DEV-13: also across restarts).
  return row.intent === claim ? undefined : { type: "interrupted" };
}

function pollFlow(context: Context, claimed: Claimed, state: DevicePending): Flow<boolean> {
  const { row, claim } = claimed;
  const { deviceCode, codeVerifier, grant } = state;
  const doubt = row.intent !== claim;
  const prefix = "device code exchange failed: ";
  return {
    ...ofCredential(context, { claimed, state, kind: "poll", prefix, fence: { claim }, doubt, recovered: doubt }),
    polling: true,
    secrets: [deviceCode, codeVerifier ?? ""].filter((value) => value !== ""),
    // RFC 8628 3.5: it is sent again and again until it is good, but not after an answer that was lost.
    repeatable: () => !doubt && !state.answerLost,
    request: ({ metadata, provider: { parameters } }, client, call) =>
      deviceTokenRequest(metadata, client, deviceCode, call, { codeVerifier, parameters }),
    login: { session: grant.session, openid: grant.openid },
  };
}
