import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Clock, systemClock } from "../../src/process/clock.ts";
import { type Store, StoreUnavailable, StoreUnusable } from "../../src/store/port.ts";
import { Connections, connect } from "../../src/store/postgres/connection.ts";
import { openPostgresSnapshot } from "../../src/store/postgres/snapshot.ts";
import * as sql from "../../src/store/postgres/sql.ts";
import { ordered, statement } from "../../src/store/postgres/statement.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { type DatabaseTarget, parseDatabaseUrl } from "../../src/store/postgres/url.ts";
import { snapshotContract } from "../contract/snapshot.ts";
import { resealed, row, storeContract } from "../contract/store.ts";
import { portOf } from "../servers/free-port.ts";
import { someoneWaits, startPostgres, type TestDatabase } from "../servers/postgres.ts";
import { startRelay } from "../servers/relay.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const postgres = await startPostgres();

async function openStore(t: TestContext, target: DatabaseTarget, clock: Clock = systemClock): Promise<Store> {
  const store = await openPostgresStore({ target, clock });
  t.after(() => store.close());
  return store;
}

async function open(t: TestContext) {
  const database = await postgres.database(t);
  return { ...database, store: await openStore(t, database.target) };
}

storeContract("postgres", open);
snapshotContract("postgres", async (t) => {
  const { store, target } = await open(t);
  return { store, snapshot: () => openPostgresSnapshot(target) };
});

const LEASE = { milliseconds: 10_000 };
const ANYTHING = { anything: true } as const;

const cutOthers = ({ admin }: TestDatabase) =>
  admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );

/** Until it works again; a connection that was cut may fail once more. */
const works = (store: Store) =>
  eventually("the store works again", () => store.check().then(() => true, unavailable), 5_000);

function unavailable(error: unknown): false {
  assert.ok(error instanceof StoreUnavailable, String(error));
  return false;
}

test("every commit is on disk: synchronous_commit is on although role and database say off; stricter is kept", async (t) => {
  const database = await postgres.database(t);
  const { admin, url } = database;
  const setting = async (name: string) => {
    const connections = new Connections(parseDatabaseUrl(`${url}&statement_timeout=1234`), systemClock);
    const { rows } = await connections.run<{ value: string }>(statement(`SELECT current_setting('${name}') AS value`));
    await connections.end();
    return rows[0]?.value;
  };
  await admin.query(`ALTER DATABASE ${database.target.database} SET synchronous_commit = off`);
  assert.equal(await setting("synchronous_commit"), "on");
  assert.equal(await setting("statement_timeout"), "1234ms");
  assert.equal(await setting("lock_timeout"), "3s");
  assert.equal(await setting("idle_in_transaction_session_timeout"), "10s");
  await admin.query(`ALTER DATABASE ${database.target.database} SET synchronous_commit = remote_apply`);
  assert.equal(await setting("synchronous_commit"), "remote_apply");
});

test("five instances that start at once on an empty database migrate it once", async (t) => {
  const { admin, target } = await postgres.database(t, "empty");
  await Promise.all(Array.from({ length: 5 }, () => openStore(t, target)));
  const { rows } = await admin.query("SELECT version FROM coatcheck_migration ORDER BY version");
  assert.deepEqual(rows, [
    { version: 1 },
    { version: 2 },
    { version: 3 },
    { version: 4 },
    { version: 5 },
    { version: 6 },
  ]);
});

test("a newer schema, and one of another making, are refused with what to do", async (t) => {
  const { admin, target } = await postgres.database(t);
  await admin.query("INSERT INTO coatcheck_migration VALUES (99, 'x', 0)");
  await assert.rejects(openStore(t, target), (error: Error) => {
    assert.ok(error instanceof StoreUnusable);
    assert.match(
      error.message,
      /written by a newer version of Coatcheck .*start that version or a newer one; nothing was changed/,
    );
    return true;
  });
  await admin.query(
    "DELETE FROM coatcheck_migration WHERE version = 99; UPDATE coatcheck_migration SET checksum = 'x'",
  );
  await assert.rejects(openStore(t, target), /^StoreUnusable: schema 1 of the database differs from the one/);
});

test("Q02 a connection that the server ends, idle or at work, is StoreUnavailable at most, and replaced", async (t) => {
  const opened = await open(t);
  const { admin, store } = opened;
  const content = row();
  await store.write(content, ANYTHING);
  await cutOthers(opened);
  await works(store);
  await admin.query("BEGIN; LOCK TABLE coatcheck_row");
  const writing = store.write(resealed(content), ANYTHING);
  writing.catch(() => {});
  await someoneWaits(opened);
  await cutOthers(opened);
  await assert.rejects(writing, StoreUnavailable);
  await admin.query("COMMIT");
  await works(store);
  assert.equal((await store.readById(content.id))?.revision, 1);
});

test("Q01 the server crashes and starts again: nothing acknowledged is missing, and the same store works on", async (t) => {
  const { store } = await open(t);
  const rows = Array.from({ length: 50 }, () => row());
  await Promise.all(rows.map((one) => store.write(one, ANYTHING)));
  const [running] = await Promise.all([postgres.crash(), store.check().catch(unavailable)]).then(() => [works(store)]);
  await running;
  for (const { id } of rows) assert.ok(await store.readById(id));
});

/** Until a connection listens. */
const someoneListens = ({ admin }: TestDatabase) =>
  eventually("somebody listens", async () => {
    const listening =
      "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND state = 'idle' AND datname = current_database()";
    return (await admin.query(listening)).rowCount === 1;
  });

test("another instance is told what is due at once; itself and later work are not worth a word", async (t) => {
  const database = await postgres.database(t);
  const [here, there] = [await openStore(t, database.target), await openStore(t, database.target)];
  let heard = 0;
  here.watch(({ hears }) => {
    if (hears === undefined) heard += 1;
  });
  await someoneListens(database);
  const now = await here.now();
  await here.write(row({ task: "poll", dueAt: now }), ANYTHING);
  await there.write(row({ task: "poll", dueAt: now + 60_000 }), ANYTHING);
  await there.write(row({ dueAt: now }), ANYTHING);
  const content = row({ task: "refresh", dueAt: now + 60_000, lineage: "l" });
  await there.write(content, ANYTHING);
  assert.equal(await there.settle({ row: resealed(content, { dueAt: now }), by: { lineage: "l" } }), true);
  // They are delivered in the order of their commits, so what was said before has been heard by now.
  await eventually("the settle is heard", () => heard > 0);
  assert.equal(heard, 1);
  await there.write(row({ task: "poll", dueAt: now }), { absent: true });
  await there.write(resealed(content, { dueAt: now }), { id: content.id });
  await there.write(resealed(content, { dueAt: now }), ANYTHING);
  await eventually("every kind of write is heard", () => heard === 4);
});

test("a listener that is lost comes back with a pause, and then says that something may have changed", async (t) => {
  const database = await postgres.database(t);
  const clock = new FakeClock();
  const [here, there] = [await openStore(t, database.target, clock), await openStore(t, database.target)];
  let heard = 0;
  const told: boolean[] = [];
  const end = here.watch(({ hears }) => {
    if (hears === undefined) heard += 1;
    else told.push(hears);
  });
  const dueAt = await there.now();
  const say = () => there.write(row({ task: "poll", dueAt }), ANYTHING).catch(unavailable);
  await eventually("it is heard", async () => (await say()) && heard > 0);
  await cutOthers(database);
  heard = 0;
  await works(there);
  await eventually("it says that it hears no more", () => told.length === 2);
  clock.advance(999);
  await say();
  assert.equal(heard, 0, "not connected yet");
  await eventually("it says so", () => {
    clock.advance(1);
    return told.length === 3;
  });
  assert.deepEqual(told, [true, false, true]);
  const before = heard;
  await eventually("it hears again", async () => (await say()) && heard > before);
  end();
});

test("two instances with several claimers each never claim the same row", async (t) => {
  const { admin, target } = await postgres.database(t);
  await admin.query(`INSERT INTO coatcheck_row (id, mount, kind, name, task, due_at, revision, sealed)
    SELECT 'id-' || n, 'oauth2', 'creds', 'name-' || n, 'poll', n, 1, '\\x00' FROM generate_series(1, 1000) AS n`);
  const stores = [await openStore(t, target), await openStore(t, target)];
  const taken = await Promise.all(
    [...stores, ...stores, ...stores].map(async (store) => {
      const mine: string[] = [];
      for (let claimed = await store.claimDue({ limit: 20, ...LEASE }); claimed.length > 0; ) {
        mine.push(...claimed.map((one) => one.row.id));
        assert.deepEqual(
          claimed.map((one) => one.row.dueAt),
          claimed.map((one) => one.row.dueAt).toSorted((a, b) => (a ?? 0) - (b ?? 0)),
        );
        claimed = await store.claimDue({ limit: 20, ...LEASE });
      }
      return mine;
    }),
  );
  const ids = taken.flat();
  assert.equal(ids.length, 1000);
  assert.equal(new Set(ids).size, 1000);
});

async function openByRelay(t: TestContext) {
  const database = await postgres.database(t);
  const relay = await startRelay(t, postgres.socket);
  const store = await openStore(t, { ...database.target, host: relay.socket });
  return { ...database, relay, store };
}

test("Q03 the answer to a commit is lost: the same settle, write and claim again find what took place", async (t) => {
  const { relay, store } = await openByRelay(t);
  const content = row({ task: "refresh", dueAt: 1, lineage: "l1" });
  relay.loseAnswer();
  await assert.rejects(store.write(content, { absent: true }), StoreUnavailable);
  assert.equal(await store.write(content, { absent: true }), true);
  relay.loseAnswer();
  await assert.rejects(store.claimDue({ limit: 10, ...LEASE }), StoreUnavailable);
  const [claimed] = await store.claimDue({ limit: 10, ...LEASE });
  assert.ok(claimed, "what nobody knew to be claimed was given back");
  assert.equal(claimed.row.intent, claimed.claim, "nothing had been sent, so nothing is in doubt");
  const next = resealed(content, { lineage: "l2" });
  relay.loseAnswer();
  await assert.rejects(store.settle({ row: next, by: { lineage: "l1" } }), StoreUnavailable);
  assert.equal(await store.settle({ row: next, by: { lineage: "l1" } }), true);
  const found = await store.readById(content.id);
  assert.deepEqual([found?.revision, found?.lineage, found?.claim], [2, "l2", null]);
});

test("Q03 the first settle is still waiting in the database when it is repeated: both are one", async (t) => {
  const opened = await openByRelay(t);
  const { admin, relay, store } = opened;
  const content = row({ task: "refresh", dueAt: 1, lineage: "l1" });
  await store.write(content, ANYTHING);
  await admin.query("BEGIN");
  await admin.query("SELECT 1 FROM coatcheck_row FOR UPDATE");
  const next = resealed(content, { lineage: "l2" });
  const first = store.settle({ row: next, by: { lineage: "l1" } });
  first.catch(() => {});
  await someoneWaits(opened);
  relay.cut();
  await assert.rejects(first, StoreUnavailable);
  const second = store.settle({ row: next, by: { lineage: "l1" } });
  await someoneWaits(opened, 2);
  await admin.query("COMMIT");
  assert.equal(await second, true);
  assert.equal((await store.readById(content.id))?.revision, 2);
});

test("ST-35 a start that cannot work says what to do, and neither user nor password", async (t) => {
  const { admin } = await postgres.database(t);
  await admin.query("CREATE ROLE locked LOGIN PASSWORD 'right'");
  const says = async (url: string, kind: typeof StoreUnusable | typeof StoreUnavailable, sentence: RegExp) => {
    await assert.rejects(openStore(t, parseDatabaseUrl(url)), (error: Error) => {
      assert.ok(error instanceof kind, String(error));
      assert.match(error.message, sentence);
      assert.ok(!/locked|wrong/.test(error.message), error.message);
      return true;
    });
  };
  const { socket } = postgres;
  const refused = /refused the user or the password: check both/;
  await says(`postgres://locked:wrong@/postgres?host=${socket}`, StoreUnusable, refused);
  await says(`postgres://locked@/postgres?host=${socket}`, StoreUnusable, refused);
  await says(
    postgres.url("nothing"),
    StoreUnusable,
    /^there is no database "nothing" at .*: create it, or correct its/,
  );
  await says(
    `postgres://locked:wrong@/x?host=${socket}/none`,
    StoreUnavailable,
    /cannot be reached \(ENOENT\): start it/,
  );
  await says(
    "postgres://locked:wrong@127.0.0.1:1/x",
    StoreUnavailable,
    /127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/,
  );
  // Over TCP: a Unix socket is not encrypted (FC-72).
  const plain = createServer((client) => {
    const upstream = createConnection(join(socket, ".s.PGSQL.5432"));
    for (const end of [client, upstream]) end.on("error", () => {});
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((done) => plain.listen(0, "127.0.0.1", done));
  t.after(() => plain.close());
  const port = portOf(plain);
  const encrypted = `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=require`;
  await says(encrypted, StoreUnusable, /no trusted TLS .*check sslmode/);
  await admin.query("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
  await says(postgres.url("latin"), StoreUnusable, /encoded in LATIN1: create it with ENCODING 'UTF8'/);
  await admin.query("CREATE ROLE poor LOGIN");
  await admin.query("CREATE DATABASE rich TEMPLATE template0");
  await says(postgres.url("rich", "poor"), StoreUnusable, /allow it to create tables .*or run `coatcheck migrate`/);
});

test("FC-72 ST-35 hostaddr is asked in the name of host, the password comes from a passfile, and a login that is not bound to its TLS connection is refused", async (t) => {
  const server = await postgres.secure(t);
  const passfile = join(temporaryFolder(t), "pgpass");
  const writePassword = (password: string) => {
    const escaped = password.replaceAll(/[\\:]/g, "\\$&");
    writeFileSync(passfile, `localhost:${server.port}:postgres:postgres:${escaped}\n`, { mode: 0o600 });
  };
  writePassword(server.password);
  const words = (host: string, more = "channel_binding=require") =>
    `host=${host} hostaddr=${server.address} port=${server.port} user=postgres dbname=postgres passfile=${passfile} ` +
    `sslmode=verify-full sslrootcert=${server.certificate} ${more}`;
  const target = parseDatabaseUrl(words("localhost"));
  // The pool, the listener and connections apart from both.
  const store = await openStore(t, target);
  await works(store);
  const loginOf = async (more: string) => {
    const client = await connect(parseDatabaseUrl(words("localhost", more)));
    await client.end();
  };
  for (const binding of ["prefer", "disable"]) await loginOf(`channel_binding=${binding}`);
  const another = parseDatabaseUrl(`${words("db.example")} password=unused`);
  await assert.rejects(openStore(t, another), /no trusted TLS connection .*ERR_TLS_CERT_ALTNAME_INVALID/);
  for (const [method, sentence] of [
    ["trust", /channel_binding=require: the database let this user in without it/],
    ["password", /channel_binding=require: the database asks for the password in another way/],
  ] as const) {
    await server.allow(`hostssl all all all ${method}`);
    await assert.rejects(connect(target), (error) => error instanceof StoreUnavailable && sentence.test(error.message));
    await assert.rejects(openStore(t, target), sentence);
    await loginOf("channel_binding=prefer");
  }
  await server.allow("hostssl all all all scram-sha-256");
  writePassword("wrong");
  await assert.rejects(openStore(t, target), /refused the user or the password/);
  await works(store);
});

test("A25 finding what is due follows an index, not the number of rows", async (t) => {
  const { admin } = await postgres.database(t, "real clock");
  await admin.query(`INSERT INTO coatcheck_row (id, mount, kind, name, server, task, due_at, revision, sealed)
    SELECT 'id-' || n, 'oauth2', 'creds', 'name-' || n, 'as-' || n % 50, 'poll', coatcheck_now() + n * 1000, 1, '\\x00'
    FROM generate_series(1, 5000) AS n; ANALYZE coatcheck_row`);
  const key = { mount: "oauth2", kind: "creds", name: "name-7", id: "id-7" };
  const range = { from: "", upto: "\u{10FFFF}", after: "", limit: 20, server: "as-7" };
  const lanes = { full: ["oauth2\nother"], busy: '{"oauth2\\nas-1":2}', perLane: 6, ids: ["id-1"], tasks: ["reap"] };
  const due = { ...lanes, claim: "c", milliseconds: 1, claims: ["c"] };
  const plans = {
    row_due: [sql.CLAIM_DUE, sql.LOOK],
    row_lane: [sql.CLAIM_DUE_BY_LANE],
    row_name: [sql.READ, sql.LIST],
    row_server: [sql.LIST_OF_SERVER],
    row_claimed: [sql.GIVE_BACK],
    row_pkey: [sql.READ_BY_ID],
  };
  for (const [index, queries] of Object.entries(plans)) {
    for (const query of queries) {
      const { rows } = await admin.query(`EXPLAIN ${query.text}`, ordered(query, { ...key, ...range, ...due }));
      const plan = rows.map((line) => line["QUERY PLAN"]).join("\n");
      assert.ok(
        plan.includes(`coatcheck_${index}`) && !plan.includes("Seq Scan on coatcheck_row"),
        `${index}:\n${plan}`,
      );
      if (query !== sql.LOOK)
        assert.match(plan, new RegExp(`coatcheck_${index}.*\\n *Index Cond`), "it is entered by a key");
    }
  }
});

test("Q05 FC-72 a database that takes no writes is unavailable, not written to and not believed; of several the primary is used", async (t) => {
  const database = await postgres.database(t);
  const { admin, target } = database;
  const store = await openStore(t, target);
  const content = row();
  await store.write(content, ANYTHING);
  await admin.query(`ALTER DATABASE ${target.database} SET default_transaction_read_only = on`);
  await cutOthers(database);
  const refused = /does not accept writes right now: it is a standby or is set to read-only/;
  await eventually("the new connections are refused", async () => {
    const error = await store.readById(content.id).catch((reason: unknown) => reason);
    return error instanceof StoreUnavailable && refused.test(error.message);
  });
  await assert.rejects(openStore(t, target), refused);
  await admin.query("BEGIN READ WRITE");
  await admin.query(`ALTER DATABASE ${target.database} RESET default_transaction_read_only`);
  await admin.query("COMMIT");
  await works(store);
  const standby = await postgres.standby(t);
  await assert.rejects(openStore(t, parseDatabaseUrl(`postgres://postgres@/postgres?host=${standby}`)), (error) => {
    unavailable(error);
    return true;
  });
  const hosts = `/nowhere,${standby},${postgres.socket}`;
  const several = await openStore(t, parseDatabaseUrl(`host=${hosts} user=postgres dbname=postgres sslmode=require`));
  await several.check();
  assert.equal(await several.write(content, ANYTHING), true);
  await works(several);
});

test("Q06 statements that meet others are repeated eight times at most", async (t) => {
  const { admin, store } = await open(t);
  const raising = (when: string) => `CREATE OR REPLACE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF ${when} THEN RAISE EXCEPTION 'met' USING ERRCODE = 'serialization_failure'; END IF; RETURN NEW; END $$`;
  await admin.query(`CREATE SEQUENCE met; ${raising("nextval('met') % 4 <> 0")};
    CREATE TRIGGER meet BEFORE INSERT ON coatcheck_row FOR EACH ROW EXECUTE FUNCTION meet()`);
  const content = row();
  assert.equal(await store.write(content, ANYTHING), true);
  await admin.query(raising("nextval('met') > 0"));
  await assert.rejects(store.write(row(), ANYTHING), StoreUnavailable);
  assert.equal((await admin.query("SELECT last_value::int AS n FROM met")).rows[0].n, 4 + 8);
});

test("Q07 Q09 no room for a connection, or a lock that lasts, is back-pressure; nothing else breaks", async (t) => {
  const database = await postgres.database(t);
  const { admin, url } = database;
  await admin.query("CREATE ROLE few LOGIN CONNECTION LIMIT 2; GRANT ALL ON ALL TABLES IN SCHEMA public TO few");
  const few = parseDatabaseUrl(url.replace("postgres@", "few@"));
  const store = await openStore(t, { ...few, lockTimeout: 100 });
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => store.write(row(), ANYTHING)));
  for (const result of results) if (result.status === "rejected") unavailable(result.reason);
  assert.ok(results.some(({ status }) => status === "fulfilled"));
  await works(store);
  await admin.query("BEGIN; LOCK TABLE coatcheck_row");
  await assert.rejects(store.write(row(), ANYTHING), StoreUnavailable);
  await admin.query("COMMIT");
  await works(store);
});
