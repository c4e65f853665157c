import { randomBytes } from "node:crypto";
import { type Claimed, type ClaimRequest, StoreUnavailable, TASKS } from "../port.ts";
import type { Connections } from "./connection.ts";
import { type RawRow, toRow } from "./rows.ts";
import * as sql from "./sql.ts";
import type { Statement, Values } from "./statement.ts";

/** Takes rows for this instance, and gives back what it may hold without knowing. */
export class Claims {
  readonly #connections: Connections;
  /** Claims whose statement was not answered: rows may be held that nobody knows of. */
  readonly #unanswered = new Set<string>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  due(request: ClaimRequest): Promise<readonly Claimed[]> {
    const { limit, milliseconds, perLane, busy = new Map(), excludeIds = [], excludeTasks = [] } = request;
    const full = [...busy].flatMap(([lane, count]) => (count >= (perLane ?? Number.POSITIVE_INFINITY) ? [lane] : []));
    return this.#claim(full.length === 0 ? sql.CLAIM_DUE : sql.CLAIM_DUE_BY_LANE, {
      limit,
      milliseconds,
      perLane: perLane ?? null,
      busy: JSON.stringify(Object.fromEntries(busy)),
      full,
      ids: excludeIds,
      tasks: TASKS.filter((task) => !excludeTasks.includes(task)),
    });
  }

  async one(id: string, milliseconds: number): Promise<Claimed | undefined> {
    return (await this.#claim(sql.CLAIM, { id, milliseconds }))[0];
  }

  async #claim(statement: Statement, values: Values): Promise<Claimed[]> {
    await this.#giveBack();
    const claim = randomBytes(16).toString("base64url");
    try {
      const { rows } = await this.#connections.run<RawRow>(statement, { ...values, claim });
      return rows.map((raw) => ({ row: toRow(raw), claim }));
    } catch (error) {
      if (error instanceof StoreUnavailable) this.#unanswered.add(claim);
      throw error;
    }
  }

  /** Else what such a claim holds would wait for the end of its lease. */
  async #giveBack(): Promise<void> {
    if (this.#unanswered.size === 0) return;
    const claims = [...this.#unanswered];
    await this.#connections.run(sql.GIVE_BACK, { claims });
    for (const claim of claims) this.#unanswered.delete(claim);
  }
}
