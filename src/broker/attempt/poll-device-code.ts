import type { DevicePending, Event, Grant } from "../../credential/index.ts";
import { operationTimeout } from "../../credential/index.ts";
import type { Call } from "../../protocol/client.ts";
import { deviceTokenRequest } from "../../protocol/device-token.ts";
import type { TokenSet } from "../../protocol/outcome.ts";
import type { Claimed, Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { whileHeld } from "../process/lease.ts";
import { commit, postpone, settleEvent } from "../record/commit.ts";
import { escrowAnswer } from "../record/escrow.ts";
import { openCredential, openEscrow } from "../record/records.ts";
import { revokeLater } from "../record/revocation.ts";
import { settingsOf } from "../record/settings.ts";
import { whereMoved } from "../server/moved-endpoints.ts";
import { type ResolvedServer, resolveServer, ServerProblem, unusable } from "../server/resolve-server.ts";
import { ofSession } from "./arrival.ts";
import { describe } from "./identity.ts";
import { keepLate } from "./keep-late.ts";
import { judgeAnswer, requestTokens, stillMeant, type Told } from "./upstream.ts";

/** What a poll brought: the event, and the tokens if some came (they are revoked when nobody wants them any more). */
interface Brought {
  readonly event: Event;
  readonly tokens?: TokenSet;
}

/** One poll of a claimed device flow (RFC 8628 3.4); the loop is the scheduler's. */
export async function pollDeviceCode(context: Context, claimed: Claimed): Promise<void> {
  const state = openCredential(context, claimed.row);
  if (state.status !== "pending" || state.flow !== "device") return;
  const early = tooEarly(context, claimed.row);
  if (early > 0) {
    const dueAt = context.clock.now() + early;
    return context.store.release(claimed.row.id, claimed.claim, { untouched: true, dueAt });
  }
  const settings = await settingsOf(context, claimed.row.mount);
  await whileHeld(context, claimed, operationTimeout(settings, undefined, 0), async (call) => {
    const brought = await poll(context, claimed, state, call);
    if (brought === undefined) return postpone(context, claimed);
    const { event, tokens } = brought;
    const { row, claim } = claimed;
    const settled = await settleEvent(context, row, state, { kind: "poll", event }, { claim });
    context.caches.nextPoll.set(row.id, context.clock.monotonic() + state.interval * 1000);
    const { grant } = state;
    if (settled) {
      if (tokens && event.type === "identity-refused") await revokeLater(context, row.mount, grant, tokens);
      return;
    }
    const issue = event.type === "issued" ? { issue: event.issue } : {};
    if (tokens) await keepLate(context, { row, kind: "poll", grant, tokens, ...issue });
    await commit(context, () => context.store.release(row.id, claim, { untouched: true }));
  });
}

/**
 * DEV-11: due times are guarded by the monotonic clock; a host's clock that is followed forward makes no poll early.
 * Milliseconds to wait.
 */
function tooEarly({ caches, clock }: Context, { id }: Row): number {
  return (caches.nextPoll.get(id) ?? 0) - clock.monotonic();
}

/** Undefined: the answer in escrow has to wait, because the server cannot be used now. */
async function poll(
  context: Context,
  claimed: Claimed,
  state: DevicePending,
  call: Call,
): Promise<Brought | undefined> {
  const { row } = claimed;
  const doubt = row.intent !== claimed.claim;
  const escrowed = openEscrow(context, row);
  if (!escrowed && context.clock.now() >= state.expiresAt) return { event: { type: "lapsed" } };
  // Whoever held the claim before us may have polled a moment ago (DEV-11, DEV-13: also across restarts).
  if (!escrowed && doubt) return { event: { type: "interrupted" } };
  let server: ResolvedServer;
  try {
    server = await resolveServer(context, row.mount, state.grant, call);
  } catch (error) {
    if (!(error instanceof ServerProblem)) throw error;
    return escrowed ? undefined : { event: unusable(error, PREFIX, doubt) };
  }
  const requestedAt = escrowed?.requestedAt ?? context.clock.now();
  const told = escrowed
    ? judgeAnswer(server, escrowed.answer, PREFIX, [state.deviceCode], true)
    : await send(context, claimed, state, server, call, requestedAt);
  return eventOf(context, server, told, { requestedAt, doubt, grant: state.grant }, call);
}

const PREFIX = "device code exchange failed: ";

function send(
  context: Context,
  { row, claim }: Claimed,
  state: DevicePending,
  server: ResolvedServer,
  call: Call,
  requestedAt: number,
): Promise<Told> {
  return requestTokens(context, server, call, {
    send: (client, within) => deviceTokenRequest(server.metadata, client, state.deviceCode, within),
    keep: (answer) =>
      escrowAnswer(context, { row, by: { claim }, claim, kind: "poll", grant: state.grant, requestedAt }, answer),
    prefix: PREFIX,
    secrets: [state.deviceCode],
    polling: true,
  });
}

async function eventOf(
  context: Context,
  server: ResolvedServer,
  told: Told,
  attempt: { requestedAt: number; doubt: boolean; grant: Grant },
  call: Call,
): Promise<Brought> {
  const { outcome, text } = await stillMeant(context, server, told);
  if (outcome.kind !== "tokens") {
    const refused = { type: "refused", outcome, text, doubt: attempt.doubt } as const;
    return { event: await whereMoved(context, server, refused, call) };
  }
  const { tokens, oddities } = outcome;
  const { requestedAt, grant } = attempt;
  const described = await describe(context, server, { tokens, oddities, requestedAt, ...ofSession(grant) }, call);
  const recovered = attempt.doubt;
  const secret = told.secret === undefined ? {} : { secret: told.secret };
  if (described.kind === "issue") {
    return { event: { type: "issued", issue: { ...described.issue, ...secret }, recovered }, tokens };
  }
  const reason = described.kind === "identity-refused" ? described.reason : "id_token_invalid";
  return { event: { type: "identity-refused", reason, text: PREFIX + described.text }, tokens };
}
