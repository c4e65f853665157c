import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createSessionMemory, ObservedStore } from "../../src/broker/process/session-memory.ts";
import { wrappedStore } from "../../src/compose/wrapped-store.ts";
import { systemClock } from "../../src/process/clock.ts";
import type { Store } from "../../src/store/port.ts";
import { openPostgresSnapshot } from "../../src/store/postgres/snapshot.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { PreparedStore } from "../../src/store/prepared.ts";
import { openSqliteSnapshot } from "../../src/store/sqlite/snapshot.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { snapshotContract } from "../contract/snapshot.ts";
import { storeContract } from "../contract/store.ts";
import { startPostgres } from "../servers/postgres.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { dataFolder } from "../support/temporary-folder.ts";

/** Each wrapper must keep what the store promises; the one that remembers has a file of its own. */
const postgres = await startPostgres();

async function openSqlite(t: TestContext) {
  const clock = new FakeClock();
  const path = join(dataFolder(t), "test.db");
  const kept = await openSqliteStore({ path, clock });
  t.after(() => kept.close().catch(() => {}));
  return { kept, path, clock, advance: (milliseconds: number) => clock.advance(milliseconds) };
}

async function openPostgres(t: TestContext) {
  const database = await postgres.database(t);
  const kept = await openPostgresStore({ target: database.target, clock: systemClock });
  t.after(() => kept.close());
  return { ...database, store: wrappedStore(kept, createSessionMemory(systemClock), systemClock) };
}

storeContract("observed sqlite", async (t) => {
  const { kept, clock, advance } = await openSqlite(t);
  return { store: new ObservedStore(kept, createSessionMemory(clock)), advance };
});

storeContract("prepared sqlite", async (t) => {
  const { kept, advance } = await openSqlite(t);
  return { store: new PreparedStore(kept, () => Promise.resolve()), advance };
});

storeContract("postgres as the broker has it", openPostgres);

snapshotContract("sqlite as the broker has it", async (t) => {
  const { kept, path, clock } = await openSqlite(t);
  const store = wrappedStore(kept, createSessionMemory(clock), clock);
  return { store, snapshot: async () => openSqliteSnapshot(path) };
});

snapshotContract("postgres as the broker has it", async (t) => {
  const { store, target } = await openPostgres(t);
  return { store, snapshot: () => openPostgresSnapshot(target) };
});

/** Methods whose arguments a wrapper may leave out without an error of the compiler. */
type Forgettable = {
  [Method in keyof Methods]: Parameters<Methods[Method]> extends Required<Parameters<Methods[Method]>> ? never : Method;
}[keyof Methods];
type Methods = Omit<Store, "alone">;

test("no wrapper can forget to pass an argument on: none is optional", () => {
  const forgettable: Record<Forgettable, string> = {};
  assert.deepEqual(Object.keys(forgettable), []);
});
