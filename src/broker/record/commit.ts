import {
  type AttemptKind,
  type AttemptOutcome,
  attemptOf,
  type Credential,
  type Event,
  type HistoryEntry,
  recorded,
  type Settings,
  transition,
} from "../../credential/index.ts";
import { pause } from "../../process/clock.ts";
import {
  type Claimed,
  type Key,
  type Row,
  type RowContent,
  type SettleBy,
  StoreUnavailable,
} from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { moment } from "../process/random.ts";
import { type CredentialContent, credentialRow, openCredential, openHistory } from "./records.ts";
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
  const settled = credentialRow(context, row, content, settings);
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
function logAttempt({ log, metrics }: Context, { mount, name }: Key, { credential, history }: CredentialContent): void {
  const last = history.at(-1);
  if (!last) return;
  metrics.attempt(last.kind, last.outcome);
  if (last.outcome === "pending") return;
  const { kind, outcome, reason } = last;
  const { server } = credential.grant;
  const level = outcome === "issued" || outcome === "recovered" ? "info" : "warn";
  log[level]("attempt", { mount, name, server, kind, outcome, reason, status: credential.status });
}

/** The credential after an event, and its history with it. */
function after(context: Context, row: Row, state: Credential, attempt: Attempt): CredentialContent {
  const { now, random } = moment(context);
  return {
    credential: transition(state, attempt.event, { now, random }) ?? state,
    history: recorded(openHistory(context, row), entry(context, attempt.kind, attemptOf(attempt.event))),
  };
}

/** The row of a credential to which something has happened that no claim was needed for. */
export async function rowAfter(context: Context, row: Row, attempt: Attempt): Promise<RowContent> {
  const settings = await settingsOf(context, row.mount);
  return credentialRow(context, row, after(context, row, openCredential(context, row), attempt), settings);
}

function entry(
  { clock, instance }: Context,
  kind: AttemptKind,
  what: { outcome: AttemptOutcome; reason?: string },
): HistoryEntry {
  return { at: clock.now(), kind, instance, ...what };
}

/** A new generation under a name: its history goes on where the one before it ended. */
export async function newGeneration(
  context: Context,
  place: { mount: string; name: string; id: string },
  credential: Credential,
  settings: Settings,
  attempt: { kind: AttemptKind; outcome: AttemptOutcome },
): Promise<RowContent> {
  const { mount, name } = place;
  const present = await commit(context, () => context.store.read({ mount, name, kind: "creds" }));
  context.metrics.attempt(attempt.kind, attempt.outcome);
  // A record that is damaged must not stand in the way of the one that replaces it.
  const before = present && (await unlessDamaged(context, present, () => openHistory(context, present)));
  const history = recorded(before ?? [], entry(context, attempt.kind, attempt));
  return credentialRow(context, place, { credential, history }, settings);
}

/** A claim is given back for a while, with what is in escrow: what is needed to make use of it is not there now. */
export function postpone(context: Context, { row, claim }: Claimed): Promise<void> {
  const dueAt = context.clock.now() + POSTPONED_MS;
  return commit(context, () => context.store.release(row.id, claim, { untouched: false, dueAt }));
}
