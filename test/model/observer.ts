import type { Rescued } from "../../src/broker/attempt/rescue.ts";
import type { Context } from "../../src/broker/process/context.ts";
import { openContent, openCredential, openEscrow, openRescued } from "../../src/broker/record/records.ts";
import type { Revocation } from "../../src/broker/record/revocation.ts";
import type { RescueEntry } from "../../src/journal/rescue-journal.ts";
import type { Fields, Log } from "../../src/process/log.ts";
import type { Claimed, Row, RowContent } from "../../src/store/port.ts";
import type { Process } from "./process.ts";
import type { Receiver } from "./receiver.ts";
import type { Rules } from "./rules.ts";
import type { Witness } from "./store-port.ts";
import type { Timeline } from "./timeline.ts";

/** What was reached, and how often, over all runs: a model that never gets anywhere proves nothing. */
export type Seen = Map<string, number>;

const TRACED = process.env.MODEL_TRACE !== undefined;

/** Sees what becomes durable, tells the rules, and counts what was reached. */
export class Observer implements Witness {
  readonly rules: Rules;
  readonly #timeline: Timeline;
  readonly #seen: Seen;
  /** Any instance's: only its seal is used. */
  readonly #eyes: () => Context;
  readonly #receiver: Pick<Receiver, "died">;

  constructor(rules: Rules, timeline: Timeline, seen: Seen, eyes: () => Context, receiver: Pick<Receiver, "died">) {
    this.#receiver = receiver;
    this.rules = rules;
    this.#timeline = timeline;
    this.#seen = seen;
    this.#eyes = eyes;
  }

  see(what: string): void {
    this.#seen.set(what, (this.#seen.get(what) ?? 0) + 1);
  }

  /** The story of a run, for people: MODEL_TRACE=1. */
  trace(text: () => string): void {
    if (TRACED) process.stderr.write(`${Math.round(this.#timeline.now)} ${text()}\n`);
  }

  logOf(process: string): Log {
    const note = (event: string, fields: Fields = {}) => {
      this.trace(() => `  log ${process} ${event} ${JSON.stringify(fields)}`);
      this.see(event === "attempt" ? `attempt ${fields.outcome}` : event);
    };
    return { info: note, warn: note, error: note };
  }

  stored(content: RowContent, by: Process): void {
    const row: Row = { ...content, revision: 0, claim: null, claimUntil: null, intent: null, escrow: null };
    this.trace(() => `  stored ${row.kind} ${row.name} ${row.id.slice(0, 5)} ${row.task}`);
    if (row.kind === "creds") this.#storedCredential(row, by);
    if (row.kind === "revocation") this.#storedRevocation(row);
  }

  #storedCredential(row: Row, by: Process): void {
    const before = this.rules.stateById(row.id);
    const state = openCredential(this.#eyes(), row);
    this.trace(() => `    ${JSON.stringify(state)}`);
    if (state.status === "issued" && state.sibling !== undefined) this.see("sibling kept");
    if (before?.status === "issued" && state.status === "issued" && before.sibling === state.refreshToken) {
      if (state.refreshToken !== undefined) this.see("sibling tried");
    }
    this.rules.stored(row.id, row.name, state, by);
    const reason = this.rules.reasonOf(state);
    if (reason !== undefined) this.see(`ended ${reason}`);
    const stood = before?.status === "issued" && this.rules.reasonOf(before) === undefined;
    if (stood && reason !== undefined) this.#receiver.died(row.name);
  }

  #storedRevocation(row: Row): void {
    const { tokens } = openContent<Revocation>(this.#eyes(), row);
    this.trace(() => `    ${JSON.stringify(tokens)}`);
    const late = tokens.some(({ refreshToken }) => refreshToken && !this.rules.wasInRow(refreshToken));
    if (late) this.see("late answer revoked");
  }

  escrowed(id: string, sealed: Uint8Array): void {
    const body = openEscrow(this.#eyes(), { id, escrow: sealed } as Row)?.answer.body ?? "";
    this.trace(() => `  escrow ${id.slice(0, 5)} ${body}`);
    this.rules.durable(refreshTokenIn(body));
  }

  claimed(rows: readonly Claimed[], process: Process): void {
    for (const { row } of rows) {
      this.trace(() => `  ${process.name} claims ${row.id.slice(0, 5)}${row.escrow === null ? "" : " with an escrow"}`);
      this.rules.claimed(row.id, process);
      if (row.escrow !== null) this.see("escrow applied");
    }
  }

  rescued({ id, sealed }: RescueEntry): void {
    this.see("rescue written");
    const token = refreshTokenIn(openRescued<Rescued>(this.#eyes(), id, sealed)?.answer.body ?? "");
    if (token !== undefined) this.rules.rescued(token);
  }
}

function refreshTokenIn(body: string): string | undefined {
  if (!body.startsWith("{")) return undefined;
  const { refresh_token: token } = JSON.parse(body);
  return typeof token === "string" ? token : undefined;
}
