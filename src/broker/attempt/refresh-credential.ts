import {
  type Credential,
  type Event,
  heldUntil,
  type Issued,
  inDoubt,
  judge,
  operationTimeout,
} from "../../credential/index.ts";
import type { Call } from "../../protocol/client.ts";
import type { TokenSet } from "../../protocol/outcome.ts";
import { refreshTokenRequest } from "../../protocol/refresh-token.ts";
import type { Claimed } from "../../store/port.ts";
import { type Context, callWithin } from "../process/context.ts";
import { whileHeld } from "../process/lease.ts";
import { commit, postpone, settleEvent } from "../record/commit.ts";
import { escrowAnswer } from "../record/escrow.ts";
import { openCredential, openEscrow } from "../record/records.ts";
import { revokeLater } from "../record/revocation.ts";
import { settingsOf } from "../record/settings.ts";
import { hashOfToken } from "../record/token-hash.ts";
import { whereMoved } from "../server/moved-endpoints.ts";
import { type ResolvedServer, resolveServer, ServerProblem, unusable } from "../server/resolve-server.ts";
import { ofSession } from "./arrival.ts";
import { describe } from "./identity.ts";
import { keepLate } from "./keep-late.ts";
import { judgeAnswer, requestTokens, stillMeant, type Told } from "./upstream.ts";

const PREFIX = "refresh failed: ";

/** One refresh under way: everything its phases need. */
interface Attempt {
  readonly claimed: Claimed;
  readonly state: Issued;
  readonly refreshToken: string;
  /** The token may be spent: an earlier attempt was claimed and never settled, or the store was a copy. */
  readonly doubt: boolean;
  readonly requestedAt: number;
  readonly call: Call;
}

/** For whom it is refreshed. */
export interface Demand {
  /** Seconds of life. */
  readonly wanted: number;
  /** What must live so long; the access token, if nothing is said. */
  readonly judge?: typeof judge;
  /** An API refused the token whose SHA-256 (hex) this is. */
  readonly rejected?: string;
}

/**
 * One refresh of a claimed credential, if it is due or somebody demands it. The claim is the durable intent; then: resolve, send, escrow, salvage and judge, describe, commit by lineage (architecture.md, invariants 2–5).
 */
export async function refreshCredential(context: Context, claimed: Claimed, demand: Demand): Promise<void> {
  const { row, claim } = claimed;
  const { wanted, rejected } = demand;
  const state = openCredential(context, row);
  const now = context.clock.now();
  const due = row.task === "refresh" && row.dueAt !== null && row.dueAt <= now;
  // Between a reader's look and its claim somebody else may have refreshed it.
  const judgement = (demand.judge ?? judge)(state, wanted, now);
  const needed = due || (judgement.kind === "short" && judgement.refreshable) || isRejected(state, rejected, now);
  if (state.status !== "issued" || state.refreshToken === undefined || !(needed || row.escrow)) {
    return context.store.release(row.id, claim, { untouched: true });
  }
  const settings = await settingsOf(context, row.mount);
  const remaining = state.expiresAt === undefined ? undefined : (state.expiresAt - now) / 1000;
  const { refreshToken } = state;
  const requestedAt = openEscrow(context, row)?.requestedAt ?? now;
  const doubt = row.intent !== claim || state.issuedAt < (context.life.takenOverAt ?? 0);
  await whileHeld(context, claimed, operationTimeout(settings, remaining, wanted), (call) =>
    run(context, { claimed, state, refreshToken, doubt, requestedAt, call }),
  );
}

/** An API may know earlier than we that a token is dead; unless the server wants to be left alone just now. */
function isRejected(state: Credential, rejected: string | undefined, now: number): boolean {
  if (rejected === undefined || state.status !== "issued" || hashOfToken(state.accessToken) !== rejected) return false;
  const { trouble } = state;
  return trouble === undefined || (trouble.kind !== "dead" && trouble.retryAt <= now);
}

async function run(context: Context, attempt: Attempt): Promise<void> {
  const { claimed, state } = attempt;
  const server = await serverOf(context, attempt);
  const escrowed = openEscrow(context, claimed.row);
  if (server instanceof ServerProblem) {
    // The answer in escrow may be the only successor there is: it waits until somebody can read it.
    if (escrowed) return postpone(context, claimed);
    await settle(context, attempt, unusable(server, PREFIX, attempt.doubt));
    return;
  }
  const until = escrowed ? undefined : mustWait(context, server, attempt);
  if (until !== undefined) {
    await settle(context, attempt, { type: "held", until });
    return;
  }
  const told = escrowed
    ? judgeAnswer(server, escrowed.answer, PREFIX, [attempt.refreshToken])
    : await send(context, server, attempt);
  const { event, tokens } = await eventOf(context, server, told, attempt);
  const settled = await settle(context, attempt, event);
  if (!settled) await afterwards(context, attempt, event, tokens);
  // Tokens of somebody else's account are handed to nobody.
  else if (tokens && event.type === "subject-changed") {
    await revokeLater(context, claimed.row.mount, state.grant, tokens);
  }
}

/** The row has moved on: its tokens are kept beside what it holds now, and the claim is given back if it is still ours. */
async function afterwards(
  context: Context,
  { claimed, state }: Attempt,
  event: Event,
  tokens?: TokenSet,
): Promise<void> {
  const { row, claim } = claimed;
  const { grant } = state;
  const issue = event.type === "issued" ? { issue: event.issue } : {};
  if (tokens) await keepLate(context, { row, kind: "refresh", grant, tokens, ...issue });
  await commit(context, () => context.store.release(row.id, claim, { untouched: true }));
}

/**
 * Tokens are settled by the lineage of the token they were obtained with, whoever holds the claim by now. What is no
 * token is settled by our claim: it says nothing about what others have done since.
 */
async function settle(context: Context, { claimed, state }: Attempt, event: Event): Promise<boolean> {
  const { row, claim } = claimed;
  const byLineage = event.type === "issued" || event.type === "subject-changed";
  if (byLineage && row.lineage === null) return false;
  const by = byLineage && row.lineage !== null ? { lineage: row.lineage } : { claim };
  return settleEvent(context, row, state, { kind: "refresh", event }, by);
}

function serverOf(context: Context, { claimed, state, call }: Attempt): Promise<ResolvedServer | ServerProblem> {
  return resolveServer(context, claimed.row.mount, state.grant, call).catch((error: unknown) => {
    if (error instanceof ServerProblem) return error;
    throw error;
  });
}

/** Until when a token in doubt must not be sent: where a late replay would do harm. */
function mustWait({ clock }: Context, { provider }: ResolvedServer, { state, doubt }: Attempt): number | undefined {
  if (provider.rotation.kind !== "grace" || !(doubt || inDoubt(state))) return undefined;
  // Of a request whose process died nobody knows when it was sent; longer ago than a lease lasts.
  return heldUntil(state, { crashed: doubt, grace: provider.rotation.seconds }, clock.now());
}

/** Of a grace: what is left must be enough for a replay. */
const SHARE_OF_GRACE = 2 / 3;

async function send(context: Context, server: ResolvedServer, attempt: Attempt): Promise<Told> {
  const { rotation } = server.provider;
  if (rotation.kind !== "grace") return sendWithin(context, server, attempt, attempt.call);
  const { call, done } = callWithin(context, rotation.seconds * SHARE_OF_GRACE);
  const signal = AbortSignal.any([call.signal, attempt.call.signal]);
  return sendWithin(context, server, attempt, { ...attempt.call, signal }).finally(done);
}

function sendWithin(context: Context, server: ResolvedServer, attempt: Attempt, within: Call): Promise<Told> {
  const { secret } = attempt.state;
  return requestTokens(context, server, within, {
    ...(secret !== undefined && { secret }),
    send: (client, call) => refreshTokenRequest(server.metadata, client, attempt.refreshToken, call),
    keep: async (answer) => {
      const { claimed, state, requestedAt } = attempt;
      const { row, claim } = claimed;
      if (row.lineage === null) return;
      const by = { lineage: row.lineage };
      await escrowAnswer(context, { row, by, claim, kind: "refresh", grant: state.grant, requestedAt }, answer);
    },
    prefix: PREFIX,
    secrets: [attempt.refreshToken],
  });
}

/** requirements.md section 4: of all profiles only a grace makes haste useful. */
function graceOf({ provider: { rotation } }: ResolvedServer): { grace?: number } {
  return rotation.kind === "grace" ? { grace: rotation.seconds } : {};
}

async function eventOf(
  context: Context,
  server: ResolvedServer,
  told: Told,
  { state, requestedAt, doubt, call }: Attempt,
): Promise<{ event: Event; tokens?: TokenSet }> {
  const { outcome, text } = await stillMeant(context, server, told);
  if (outcome.kind !== "tokens") {
    const refused = { type: "refused", outcome, text, doubt, requestedAt, ...graceOf(server) } as const;
    return { event: await whereMoved(context, server, refused, call) };
  }
  const { tokens, oddities } = outcome;
  const described = await describe(
    context,
    server,
    { tokens, oddities, requestedAt, previous: state, ...ofSession(state.grant) },
    call,
  );
  const recovered = doubt || inDoubt(state);
  const secret = told.secret === undefined ? {} : { secret: told.secret };
  if (described.kind === "issue") {
    return { event: { type: "issued", issue: { ...described.issue, ...secret }, recovered }, tokens };
  }
  return { event: { type: "subject-changed", text: PREFIX + described.text }, tokens };
}
