import { type Credential, type Issued, inDoubt } from "../../src/credential/index.ts";
import type { Process } from "./process.ts";
import type { Grant, ProviderLog, Use } from "./provider-log.ts";

/** A credential as it was last stored. */
interface Stored {
  readonly state: Credential;
  readonly name: string;
  /** Who stored it, and when. */
  readonly by: Process;
  readonly at: number;
  readonly moment: number;
}

/** What a rule needs to know of the world. */
export interface Truth {
  readonly log: ProviderLog;
  now(): number;
  /** How many things have happened. */
  moment(): number;
  /** The store's clock, epoch milliseconds. */
  storeNow(): number;
  isGood(refreshToken: string): boolean;
  /** The provider says `invalid_grant` although it is not so, now and then. */
  readonly lies: boolean;
  /** Answers in a rescue journal are applied before anything is sent: true of one instance on its own disk. */
  readonly alone: boolean;
  /** When a process was last killed, stood still or lost its store. */
  lastHindrance(): number;
  /** Somebody has set the host's clock. */
  clockWasSet(): boolean;
}

/** A write or a delete of a name, as its caller saw it. */
interface Change {
  readonly begun: number;
  acknowledged: number | undefined;
  /** When that was, milliseconds. */
  at: number;
  readonly kind: "write" | "delete";
}

/** An instance that cannot reach the store hands out what it knows for so long. Milliseconds. */
const REMEMBERED_MS = 60_000;

/** Clocks of instances are that much apart at most. Milliseconds. */
const LEAD_MS = 260;

/** A process tries a server for readers so often, but for what it needs to get there. Milliseconds. */
const TURN_MS = 4_000;

/** Rounding of due times. Milliseconds. */
const ROUNDING_MS = 2;

/** Earlier answers to `invalid_grant` that make the next one mean "lost". */
const DOUBTFUL = /^(nothing|status \d+|server_error|temporarily_unavailable)$/;

/**
 * The invariants of the fault specification, looked at from outside: by the provider's log, by what is durable, and by
 * what callers were told. Names in brackets are theirs.
 */
export class Rules {
  readonly broken: string[] = [];
  readonly #truth: Truth;
  /** Refresh tokens that are or were in the store (in a row, beside one, or in escrow), and since when. */
  readonly #durable = new Map<string, number>();
  /** When a row was last claimed, by the value it held then and the process. */
  readonly #claimed = new Map<string, number>();
  readonly #rescued = new Set<string>();
  /** When a process last tried something before its time. */
  readonly #tried = new Map<Process, number>();
  readonly #inRows = new Set<string>();
  readonly #stored = new Map<string, Stored>();
  /** Refresh tokens that a row has left behind. */
  readonly #left = new Map<string, Set<string>>();
  readonly #changes = new Map<string, Change[]>();

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  #break(rule: string): void {
    this.broken.push(`${rule} (at ${this.#truth.now()} ms)`);
  }

  #require(holds: boolean, rule: string): void {
    if (!holds) this.#break(rule);
  }

  begin(name: string, kind: Change["kind"]): Change {
    const change = { begun: this.#truth.moment(), acknowledged: undefined, at: Number.POSITIVE_INFINITY, kind };
    const changes = this.#changes.get(name) ?? [];
    changes.push(change);
    this.#changes.set(name, changes);
    return change;
  }

  acknowledge(change: Change): void {
    change.acknowledged = this.#truth.moment();
    change.at = this.#truth.now();
  }

  /** Whether somebody deleted or wrote the name after a grant's own write had been acknowledged, before `moment`. */
  #isReplaced({ name, acknowledged }: Grant, before: number, sinceMs = 0): boolean {
    if (acknowledged === undefined) return false;
    return (this.#changes.get(name) ?? []).some(
      (change) =>
        change.begun > acknowledged &&
        change.acknowledged !== undefined &&
        change.acknowledged < before &&
        this.#truth.now() - change.at >= sinceMs,
    );
  }

  /** Whether it was this very grant that was deleted, and nothing that replaced it. */
  wasDeleted({ name, begun, acknowledged }: Grant): boolean {
    if (acknowledged === undefined) return false;
    const changes = this.#changes.get(name) ?? [];
    const deleted = changes.find((one) => one.kind === "delete" && one.begun > acknowledged && one.acknowledged);
    const end = deleted?.acknowledged;
    if (end === undefined) return false;
    const others = changes.filter((one) => one.kind === "write" && one.begun !== begun && one.begun < end);
    return others.every((one) => one.acknowledged !== undefined && one.acknowledged < begun);
  }

  /** Something is written to the provider. */
  sends(use: Use): void {
    const { log, now, storeNow } = this.#truth;
    const before = log.of(use.value).filter((earlier) => earlier !== use);
    const held = this.#holding(use.value);
    const row = this.#stored.get(held);
    const claimed = this.#claimed.get(`${use.value} ${use.process.name}`) ?? this.#truth.moment();
    for (const earlier of before) this.#requireReplayable(earlier, use, claimed);
    if (row?.state.status === "pending" && row.state.flow === "device") {
      const last = before.at(-1);
      const gap = last ? now() - last.at : Number.POSITIVE_INFINITY;
      // A process that is started after somebody set the host's clock has nothing to compare it with.
      const knows = last?.process === use.process || !this.#truth.clockWasSet();
      this.#require(!knows || gap >= row.state.interval * 1000 - ROUNDING_MS, `I8: polled after ${gap} ms`);
      this.#require(storeNow() >= row.state.notBefore - ROUNDING_MS, "I8: polled before its due time");
    }
    if (row?.state.status === "issued") this.#requireTime(row.state, use);
    const dead =
      row?.state.status === "failed" || (row?.state.status === "issued" && row.state.trouble?.kind === "dead");
    this.#require(!dead, "I6: a dead grant is asked for");
  }

  /** Readers who wait try before its time what no provider asked to be left alone, one per process each 5 s. */
  #requireTime({ trouble }: Issued, { process, at }: Use): void {
    if (trouble === undefined || trouble.kind === "dead") return;
    const { storeNow } = this.#truth;
    if (trouble.retryAt - storeNow() <= LEAD_MS) return;
    const early = (trouble.kind === "temporary" ? (trouble.notBefore ?? 0) : trouble.retryAt) - storeNow();
    this.#require(early <= LEAD_MS, `I8: tried again ${early} ms before its time`);
    const since = at - (this.#tried.get(process) ?? Number.NEGATIVE_INFINITY);
    this.#require(since >= TURN_MS, `FC-32: tried for readers twice in ${since} ms`);
    this.#tried.set(process, at);
  }

  #requireReplayable(earlier: Use, use: Use, claimed: number): void {
    const { issued, process, endedAt, heard } = earlier;
    const open = endedAt === undefined;
    if (open) {
      this.#require(process !== use.process, "I4: two requests of one process for one credential");
      // An answer to the same token came late, and ended the claim of who sends now.
      const late = this.#stored.get(this.#holding(use.value));
      const ended = late !== undefined && late.by !== use.process && late.moment >= claimed;
      const free = process.wasHindered(earlier.at) || this.#isOvertaken(earlier) || ended;
      this.#require(free, "I4: sent while its owner's request is under way");
    }
    if (!issued || issued.refreshToken === use.value) return;
    // A rescued answer may come just when somebody else has taken the row over.
    const since = this.#durable.get(issued.refreshToken);
    this.#require(since === undefined || since > claimed, "I3: sent again although its successor is stored");
    const rescued = this.#truth.alone && this.#rescued.has(issued.refreshToken);
    this.#require(!rescued, "I3: sent again although its successor is in the rescue journal");
    const inHand = heard === "tokens" && !process.wasHindered(earlier.at);
    this.#require(!inHand, "I3: sent again although its owner has the successor");
  }

  /** One that had slept came back with an answer to the same token, and ended the claim of who had taken over. */
  #isOvertaken({ value, process, at }: Use): boolean {
    const row = this.#stored.get(this.#holding(value));
    return row !== undefined && row.by !== process && row.at >= at && row.by.wasHindered(at);
  }

  /** The id of the row that waits for an answer to this value. */
  #holding(value: string): string {
    return [...this.#stored].findLast(([, { state }]) => sentFor(state) === value)?.[0] ?? "";
  }

  /** A process took a row over. */
  claimed(id: string, { name }: Process): void {
    const state = this.#stored.get(id)?.state;
    this.#claimed.set(`${state && sentFor(state)} ${name}`, this.#truth.moment());
  }

  durable(refreshToken: string | undefined): void {
    if (refreshToken === undefined || this.#durable.has(refreshToken)) return;
    this.#durable.set(refreshToken, this.#truth.moment());
  }

  rescued(refreshToken: string): void {
    this.#rescued.add(refreshToken);
  }

  isKept(refreshToken: string): boolean {
    return this.#durable.has(refreshToken) || this.#rescued.has(refreshToken);
  }

  /** A credential is durable in this state. */
  stored(id: string, name: string, state: Credential, by: Process): void {
    const before = this.#stored.get(id)?.state;
    this.#stored.set(id, { state, name, by, at: this.#truth.now(), moment: this.#truth.moment() });
    if (state.status === "issued") this.#storedIssued(id, name, state, before);
    const reason = deathOf(state);
    if (reason !== undefined && (before === undefined || deathOf(before) === undefined)) {
      this.#requireEvidence(reason, state, before);
    }
  }

  #storedIssued(id: string, name: string, state: Issued, before: Credential | undefined): void {
    this.durable(state.refreshToken);
    this.durable(state.sibling);
    if (state.refreshToken !== undefined) this.#inRows.add(state.refreshToken);
    if (state.sibling !== undefined) this.#inRows.add(state.sibling);
    const old = before?.status === "issued" ? before.refreshToken : undefined;
    const left = this.#left.get(id) ?? new Set();
    if (old !== undefined && old !== state.refreshToken) left.add(old);
    this.#left.set(id, left);
    this.#require(!left.has(state.refreshToken ?? ""), "I5: a row went back to an older refresh token");
    const grant = this.#truth.log.grantOf(state.refreshToken ?? "");
    if (!grant) return;
    this.#require(grant.name === name, `h4: a grant of ${grant.name} is stored as ${name}`);
    const replaced = this.#isReplaced(grant, this.#truth.moment());
    this.#require(!replaced, `I7: what was deleted or replaced is stored again as ${name}`);
  }

  #requireEvidence(reason: string, state: Credential, before: Credential | undefined): void {
    if (before?.status === "pending") this.#requireEndOfFlow(reason, before);
    if (before?.status !== "issued" || before.refreshToken === undefined) return;
    const { log, lies } = this.#truth;
    const token = before.refreshToken;
    const uses = log.of(token);
    const refusals = uses.filter(({ heard }) => heard === "invalid_grant");
    this.#require(refusals.length > 0, `I6: ${reason} although no answer said so`);
    if (reason === "invalid_grant") {
      const [first, last] = [refusals[0]?.at ?? 0, refusals.at(-1)?.at ?? 0];
      const confirmed = last - first >= 29_000 || this.#truth.clockWasSet() || before.trouble?.kind === "suspect";
      this.#require(refusals.length > 1 && confirmed, "I6: one unconfirmed invalid_grant ended a grant");
    }
    if (reason === "lost_in_rotation") this.#requireLoss(uses, before);
    if (!lies) this.#require(!this.#truth.isGood(token), `I6: ${reason} of a grant that lives (${state.status})`);
  }

  /** h9: the provider has issued a successor that nobody could store, or the grant ended while it was in doubt. */
  #requireLoss(uses: readonly Use[], before: Issued): void {
    const doubted = uses.some(({ heard, process, at }) => {
      return heard === undefined || DOUBTFUL.test(heard) || process.wasHindered(at);
    });
    // A claim whose owner died before it sent anything leaves a doubt and no use.
    const interrupted = this.#truth.lastHindrance() >= (uses[0]?.at ?? 0) || uses.length === 1;
    this.#require(doubted || inDoubt(before) || interrupted, "I6: lost_in_rotation without a doubt");
    for (const { value, issued, heard, process, at } of uses) {
      if (!issued || issued.refreshToken === value || heard !== "tokens") continue;
      this.#require(process.wasHindered(at), "I2: an answer that was read was lost");
    }
  }

  #requireEndOfFlow(
    reason: string,
    { deviceCode, expiresAt }: Credential & { status: "pending" } & { deviceCode?: string; expiresAt: number },
  ) {
    const uses = this.#truth.log.of(deviceCode ?? "");
    const heard = uses.some((use) => use.heard === "invalid_grant");
    if (reason === "expired_token") {
      const due = this.#truth.storeNow() >= expiresAt - LEAD_MS;
      return this.#require(due, "I6: a device flow lapsed before its time");
    }
    this.#require(heard, `I6: a device flow ended as ${reason} although no answer said so`);
    if (reason === "invalid_grant" && !this.#truth.lies)
      this.#break("I6: invalid_grant of a device code that nobody used");
  }

  /** A caller was given an access token. */
  handedOut(name: string, accessToken: string, asked: number, by: Process): void {
    const partner = this.#truth.log.partnerOf(accessToken);
    if (partner === undefined) {
      this.#break(`I1: ${name} was given a token that nobody issued: "${accessToken}"`);
      return;
    }
    this.#require(this.#durable.has(partner), `I1: ${name} was given a token whose refresh token is not stored`);
    const grant = this.#truth.log.grantOf(partner);
    this.#require(grant?.name === name, `h4: ${name} was given a token of ${grant?.name}`);
    // One of several that has lost the store cannot know; one alone has made every change itself.
    const blind = !this.#truth.alone && by.wasHindered(this.#truth.now() - REMEMBERED_MS);
    const replaced = grant !== undefined && this.#isReplaced(grant, asked, blind ? REMEMBERED_MS : 0);
    this.#require(!replaced, `I7: ${name} was given what had been deleted or replaced`);
  }

  stateById(id: string): Credential | undefined {
    return this.#stored.get(id)?.state;
  }

  wasInRow(refreshToken: string): boolean {
    return this.#inRows.has(refreshToken);
  }

  reasonOf(state: Credential): string | undefined {
    return deathOf(state);
  }

  /** Whether some acknowledged write has no delete beside or after it. */
  mustExist(name: string): boolean {
    const changes = this.#changes.get(name) ?? [];
    const deletes = changes.filter(({ kind }) => kind === "delete");
    return changes.some(({ kind, begun, acknowledged }) => {
      if (kind === "delete" || acknowledged === undefined) return false;
      return deletes.every((one) => one.acknowledged !== undefined && one.acknowledged < begun);
    });
  }

  stateOf(name: string): Credential | undefined {
    return [...this.#stored.values()].findLast((stored) => stored.name === name)?.state;
  }
}

function deathOf(state: Credential): string | undefined {
  if (state.status === "failed") return state.reason;
  return state.status === "issued" && state.trouble?.kind === "dead" ? state.trouble.reason : undefined;
}

/** What is sent for a credential: a device code or a refresh token. */
function sentFor(state: Credential): string | undefined {
  if (state.status === "pending") return state.flow === "device" ? state.deviceCode : undefined;
  return (state.status === "failed" ? state.last : state)?.refreshToken;
}
