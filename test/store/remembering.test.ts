import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../src/process/clock.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import type { DatabaseTarget } from "../../src/store/postgres/url.ts";
import { RememberingStore } from "../../src/store/remembering.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { resealed, row, storeContract } from "../contract/store.ts";
import { temporaryFolder } from "../support/coatcheck.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { startPostgres } from "../support/postgres.ts";
import { startRelay } from "../support/relay.ts";

const postgres = await startPostgres();

const ANYTHING = { anything: true } as const;

async function open(t: TestContext) {
  const clock = new FakeClock();
  const kept = await openSqliteStore({ path: join(temporaryFolder(t), "test.db"), clock });
  const store = new RememberingStore(kept, clock);
  t.after(() => store.close().catch(() => {}));
  return { store, clock, advance: (milliseconds: number) => clock.advance(milliseconds) };
}

storeContract("remembering", open);

async function openDatabase(t: TestContext, target: DatabaseTarget): Promise<RememberingStore> {
  const store = new RememberingStore(await openPostgresStore({ target, clock: systemClock }), systemClock);
  t.after(() => store.close());
  return store;
}

test("what was read is remembered for a minute after the store was asked, sealed as it is, and nothing else is", async (t) => {
  const { store, clock } = await open(t);
  const content = row();
  const server = row({ kind: "server" });
  for (const one of [content, server]) await store.write(one, ANYTHING);
  assert.equal(store.recent(content), undefined, "written is not read");
  for (const one of [content, server]) await store.read(one);
  assert.equal(store.recent(server), undefined, "it hands out no token");
  clock.advance(60_000);
  assert.deepEqual(store.recent(content)?.row.sealed, content.sealed);
  assert.equal(store.recent(content)?.age, 60_000);
  clock.advance(1);
  assert.equal(store.recent(content), undefined);
  await store.read(content);
  assert.equal(store.recent(content)?.age, 0, "confirmed anew");
});

test("every change drops what is remembered as it is begun, whatever becomes of it", async (t) => {
  const { store } = await open(t);
  const changes = [
    (content: ReturnType<typeof row>) => store.write(resealed(content), { id: content.id }),
    (content: ReturnType<typeof row>) => store.write(resealed(content, { id: "another" }), ANYTHING),
    ({ id, sealed }: ReturnType<typeof row>) =>
      store.reseal([{ id, field: "sealed", from: sealed, to: new Uint8Array([7]) }]),
    (content: ReturnType<typeof row>) =>
      store.write(resealed(content, { kind: "revocation", name: content.id }), { id: content.id }),
    (content: ReturnType<typeof row>) => store.write(resealed(content), { id: content.id, revision: 99 }),
    (content: ReturnType<typeof row>) => store.settle({ row: resealed(content), by: { lineage: "l" } }),
    (content: ReturnType<typeof row>) => store.remove({ id: content.id }),
  ];
  for (const [index, change] of changes.entries()) {
    const content = row({ lineage: "l" });
    await store.write(content, ANYTHING);
    await store.read(content);
    assert.ok(store.recent(content));
    const changed = change(content);
    assert.equal(store.recent(content), undefined, `at once: ${index}`);
    await changed;
    assert.equal(store.recent(content), undefined, `afterwards: ${index}`);
  }
});

test("I7 delete wins over a read that was under way when it was acknowledged", async (t) => {
  const database = await postgres.database(t);
  const relay = await startRelay(t, postgres.socket);
  const store = await openDatabase(t, { ...database.target, host: relay.socket });
  const content = row();
  await store.write(content, ANYTHING);
  const held = relay.holdAnswer();
  const reading = store.read(content);
  const letGo = await held;
  assert.equal(await store.remove({ id: content.id }), true);
  letGo();
  assert.equal((await reading)?.id, content.id, "read before it was deleted, told after");
  assert.equal(store.recent(content), undefined);
});

test("I7 what another instance deletes is dropped here; other changes of its are not worth a word", async (t) => {
  const { target } = await postgres.database(t);
  const [here, there] = await Promise.all([openDatabase(t, target), openDatabase(t, target)]);
  const gone: (string | undefined)[] = [];
  here.watch((signal) => void gone.push(signal.gone));
  const remembered = async () => {
    const content = row();
    await there.write(content, ANYTHING);
    assert.ok(await here.read(content));
    return content;
  };
  const poll = { task: "poll", dueAt: await here.now() } as const;
  await eventually("the listener listens", async () => (await there.write(row(poll), ANYTHING)) && gone.length > 0);
  const [kept, removed, buried] = [await remembered(), await remembered(), await remembered()];
  await there.write(resealed(kept), ANYTHING);
  await there.remove({ id: row({ kind: "flow" }).id });
  await there.remove({ id: removed.id });
  await there.write(resealed(buried, { kind: "revocation", name: buried.id }), { id: buried.id });
  await eventually("both are gone", () => !here.recent(removed) && !here.recent(buried));
  assert.ok(here.recent(kept));
  assert.deepEqual(
    gone.filter((id) => id !== undefined),
    [removed.id, buried.id],
  );
});

test("I9 it remembers so many bytes and no more, the last read ones", async (t) => {
  const { store } = await open(t);
  const contents = Array.from({ length: 5 }, () => row({ sealed: new Uint8Array(15_000_000) }));
  for (const content of contents) {
    await store.write(content, ANYTHING);
    await store.read(content);
  }
  assert.deepEqual(
    contents.map((content) => store.recent(content) !== undefined),
    [false, true, true, true, true],
  );
});
