import {
  type AttemptKind,
  type AttemptOutcome,
  attemptOf,
  type CodePending,
  type Credential,
  type DevicePending,
  type Event,
  type Grant,
  type HistoryEntry,
  type Settings,
  transition,
  withEntry,
} from "../../credential/index.ts";
import type { RescueEntry } from "../../journal/rescue-journal.ts";
import { pause } from "../../process/clock.ts";
import type { HttpResponse } from "../../protocol/response/http-response.ts";
import {
  type Claimed,
  type Expectation,
  type Key,
  type Row,
  type RowContent,
  type SettleBy,
  StoreBroken,
  StoreUnavailable,
} from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { moment, newId } from "../process/random.ts";
import { loginIn, unchanged } from "./login-before.ts";
import { changedRow } from "./news.ts";
import { type CredentialContent, openCredential, openHistory, sealEscrow, sealRescued } from "./records.ts";
import { unlessDamaged } from "./rows.ts";
import { settingsOf } from "./settings.ts";

/** First and longest pause between attempts to commit, milliseconds. */
const PAUSE = { first: 50, longest: 5_000 };

/** Milliseconds. */
const POSTPONED_MS = 30_000;

/**
 * Writes until the store takes it: the commit is retried, never the request (faults.md technique 7). Without limit,
 * because what is being written may be the only copy of a refresh token.
 */
export async function commit<T>(context: Context, write: () => Promise<T>): Promise<T> {
  for (let wait = PAUSE.first; ; wait = Math.min(wait * 2, PAUSE.longest)) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      context.metrics.storeTrouble();
      context.log.error("store_unavailable", { message: error.message, retryInMs: wait });
      await pause(context.clock, wait);
    }
  }
}

/** One attempt, as the history has it. */
interface Attempt {
  readonly kind: AttemptKind;
  readonly event: Event;
}

/** Answers that carry tokens are settled whatever else has changed; what is no token is judged against the present row. */
const CARRIES_TOKENS: ReadonlySet<Event["type"]> = new Set(["issued", "subject-changed", "identity-refused"]);

/**
 * Ends a claim with what happened to the credential. False when the row has moved on (deleted, rewritten, taken over by
 * somebody else): then the answer is the caller's to take care of.
 */
export async function settleEvent(
  context: Context,
  row: Row,
  state: Credential,
  attempt: Attempt,
  by: SettleBy,
): Promise<boolean> {
  const tokens = CARRIES_TOKENS.has(attempt.event.type) || "lineage" in by;
  const fence = tokens ? by : { ...by, revision: row.revision };
  const settings = await commit(context, () => settingsOf(context, row.mount));
  // Sealed once: when the answer to a commit was lost, the very same bytes tell the store that it took place.
  const content = after(context, row, state, attempt);
  const settled = changedRow(context, row, state, content, settings);
  if (await commit(context, () => context.store.settle({ row: settled, by: fence }))) {
    context.journal.drop(row.id);
    logAttempt(context, row, content);
    return true;
  }
  if (tokens) return false;
  // A server or settings were written meanwhile: what happened is told to the credential as it is now.
  const present = await commit(context, () => context.store.readById(row.id));
  const isOurs = "claim" in by && present?.claim === by.claim && present.revision !== row.revision;
  // An answer that came from elsewhere is made use of before anything is said about the row.
  return isOurs && present.kind === row.kind && present.escrow === null
    ? settleEvent(context, present, openCredential(context, present), attempt, by)
    : false;
}

/** One line per attempt, as the history has it; a poll that is told to wait is no news. */
function logAttempt(context: Context, { mount, name }: Key, { credential, history }: CredentialContent): void {
  const { log, audit, clock, mounts } = context;
  const last = history.at(-1);
  if (!last) return;
  count(context, last, credential);
  const { kind, outcome, reason } = last;
  const { server } = credential.grant;
  const place = { mount: mounts.pathOf(mount), name };
  audit.background({ operation: kind, ...place, server, result: outcome, reason }, clock.now());
  if (last.outcome === "pending") return;
  const level = outcome === "issued" || outcome === "recovered" ? "info" : "warn";
  log[level]("attempt", { mount, name, server, kind, outcome, reason, status: credential.status });
}

function count(
  { metrics, clock }: Context,
  { kind, outcome }: Pick<HistoryEntry, "kind" | "outcome">,
  credential: Credential,
) {
  metrics.attempt(kind, outcome);
  if (outcome !== "issued" || credential.status !== "issued" || !credential.refreshEnd) return;
  const { at, final = false } = credential.refreshEnd;
  metrics.refreshEnd(final ? "stays" : "moves", (at - clock.now()) / 1000);
}

/** The credential after an event, and its history with it. */
function after(context: Context, row: Row, state: Credential, attempt: Attempt): CredentialContent {
  const { now, random } = moment(context);
  return {
    credential: transition(state, attempt.event, { now, random }) ?? state,
    history: withEntry(openHistory(context, row), entry(context, attempt.kind, attemptOf(attempt.event))),
  };
}

/** The row of a credential to which something has happened that no claim was needed for. */
export async function rowAfter(context: Context, row: Row, attempt: Attempt): Promise<RowContent> {
  const settings = await settingsOf(context, row.mount);
  const state = openCredential(context, row);
  return changedRow(context, row, state, after(context, row, state, attempt), settings);
}

function entry(
  { clock, instance }: Context,
  kind: AttemptKind,
  what: { outcome: AttemptOutcome; reason?: string },
): HistoryEntry {
  return { at: clock.now(), kind, instance, ...what };
}

/** What a new generation under a name takes the place of. */
export function present(context: Context, mount: string, name: string): Promise<Row | undefined> {
  return commit(context, () => context.store.read({ mount, name, kind: "creds" }));
}

/** A new generation under a name: its history goes on where the one before it ended. */
export async function newGeneration(
  context: Context,
  { present, ...place }: { mount: string; name: string; id: string; present: Row | undefined },
  credential: Credential,
  settings: Settings,
  attempt: { kind: AttemptKind; outcome: AttemptOutcome },
): Promise<RowContent> {
  count(context, attempt, credential);
  // A record that is damaged must not stand in the way of the one that replaces it.
  const before = present && (await unlessDamaged(() => openHistory(context, present)));
  const history = withEntry(before ?? [], entry(context, attempt.kind, attempt));
  const replaced = before && present && openCredential(context, present);
  return changedRow(context, place, undefined, { credential, history }, settings, replaced);
}

/** Stores a credential that waits for a person; answers its id, or undefined where `expect` does not hold. */
export async function storePending(
  context: Context,
  { mount, name, settings }: { readonly mount: string; readonly name: string; readonly settings: Settings },
  pending: DevicePending | CodePending,
  expect: Expectation,
): Promise<string | undefined> {
  const id = newId();
  const started = { kind: pending.flow, outcome: "started" } as const;
  for (;;) {
    const before = await present(context, mount, name);
    const replaces = await loginIn(context, before);
    const waiting = { ...pending, ...(replaces && { replaces }) };
    const row = await newGeneration(context, { mount, name, id, present: before }, waiting, settings, started);
    const over = before && replaces && "anything" in expect ? unchanged(before) : expect;
    const stored = await context.store.write(row, over);
    // FC-08: a refresh of the login before it has begun just then.
    if (!stored && over !== expect) continue;
    context.wake();
    return stored ? id : undefined;
  }
}

/** A claim is given back for a while, with what is in escrow: what is needed to make use of it is not there now. */
export function postpone(context: Context, { row, claim }: Claimed): Promise<void> {
  const dueAt = context.clock.now() + POSTPONED_MS;
  return commit(context, () => context.store.release(row.id, claim, { untouched: false, dueAt }));
}

/** Whose answer it is, and by what it may be settled. */
export interface Escrow {
  readonly row: Row;
  readonly by: RescueEntry["by"];
  /** Whose attempt it is. */
  readonly claim: string;
  readonly kind: "poll" | "refresh";
  readonly grant: Grant;
  /** Epoch milliseconds, before the request was sent. */
  readonly requestedAt: number;
}

/**
 * Seals a complete answer and stores it beside its row, before anybody parses it: it may hold the only copy of a token.
 * Only a success can carry one. If the store fails just then, or has no place for it any more, it goes to the rescue
 * journal: the commit that follows is retried until the store takes it, and the journal is for the case that this process
 * does not live as long. False: whoever takes the row over does not find it there.
 */
export async function escrowAnswer(context: Context, escrow: Escrow, answer: HttpResponse): Promise<boolean> {
  if (answer.status < 200 || answer.status >= 300) return false;
  const from = context.clock.monotonic();
  const kept = await keepAnswer(context, escrow, answer);
  context.metrics.answerDurable((context.clock.monotonic() - from) / 1000);
  return kept;
}

async function keepAnswer(context: Context, escrow: Escrow, answer: HttpResponse): Promise<boolean> {
  const { row, by, claim, requestedAt } = escrow;
  try {
    const sealed = sealEscrow(context, row, { answer, requestedAt });
    const kept = await context.store.escrow({ id: row.id, by, sealed, claim });
    // The row has moved on: until the late answer has been taken care of, only the journal has it.
    if (!kept) rescue(context, escrow, answer);
    return kept;
  } catch (error) {
    if (!(error instanceof StoreUnavailable || error instanceof StoreBroken)) throw error;
    context.log.error("escrow_failed", { id: row.id, message: error.message });
    rescue(context, escrow, answer);
    return false;
  }
}

function rescue(context: Context, { row, by, kind, grant, requestedAt }: Escrow, answer: HttpResponse): void {
  const { id, mount, name } = row;
  const rescued = { answer, requestedAt, row: { id, mount, kind: row.kind, name }, grant, kind };
  try {
    context.journal.put({ id, by, sealed: sealRescued(context, rescued) });
  } catch (error) {
    context.log.error("rescue_failed", { id, message: error instanceof Error ? error.message : "unknown" });
  }
}
