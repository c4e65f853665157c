import { type Event, type Issued, judge, operationTimeout } from "../credential/index.ts";
import type { Call } from "../protocol/client.ts";
import type { TokenSet } from "../protocol/outcome.ts";
import { refreshTokenRequest } from "../protocol/refresh-token.ts";
import type { Claimed, Row } from "../store/port.ts";
import { commit, settleEvent } from "./commit.ts";
import type { Context } from "./context.ts";
import { escrowAnswer } from "./escrow.ts";
import { describe } from "./identity.ts";
import { whileHeld } from "./lease.ts";
import { openContent, openCredential, openEscrow, plainRow } from "./records.ts";
import { type ResolvedServer, resolveServer, ServerProblem } from "./resolve-server.ts";
import { type Revocation, revocable, revokeLater } from "./revocation.ts";
import { settingsOf } from "./settings.ts";
import { judgeAnswer, requestTokens, type Told } from "./upstream.ts";

const PREFIX = "refresh failed: ";

/** One refresh under way: everything its phases need. */
interface Attempt {
  readonly claimed: Claimed;
  readonly state: Issued;
  readonly refreshToken: string;
  /** An earlier attempt with this token was claimed and never settled. */
  readonly doubt: boolean;
  readonly requestedAt: number;
  readonly call: Call;
}

/**
 * One refresh of a claimed credential, for somebody who wants `wanted` seconds of life. The claim is the durable
 * intent; then: resolve, send, escrow, salvage and judge, describe, commit by lineage (architecture.md, invariants 2–5).
 */
export async function refreshCredential(context: Context, claimed: Claimed, wanted: number): Promise<void> {
  const { row, claim } = claimed;
  const state = openCredential(context, row);
  const now = context.clock.now();
  const due = row.task === "refresh" && row.dueAt !== null && row.dueAt <= now;
  // Between a reader's look and its claim somebody else may have refreshed it.
  const needed = due || judge(state, wanted, now).kind === "short";
  if (state.status !== "issued" || state.refreshToken === undefined || !needed) {
    return context.store.release(row.id, claim, true);
  }
  const settings = await settingsOf(context, row.mount);
  const remaining = state.expiresAt === undefined ? undefined : (state.expiresAt - now) / 1000;
  const { refreshToken } = state;
  const requestedAt = openEscrow(context, row)?.requestedAt ?? now;
  const doubt = row.intent !== claim;
  await whileHeld(context, claimed, operationTimeout(settings, remaining, wanted), (call) =>
    run(context, { claimed, state, refreshToken, doubt, requestedAt, call }),
  );
}

async function run(context: Context, attempt: Attempt): Promise<void> {
  const { claimed, state } = attempt;
  const server = await serverOf(context, attempt);
  if (server instanceof ServerProblem) {
    const { reason, message: text } = server;
    const event: Event = { type: "server-unusable", reason, text, doubt: attempt.doubt };
    await settleEvent(context, claimed, state, event, { claim: claimed.claim });
    return;
  }
  const escrowed = openEscrow(context, claimed.row);
  const told = escrowed
    ? judgeAnswer(server, escrowed.answer, PREFIX, [attempt.refreshToken])
    : await send(context, server, attempt);
  const { event, tokens } = await eventOf(context, server, told, attempt);
  const { lineage } = claimed.row;
  const settled = lineage !== null && (await settleEvent(context, claimed, state, event, { lineage }));
  if (tokens) await (settled ? afterIssue(context, attempt, event, tokens) : rescue(context, attempt, tokens));
}

function serverOf(context: Context, { claimed, state, call }: Attempt): Promise<ResolvedServer | ServerProblem> {
  return resolveServer(context, claimed.row.mount, state.grant.server, state.grant.providerOptions, call).catch(
    (error: unknown) => {
      if (error instanceof ServerProblem) return error;
      throw error;
    },
  );
}

function send(context: Context, server: ResolvedServer, attempt: Attempt): Promise<Told> {
  return requestTokens(context, server, attempt.call, {
    send: (client, call) => refreshTokenRequest(server.metadata, client, attempt.refreshToken, call),
    keep: async (answer) => {
      const { row } = attempt.claimed;
      if (row.lineage === null) return;
      await escrowAnswer(context, row.id, { lineage: row.lineage }, answer, attempt.requestedAt);
    },
    prefix: PREFIX,
    secrets: [attempt.refreshToken],
  });
}

async function eventOf(
  context: Context,
  server: ResolvedServer,
  told: Told,
  { state, requestedAt, doubt, call }: Attempt,
): Promise<{ event: Event; tokens?: TokenSet }> {
  const { outcome, text } = told;
  if (outcome.kind !== "tokens") return { event: { type: "refused", outcome, text, doubt } };
  const { tokens, oddities } = outcome;
  const described = await describe(context, server, { tokens, oddities, requestedAt, previous: state }, call);
  if (described.kind === "issue") return { event: { type: "issued", issue: described.issue }, tokens };
  return { event: { type: "subject-changed", text: PREFIX + described.text }, tokens };
}

/** Tokens of somebody else's account are handed to nobody. */
async function afterIssue(
  context: Context,
  { claimed, state }: Attempt,
  event: Event,
  tokens: TokenSet,
): Promise<void> {
  if (event.type === "subject-changed") await revokeLater(context, claimed.row.mount, state.grant, tokens);
}

/** The row moved on while the answer was under way: a deleted credential's successor must not stay alive. */
async function rescue(context: Context, { claimed: { row }, state }: Attempt, tokens: TokenSet): Promise<void> {
  const present = await context.store.readById(row.id);
  if (present?.kind === "revocation") return addToRevocation(context, present, tokens);
  const renamed = await context.store.read(row);
  // Rewritten: revoking the old grant could take the new one with it (oauthapp.md 5.1).
  if (renamed) return context.log.warn("late_answer_dropped", { mount: row.mount, id: row.id });
  await revokeLater(context, row.mount, state.grant, tokens);
}

async function addToRevocation(context: Context, row: Row, tokens: TokenSet): Promise<void> {
  const content = openContent<Revocation>(context, row);
  const next = { ...content, tokens: [...content.tokens, ...revocable(tokens)] };
  const due = { server: content.server, task: "revoke", dueAt: context.clock.now() } as const;
  const expect = { id: row.id, revision: row.revision };
  const written = await commit(context, () => context.store.write(plainRow(context, row, next, due), expect));
  if (!written) await revokeLater(context, row.mount, content, tokens);
  else context.wake();
}
