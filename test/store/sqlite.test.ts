import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { StoreBroken, StoreUnavailable, StoreUnusable } from "../../src/store/port.ts";
import { openDatabase, storeError } from "../../src/store/sqlite/database.ts";
import { openSqliteSnapshot } from "../../src/store/sqlite/snapshot.ts";
import * as sql from "../../src/store/sqlite/sql.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { snapshotContract } from "../contract/snapshot.ts";
import { resealed, row, storeContract } from "../contract/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { dataFolder } from "../support/temporary-folder.ts";

async function open(t: TestContext, path = join(dataFolder(t), "test.db")) {
  const clock = new FakeClock();
  const store = await openSqliteStore({ path, clock });
  t.after(() => store.close().catch(() => {}));
  return { store, path, advance: (milliseconds: number) => clock.advance(milliseconds) };
}

storeContract("sqlite", open);
snapshotContract("sqlite", async (t) => {
  const { store, path } = await open(t);
  return { store, snapshot: async () => openSqliteSnapshot(path) };
});

test("every commit is synced: WAL and synchronous=FULL on each connection, file readable by its owner alone", (t) => {
  const path = join(dataFolder(t), "test.db");
  for (let again = 0; again < 2; again++) {
    const database = openDatabase(path);
    assert.equal(Object.values(database.prepare("PRAGMA synchronous").get() ?? {})[0], 2);
    assert.equal(Object.values(database.prepare("PRAGMA journal_mode").get() ?? {})[0], "wal");
    database.close();
  }
  assert.equal(statSync(path).mode & 0o077, 0);
});

test("what was acknowledged survives kill -9", async (t) => {
  const path = join(dataFolder(t), "test.db");
  const writer = `
    const { openSqliteStore } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/store/sqlite/store.ts"))});
    const { systemClock } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/process/clock.ts"))});
    const store = await openSqliteStore({ path: ${JSON.stringify(path)}, clock: systemClock });
    for (let n = 0; ; n++) {
      const id = "row-" + n;
      await store.write({ id, mount: "m", kind: "creds", name: id, server: null, task: null, dueAt: null, lineage: null, sealed: new Uint8Array(500) }, { absent: true });
      process.stdout.write(id + "\\n");
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", writer]);
  t.after(() => child.kill("SIGKILL"));
  let acknowledged = "";
  child.stdout.on("data", (text) => {
    acknowledged += text;
    if (acknowledged.length > 2_000) child.kill("SIGKILL");
  });
  await new Promise((done) => child.once("close", done));
  const { store } = await open(t, path);
  const ids = acknowledged
    .split("\n")
    .filter((id) => id !== "")
    .slice(0, -1);
  assert.ok(ids.length > 50);
  for (const id of ids) assert.ok(await store.readById(id), id);
});

test("claims of a dead process are free at the next start, and their intent stays", async (t) => {
  const path = join(dataFolder(t), "test.db");
  const first = await open(t, path);
  const content = row({ task: "refresh", dueAt: 1, lineage: "l" });
  await first.store.write(content, { absent: true });
  const claimed = await first.store.claim(content.id, { milliseconds: 1e9 });
  await first.store.close();
  const second = await open(t, path);
  assert.equal(await second.store.claim(content.id, { milliseconds: 1_000 }), undefined, "not before it may be used");
  await second.store.recover();
  const again = await second.store.claim(content.id, { milliseconds: 1_000 });
  assert.equal(again?.row.intent, claimed?.claim);
});

test("one of several writes of a turn that fails takes no other with it", async (t) => {
  const { store } = await open(t);
  const good = row();
  const results = await Promise.allSettled([
    store.write(good, { absent: true }),
    store.write({ ...row(), sealed: null as never }, { absent: true }),
    store.write(row(), { absent: true }),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  assert.ok(await store.readById(good.id));
});

test("Q11 a newer schema is refused with what to do, an error of the disk is told from a damaged file", async (t) => {
  const { store, path } = await open(t);
  await store.close();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 99");
  database.close();
  await assert.rejects(open(t, path), (error: Error) => {
    assert.ok(error instanceof StoreUnusable);
    assert.match(
      error.message,
      /written by a newer version of Coatcheck .*start that version or a newer one; nothing was changed/,
    );
    return true;
  });
  const sqlite = (errcode: number) => Object.assign(new Error("disk"), { code: "ERR_SQLITE_ERROR", errcode });
  // SQLITE_IOERR_NOMEM, _LOCK and _SHMSIZE (a full disk) pass, unlike _READ, _WRITE and _FSYNC.
  for (const passing of [5, 13, 8, 3_082, 3_850, 4_874]) {
    assert.ok(storeError(sqlite(passing)) instanceof StoreUnavailable, `${passing}`);
  }
  for (const broken of [11, 26, 10, 266, 778, 1_034]) {
    assert.ok(storeError(sqlite(broken)) instanceof StoreBroken, `${broken}`);
  }
});

test("U01 a file of the version before is brought up to date with what it holds; that version refuses it then", async (t) => {
  const { store, path } = await open(t);
  const before = row({ task: "refresh", dueAt: 1 });
  await store.write(before, { absent: true });
  await store.close();
  const database = new DatabaseSync(path);
  database.exec(`DROP TRIGGER facet_added; DROP TRIGGER facet_removed; DROP TRIGGER facet_changed; DROP TABLE facet;
    DROP INDEX row_unfiled; ALTER TABLE row DROP COLUMN facets; ALTER TABLE row DROP COLUMN filed; PRAGMA user_version = 5`);
  database.close();
  const { store: now } = await open(t, path);
  assert.deepEqual((await now.readById(before.id))?.sealed, before.sealed);
  assert.equal((await now.load()).due.get("refresh"), 1);
  assert.deepEqual(
    (await now.unfiled("", 10)).map(({ id }) => id),
    [before.id],
  );
  await now.close();
  const migrated = new DatabaseSync(path);
  assert.equal(migrated.prepare("PRAGMA user_version").get()?.user_version, 6);
  migrated.close();
});

test("U01 where a migration fails, those before it are not there either, and the file is as it was", async (t) => {
  const path = join(dataFolder(t), "test.db");
  const foreign = new DatabaseSync(path);
  // Of a name that the second migration makes.
  foreign.exec("CREATE TABLE progress (value INTEGER)");
  foreign.close();
  await assert.rejects(open(t, path), /progress/);
  const left = new DatabaseSync(path);
  const tables = left.prepare("SELECT name FROM sqlite_schema").all();
  assert.deepEqual(
    tables.map(({ name }) => name),
    ["progress"],
  );
  assert.equal(left.prepare("PRAGMA user_version").get()?.user_version, 0);
  left.close();
});

test("Q10 a second store on the same file is refused", async (t) => {
  const { path } = await open(t);
  await assert.rejects(openSqliteStore({ path, clock: new FakeClock() }), /is in use by process \d+/);
});

test("A25 finding what is due follows an index, not the number of rows", async (t) => {
  const path = join(dataFolder(t), "test.db");
  const { store } = await open(t, path);
  await store.close();
  const database = new DatabaseSync(path);
  t.after(() => database.close());
  for (const query of [
    sql.DUE,
    sql.DUE_BY_LANE,
    sql.NEXT_DUE,
    sql.END_LEASES,
    sql.LIST,
    sql.LIST_OF_SERVER,
    sql.READ,
  ]) {
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${query}`).all({});
    const plan = steps.map((step) => String(step.detail)).join("\n");
    assert.ok(/USING (COVERING )?INDEX row_/.test(plan), plan);
    assert.ok(!/SCAN row(?! USING)/.test(plan) && !/TEMP B-TREE/.test(plan), plan);
  }
});

test("A25 no statement is prepared anew for other values, which costs more than to run it", async (t) => {
  const { path } = await open(t);
  const database = new DatabaseSync(path);
  t.after(() => database.close());
  let prepared = 0;
  database.setAuthorizer(() => {
    prepared += 1;
    return constants.SQLITE_OK;
  });
  const bytes = new Uint8Array(1);
  const texts = { mount: "m", kind: "creds", name: "n", server: "s", task: "refresh", lineage: "l", claim: "c" };
  const lists = { after: "", from: "", upto: "z", ids: "[]", full: "[]", holder: "c", intent: null, escrow: null };
  const blobs = { sealed: bytes, hash: bytes, to: bytes };
  const values = (n: number) => ({ id: `i${n}`, now: n, until: n, dueAt: n, revision: n, untouched: n, progress: n });
  for (const [name, text] of Object.entries(sql)) {
    const statement = database.prepare(text);
    statement.setAllowUnknownNamedParameters(true);
    database.exec("BEGIN");
    for (const n of [0, 1]) {
      prepared = 0;
      statement.all({ ...texts, ...lists, ...blobs, ...values(n), name: `n${n}`, limit: n, most: n });
    }
    assert.equal(prepared, 0, name);
    database.exec("ROLLBACK");
  }
});

test("a file that turns out to be damaged is said to be so once, and not touched again", async (t) => {
  const path = join(dataFolder(t), "test.db");
  const broken: Error[] = [];
  const store = await openSqliteStore({ path, clock: new FakeClock(), onBroken: (error) => broken.push(error) });
  // More than is kept in memory.
  const contents = Array.from({ length: 100 }, () => row({ sealed: new Uint8Array(100_000) }));
  for (const content of contents) await store.write(content, { anything: true });
  const names = [path, `${path}-wal`];
  for (const name of names) writeFileSync(name, Buffer.alloc(statSync(name).size, "damaged"), { flag: "r+" });
  const damaged = names.map((name) => readFileSync(name));
  const bad = { name: "StoreBroken", message: /^the database file is damaged: stop, keep all its files/ };
  await assert.rejects(Promise.all(contents.map((content) => store.read(content))), bad);
  const [content = row()] = contents;
  for (const use of [store.read(content), store.write(resealed(content), { anything: true }), store.check()]) {
    await assert.rejects(use, bad);
  }
  await store.close();
  assert.equal(broken.length, 1);
  assert.deepEqual(
    names.map((name) => readFileSync(name)),
    damaged,
  );
});
