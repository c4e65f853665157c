import { type Credential, earliestTry, type Issued, isEarly, type Judgement, judge } from "../../credential/index.ts";
import { endsWithin } from "../../process/clock.ts";
import { belongsToSession } from "../../session/index.ts";
import { laneOf } from "../../store/lanes.ts";
import { type Claimed, type Key, type Row, StoreUnavailable } from "../../store/port.ts";
import { refreshCredential } from "../attempt/refresh.ts";
import type { TokenView } from "../broker.ts";
import { BrokerError } from "../errors.ts";
import type { Breakers } from "../process/breakers.ts";
import type { Context } from "../process/context.ts";
import { copyText } from "../process/copy.ts";
import { refreshNow } from "../process/refresh-now.ts";
import { inTurn } from "../process/turns.ts";
import { openCredential } from "../record/records.ts";
import { scopeWarning, tokenView } from "../token-view.ts";
import { pendingView } from "./pending-view.ts";
import { keepReady } from "./ready-token.ts";
import { shortError } from "./short-error.ts";

/** A read ends within 9 s whatever a provider does (vault-http.md 1.1); the refresh goes on. */
const LONGEST_WAIT_MS = 9_000;

/** No token with less life than this is worth handing out. Seconds. */
const LEAST_LIFE = 10;

/** How a kind of row is judged and renewed; `creds` by its refresh token, `self` by a new grant. */
export interface Readable {
  readonly key: Key;
  judge(state: Credential, minimum: number, now: number): Judgement;
  renew(claimed: Claimed, seconds: number): Promise<void>;
  /** As it was just read. */
  readonly known?: Known | undefined;
}

/** A row, and what was opened of it. */
export interface Known {
  readonly row: Row;
  readonly state: Credential;
}

export function readableCredential(context: Context, mount: string, name: string, known?: Known): Readable {
  return {
    known,
    key: { mount, kind: "creds", name },
    judge,
    renew: (claimed, seconds) => refreshCredential(context, claimed, { seconds }),
  };
}

/** The token of a credential, with at least `minimumSeconds` of life; undefined when there is none of that name. */
export async function readCredential(
  context: Context,
  mount: string,
  name: string,
  minimumSeconds: number,
  known?: Known,
): Promise<TokenView | undefined> {
  const read = await readToken(context, readableCredential(context, mount, name, known), minimumSeconds);
  if (!read) return undefined;
  const view = withScopeWarning(context, read, credentialView(context, read));
  if (minimumSeconds === 0) keepReady(context, read, view);
  return view;
}

/** A session's login is shown elsewhere. Once for each generation of a credential, as far as this process remembers. */
function withScopeWarning({ caches: { told } }: Context, { row, state }: ReadIssued, view: TokenView): TokenView {
  const [warning] = scopeWarning(state);
  const isNews = warning !== undefined && !belongsToSession(row.name) && !told.has(row.id + warning);
  if (!isNews) return view;
  told.set(row.id + warning, 1);
  return { ...view, warnings: [...view.warnings, warning] };
}

/** `issuedView`, with what a reader must know of a copy. */
export function credentialView(context: Context, read: ReadIssued): TokenView {
  const view = issuedView(context, read);
  const { copy } = context.life;
  return copy === undefined ? view : { ...view, warnings: [copyText(copy), ...view.warnings] };
}

export interface ReadIssued {
  readonly row: Row;
  readonly state: Issued;
  /** Milliseconds since the store confirmed it, where it does not answer now. */
  readonly age?: number;
}

/** What a reader gets of it. */
export function issuedView({ clock }: Context, { state, age }: ReadIssued): TokenView {
  const view = tokenView(state, clock.now());
  if (age === undefined) return view;
  const outage = `the store is not available: this is the token as read ${Math.floor(age / 1000)} s ago`;
  return { ...view, warnings: [outage, ...view.warnings] };
}

/**
 * `readIssued` for those who only want the token: while the store does not answer they get what it confirmed a moment ago,
 * if that is valid for long enough. Nothing is refreshed then, since the intent could not be stored.
 */
export async function readToken(
  context: Context,
  readable: Readable,
  minimumSeconds: number,
): Promise<ReadIssued | undefined> {
  try {
    return await readIssued(context, readable, minimumSeconds);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const known = context.store.recent(readable.key);
    const judgement = known && readable.judge(openCredential(context, known.row), minimumSeconds, context.clock.now());
    if (!known || judgement?.kind !== "token") throw error;
    context.metrics.outageRead();
    return { ...known, state: judgement.credential };
  }
}

/** Judges the record; refreshes once, for all waiting readers, where that can help; judges again. */
export async function readIssued(
  context: Context,
  readable: Readable,
  minimumSeconds: number,
): Promise<ReadIssued | undefined> {
  const minimum = Math.max(LEAST_LIFE, minimumSeconds);
  const first = await look(context, readable, minimumSeconds, readable.known);
  if (!first) return undefined;
  const { judgement } = first;
  if (judgement.kind !== "short" || !judgement.refreshable) return answer(context, first, minimum);
  // What is left bridges an outage, without waiting for a turn.
  if (judgement.usable && waitsAt(context, first.row, judgement) !== undefined) return answer(context, first, minimum);
  const flight = renew(context, first.row, judgement, (claimed) => readable.renew(claimed, minimum));
  if (!(await endsWithin(context.clock, flight, LONGEST_WAIT_MS))) {
    const meanwhile = await look(context, readable, minimumSeconds);
    const state = meanwhile && bridging(meanwhile.judgement);
    if (meanwhile && state) return { row: meanwhile.row, state };
    throw new BrokerError("wait", "the token is being refreshed", { reason: "refresh_in_progress", retryAfter: 2 });
  }
  const second = await look(context, readable, minimumSeconds);
  return second && answer(context, second, minimum);
}

/** What a reader gets while nothing can be refreshed: also what is left below the usual least (FC-89). */
function bridging(judgement: Judgement): Issued | undefined {
  const isGood = judgement.kind === "token" || (judgement.kind === "short" && judgement.usable);
  return isGood ? judgement.credential : undefined;
}

type Short = Extract<Judgement, { kind: "short" }>;

/** At once, or in turn while the server does not answer or wants to be left alone (FC-32). */
function renew(context: Context, row: Row, short: Short, refresh: (claimed: Claimed) => Promise<void>): Promise<void> {
  const lane = waitsAt(context, row, short);
  const { breakers, flights } = context;
  if (lane !== undefined && !flights.has(row.id)) return inTurn(context, lane, () => refreshNow(context, row, refresh));
  // Whoever had to wait for a place while the server failed others takes turns when it comes again.
  return refreshNow(context, row, refresh, () => pausedFor(breakers, laneOf(row)) === 0);
}

/** The server for whose turns a refresh waits; undefined: it need not wait. */
function waitsAt({ breakers, clock }: Context, row: Row, { credential }: Short): string | undefined {
  const lane = laneOf(row);
  return isEarly(credential, clock.now()) || pausedFor(breakers, lane) > 0 ? lane : undefined;
}

/** Seconds. */
function pausedFor(breakers: Breakers, lane: string | undefined): number {
  return lane === undefined ? 0 : breakers.wait(lane);
}

/** Seconds until something can change for this reader. */
function nextChance(context: Context, row: Row, short: Short): number {
  const lane = waitsAt(context, row, short);
  const turn = lane === undefined ? 0 : context.breakers.turn(lane);
  return Math.max(turn, earliestTry(short.credential) - context.clock.now()) / 1000;
}

interface Judged {
  readonly row: Row;
  readonly judgement: Judgement;
}

async function look(context: Context, readable: Readable, minimum: number, known?: Known): Promise<Judged | undefined> {
  const row = known?.row ?? (await context.store.read(readable.key));
  const state = known?.state ?? (row && openCredential(context, row));
  return row && state && { row, judgement: readable.judge(state, minimum, context.clock.now()) };
}

/** The table of oauthapp.md 5.2, after whatever could be done was done. */
function answer(context: Context, { row, judgement }: Judged, minimum: number): ReadIssued {
  switch (judgement.kind) {
    case "token":
      return { row, state: judgement.credential };
    case "pending":
      throw pendingError(context, row, judgement.credential);
    case "failed": {
      const { reason, text, providerError } = judgement.credential;
      throw new BrokerError("refused", text, { reason, ...(providerError !== undefined && { providerError }) });
    }
    case "short":
      if (judgement.usable) return { row, state: judgement.credential };
      throw shortError(judgement, minimum, nextChance(context, row, judgement));
    default:
      return judgement satisfies never;
  }
}

type Pending = Extract<Judgement, { kind: "pending" }>["credential"];

function pendingError(context: Context, row: Row, state: Pending): BrokerError {
  const now = context.clock.now();
  if (state.expiresAt <= now) {
    const what = state.flow === "code" ? "the authorization link" : "the device code";
    return new BrokerError("refused", `${what} expired before it was used`, { reason: "expired_token" });
  }
  const wait = Math.ceil(pausedFor(context.breakers, laneOf(row)));
  const detail = { retryAfter: Math.max(wait, retryAfter(row, state, now)), pending: pendingView(state) };
  return new BrokerError("wait", "token pending issuance", detail);
}

/** Seconds to the next poll: asking earlier cannot bring news. */
function retryAfter(row: Row, state: Pending, now: number): number {
  if (state.flow === "code") return 5;
  if (state.suspended) return Math.min(60, Math.max(1, Math.ceil((state.expiresAt - now) / 1000)));
  return Math.max(1, Math.ceil(((row.dueAt ?? now) - now) / 1000));
}
