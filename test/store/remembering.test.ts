import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { systemClock } from "../../src/process/clock.ts";
import { ForwardingStore } from "../../src/store/forwarding.ts";
import { type Key, type Store, StoreUnavailable } from "../../src/store/port.ts";
import { HEAR } from "../../src/store/postgres/sql.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import type { DatabaseTarget } from "../../src/store/postgres/url.ts";
import { RememberingStore } from "../../src/store/remembering.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { resealed, row, storeContract } from "../contract/store.ts";
import { startPostgres } from "../servers/postgres.ts";
import { startRelay } from "../servers/relay.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { dataFolder } from "../support/temporary-folder.ts";

const postgres = await startPostgres();

const ANYTHING = { anything: true } as const;

async function openKept(t: TestContext) {
  const clock = new FakeClock();
  const kept = await openSqliteStore({ path: join(dataFolder(t), "test.db"), clock });
  t.after(() => kept.close().catch(() => {}));
  return { kept, clock };
}

async function open(t: TestContext) {
  const { kept, clock } = await openKept(t);
  const store = new RememberingStore(kept, clock);
  return { store, clock, advance: (milliseconds: number) => clock.advance(milliseconds) };
}

storeContract("remembering", open);

async function openDatabase(t: TestContext, target: DatabaseTarget): Promise<RememberingStore> {
  const store = new RememberingStore(await openPostgresStore({ target, clock: systemClock }), systemClock);
  t.after(() => store.close());
  return store;
}

test("what is written beside a row is there for those who had found nothing of its name", async (t) => {
  const { store } = await open(t);
  const index = row({ kind: "config", name: "index" });
  assert.equal(await store.read(index), undefined);
  await store.write({ ...row({ kind: "config", name: "role" }), beside: [index] }, ANYTHING);
  assert.equal((await store.read(index))?.id, index.id);
});

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

/** `here` has a time of its own, which the test moves, and a wire that can be cut. */
async function openTwo(t: TestContext) {
  const { target } = await postgres.database(t);
  const relay = await startRelay(t, postgres.socket);
  const clock = new FakeClock();
  const counting = counted(await openPostgresStore({ target: { ...target, host: relay.socket }, clock }));
  const here = new RememberingStore(counting.store, clock);
  t.after(() => here.close());
  const there = await openDatabase(t, target);
  const told: (boolean | undefined)[] = [];
  for (const store of [here, there]) {
    let hears = false;
    store.watch((signal) => {
      hears ||= signal.hears === true;
      if (store === here) told.push(signal.hears);
    });
    await eventually("it hears", () => hears);
  }
  await here.look();
  const remembered = async () => {
    const content = row();
    await there.write(content, ANYTHING);
    await here.read(content);
    assert.ok(here.current(content)());
    return content;
  };
  return { here, there, clock, relay, told, counting, remembered };
}

test("I7 a delete or a rewriting by another instance is answered when nobody hands out from memory what it took away", async (t) => {
  const { here, there, remembered } = await openTwo(t);
  const takeAway: readonly ((content: ReturnType<typeof row>) => Promise<unknown>)[] = [
    ({ id }) => there.remove({ id }),
    (content) => there.write(resealed(content, { kind: "revocation", name: content.id }), { id: content.id }),
    ({ name }) => there.write(row({ name }), ANYTHING),
    ({ name, id }) => there.write(row({ name }), { id }),
    async ({ name }) => {
      const flow = row({ kind: "flow", lineage: "l" });
      await there.write(flow, ANYTHING);
      await there.settle({ row: { ...resealed(flow), kind: "creds", name }, by: { lineage: "l" }, expect: ANYTHING });
    },
  ];
  for (const [index, take] of takeAway.entries()) {
    for (const name of [`name ${index}, 100 %`, `${index}/ä`]) {
      const content = row({ name });
      await there.write(content, ANYTHING);
      await here.read(content);
      assert.ok(here.current(content)());
      await take(content);
      assert.equal(here.current(content)(), undefined, `${index}`);
    }
  }
  const many = await Promise.all(Array.from({ length: 20 }, remembered));
  await Promise.all(many.map(({ id }) => there.remove({ id })));
  assert.deepEqual(
    many.filter((one) => here.current(one)()),
    [],
  );
});

test("what another instance changes and does not tell of is handed out for a second at most, and looked at while it is read", async (t) => {
  const { here, there, clock, counting, remembered } = await openTwo(t);
  const [kept, changed] = [await remembered(), await remembered()];
  const { reads } = counting;
  await there.write(resealed(changed), { id: changed.id });
  clock.advance(501);
  assert.ok(here.current(kept)());
  assert.equal(here.current(changed)()?.revision, 1, "not looked at yet");
  await eventually("the change is found", () => !here.current(changed)());
  clock.advance(800);
  assert.ok(here.current(kept)(), "confirmed by then");
  assert.equal(counting.reads, reads, "without a read");
  clock.advance(201);
  assert.equal(here.current(kept)(), undefined, "a second after it was confirmed");
  await here.read(kept);
  await here.look();
  await here.read(kept);
  assert.ok(here.current(kept)());
  await there.write(row({ kind: "config", name: "config" }), ANYTHING);
  await here.look();
  assert.equal(here.current(kept)(), undefined, "operators have set something");
});

test("an instance that does not hear the others asks the store each time, until it hears them again", async (t) => {
  const { here, there, clock, relay, told, remembered } = await openTwo(t);
  const content = await remembered();
  relay.cut();
  await eventually("it is cut", () => here.current(content)() === undefined);
  await eventually("it reads again", () => here.read(content).catch(() => undefined));
  await here.look();
  await here.read(content);
  assert.equal(here.current(content)(), undefined, "what it does not hear of it must not rely on");
  await there.remove({ id: content.id });
  assert.equal(await here.read(content), undefined);
  const other = row();
  await there.write(other, ANYTHING);
  const before = await here.read(other);
  assert.ok(before);
  clock.advance(1_000);
  await eventually("it hears again", () => told.filter((hears) => hears).length === 2);
  assert.equal(here.current(other)(), undefined, "it was read before");
  await here.look();
  await here.read(other);
  assert.ok(here.current(other)());
});

test("an instance that hangs is waited for no longer than a second", async (t) => {
  const { target } = await postgres.database(t);
  const clock = new FakeClock();
  const store = await openPostgresStore({ target, clock });
  t.after(() => store.close());
  const hanging = new pg.Client({ host: target.host, database: target.database, user: target.user });
  await hanging.connect();
  t.after(() => hanging.end());
  await hanging.query(HEAR);
  const content = row();
  await store.write(content, ANYTHING);
  let isDone = false;
  const removing = store.remove({ id: content.id }).then((done) => {
    isDone = done;
  });
  await eventually("it is gone", async () => !(await store.readById(content.id)));
  clock.advance(999);
  await store.look();
  assert.equal(isDone, false);
  await eventually("a second has passed", () => {
    clock.advance(1);
    return isDone;
  });
  await removing;
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

/** How often the store itself was read. */
function counted(store: Store): { readonly store: Store; reads: number } {
  const counting = { store, reads: 0 };
  counting.store = new (class extends ForwardingStore {
    override read(key: Key) {
      counting.reads += 1;
      return super.read(key);
    }
  })(store);
  return counting;
}

test("where nobody else writes, what has not changed is not read twice; whatever changes a row is seen at once", async (t) => {
  const { clock, kept } = await openKept(t);
  const counting = counted(kept);
  const store = new RememberingStore(counting.store, clock);
  const content = row({ task: "poll", dueAt: clock.now(), lineage: "l" });
  await store.write(content, ANYTHING);
  await store.read(content);
  const again = () => store.read(content);
  assert.equal((await again())?.revision, 1);
  assert.equal(counting.reads, 1);
  const claimed = await store.claim(content.id, { milliseconds: 1_000 });
  assert.equal((await again())?.claim, claimed?.claim);
  await store.release(content.id, claimed?.claim ?? "", { untouched: true, dueAt: clock.now() });
  assert.equal((await again())?.claim, null);
  const [due] = await store.claimDue({ limit: 1, milliseconds: 1_000 });
  assert.equal((await again())?.claim, due?.claim);
  await store.escrow({ id: content.id, by: { lineage: "l" }, sealed: new Uint8Array([1]) });
  assert.equal((await again())?.revision, 2, "somebody else's answer counts as a change");
  await store.settle({ row: resealed(content), by: { claim: due?.claim ?? "" } });
  assert.equal((await again())?.escrow, null);
  await store.remove({ id: content.id });
  assert.equal(await again(), undefined);
});

test("a store that did not answer is asked first again, also for what nobody can have changed", async (t) => {
  const { clock, kept } = await openKept(t);
  let away = false;
  const store = new RememberingStore(
    new (class extends ForwardingStore {
      override async check() {}
      override read(key: Key) {
        return away ? Promise.reject(new StoreUnavailable("away")) : super.read(key);
      }
      override look() {
        return away ? Promise.reject(new StoreUnavailable("away")) : super.look();
      }
    })(kept),
    clock,
  );
  const content = row();
  await store.write(content, ANYTHING);
  await store.read(content);
  away = true;
  assert.equal((await store.read(content))?.id, content.id, "nothing tells that it is away");
  await assert.rejects(store.look());
  await assert.rejects(store.read(content), StoreUnavailable);
  assert.ok(store.recent(content), "it stands in");
  away = false;
  assert.equal((await store.read(content))?.id, content.id);
});

test("what operators write is remembered, also that it is not there, until a look finds a change; a second at most", async (t) => {
  const { target } = await postgres.database(t);
  const clock = new FakeClock();
  const counting = counted(await openPostgresStore({ target, clock: systemClock }));
  const here = new RememberingStore(counting.store, clock);
  t.after(() => here.close());
  const there = await openDatabase(t, target);
  const server = row({ kind: "server" });
  const config = { mount: "oauth2", kind: "config", name: "config" } as const;
  await there.write(server, ANYTHING);
  const look = async () => {
    const before = counting.reads;
    const found = [(await here.read(server))?.revision, (await here.read(config))?.revision];
    return { found, reads: counting.reads - before };
  };
  await here.look();
  assert.deepEqual(await look(), { found: [1, undefined], reads: 2 });
  assert.deepEqual(await look(), { found: [1, undefined], reads: 0 });
  clock.advance(1_000);
  assert.deepEqual(await look(), { found: [1, undefined], reads: 0 });
  clock.advance(1);
  assert.deepEqual(await look(), { found: [1, undefined], reads: 2 }, "nobody has looked for a second");
  await here.look();
  await there.write(resealed(server), { id: server.id });
  await there.write(row(config), ANYTHING);
  assert.deepEqual(await look(), { found: [1, undefined], reads: 0 }, "not heard of yet");
  await here.look();
  assert.deepEqual(await look(), { found: [2, 1], reads: 2 });
  await here.write(resealed(server), { id: server.id });
  assert.deepEqual((await look()).found, [3, 1], "a write through this instance is seen at once");
  await there.remove({ id: server.id });
  await here.look();
  assert.deepEqual((await look()).found, [undefined, 1]);
});
