import { type Clock, pause } from "../../process/clock.ts";
import type { Row, Upkeep } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { isCanary } from "./canary.ts";

/** Rows that are read at once: a fraction of a millisecond of the event loop. */
const PAGE = 100;

/** How many records are sealed under each key, by its id. */
export type Seals = ReadonlyMap<string, number>;

/** All rows, in pages; at most half of the time is spent on them, the rest is for those who wait for tokens. */
export async function* scanPages({
  store,
  clock,
}: {
  readonly store: Upkeep;
  readonly clock: Clock;
}): AsyncGenerator<readonly Row[], void> {
  for (let after = ""; ; ) {
    const began = clock.monotonic();
    const rows = await store.scan(after, PAGE);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.id;
    await pause(clock, clock.monotonic() - began);
  }
}

/** The sealed records of a row; a canary is none, it stays under its key. */
export function sealsOf(row: Row): readonly Uint8Array[] {
  return isCanary(row) ? [] : [row.sealed, ...(row.escrow === null ? [] : [row.escrow])];
}

/** Looks at every record of the store and of this process's rescue journal. What is no blob at all is under no key. */
export async function countSeals({ store, clock, seal, journal }: Context): Promise<Map<string, number>> {
  const seals = new Map<string, number>();
  const add = (sealed: Uint8Array) => {
    const id = seal.keyOf(sealed);
    if (id !== undefined) seals.set(id, (seals.get(id) ?? 0) + 1);
  };
  for await (const rows of scanPages({ store, clock })) rows.flatMap(sealsOf).forEach(add);
  for (const entry of journal.all().values()) if (entry) add(entry.sealed);
  return seals;
}
