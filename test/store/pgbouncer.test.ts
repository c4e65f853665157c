import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { systemClock } from "../../src/process/clock.ts";
import { StoreUnusable } from "../../src/store/port.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { type DatabaseTarget, parseDatabaseUrl } from "../../src/store/postgres/url.ts";
import { row } from "../contract/store.ts";
import { startPostgres } from "../servers/postgres.ts";
import { identity, ownFolder } from "../servers/postgres-process.ts";
import { eventually } from "../support/eventually.ts";

/** Debian's package; there is none on npm. */
const BIN = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].find((path) => existsSync(path));
const skip = BIN === undefined && "no pgbouncer on this machine (apt-get install pgbouncer)";
const postgres = skip ? undefined : await startPostgres();

/** A pooler before a fresh database; answers the URL through it. */
async function startBouncer(t: TestContext, settings: readonly string[]): Promise<string> {
  if (!postgres || BIN === undefined) throw new Error("skipped");
  const { target } = await postgres.database(t, "real clock");
  const as = identity();
  const folder = ownFolder(as);
  const lines = [
    "[databases]",
    `* = host=${postgres.socket} user=postgres`,
    "[pgbouncer]",
    `unix_socket_dir = ${folder}`,
    "listen_port = 5432",
    "auth_type = any",
    ...settings,
  ];
  writeFileSync(join(folder, "pgbouncer.ini"), `${lines.join("\n")}\n`);
  const child = spawn(BIN, ["-q", join(folder, "pgbouncer.ini")], { ...as, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (text) => {
    log += text;
  });
  const ended = new Promise((done) => child.once("exit", done));
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await eventually("pgbouncer listens", () => answers(join(folder, ".s.PGSQL.5432"))).catch(() => {
    throw new Error(`pgbouncer: ${log}`);
  });
  return `postgres://postgres@/${target.database}?host=${folder}&pool_size=4`;
}

/** The file of a socket is there a moment before anybody listens. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path, () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** Another client's work at the same time: afterwards the pooler has several servers free. */
async function work({ host, port, user = "", database = "" }: DatabaseTarget): Promise<void> {
  const client = new pg.Client({ host, port, user, database });
  await client.connect();
  await client.query("SELECT pg_sleep(0.05)");
  await client.end();
}

test("Q08 behind PgBouncer in session mode everything works, and others are told", { skip }, async (t) => {
  const url = await startBouncer(t, ["pool_mode = session"]);
  const target = parseDatabaseUrl(url);
  const stores = await Promise.all([1, 2].map(() => openPostgresStore({ target, clock: systemClock })));
  t.after(() => Promise.all(stores.map((store) => store.close())));
  const [here, there] = stores;
  assert.ok(here && there);
  let heard = 0;
  here.watch(() => {
    heard += 1;
  });
  const dueAt = await here.now();
  await eventually("it is heard", async () => {
    await there.write(row({ task: "poll", dueAt }), { anything: true });
    return heard > 0;
  });
  assert.ok((await here.claimDue({ limit: 100, milliseconds: 1_000 })).length > 0);
});

for (const mode of ["transaction", "statement"]) {
  for (const order of ["server_round_robin = 0", "server_round_robin = 1"]) {
    test(`Q08 PgBouncer in ${mode} mode (${order}) is refused with what to do`, { skip }, async (t) => {
      const target = parseDatabaseUrl(await startBouncer(t, [`pool_mode = ${mode}`, order]));
      await Promise.all([1, 2, 3].map(() => work(target)));
      await assert.rejects(openPostgresStore({ target, clock: systemClock }), (error: Error) => {
        assert.ok(error instanceof StoreUnusable, String(error));
        assert.match(error.message, /set PgBouncer's pool_mode to session .*or connect to the database directly/);
        return true;
      });
    });
  }
}
