import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { compose } from "../../../src/compose/compose.ts";
import { moveToDatabase } from "../../../src/compose/move.ts";
import { loadConfig, loadDatabase, type ServeFlags } from "../../../src/process/config.ts";
import { createLog } from "../../../src/process/log.ts";
import { commandsOf } from "../../docs/documented.ts";
import { proper } from "../../servers/faults.ts";
import { someoneWaits, startPostgres } from "../../servers/postgres.ts";
import { startServer } from "../../servers/watched.ts";
import { eventually } from "../../support/eventually.ts";
import { person } from "../../support/person/person.ts";
import { coatcheck, said } from "../../support/process.ts";
import { ROOT_TOKEN, request } from "../../support/request.ts";
import { dataFolder } from "../../support/temporary-folder.ts";

const postgres = await startPostgres();

test("migrate makes the tables and says so; again it says that there is nothing to do", async (t) => {
  const { url } = await postgres.database(t, "empty");
  const env = { COATCHECK_DATABASE: url };
  const first = coatcheck(t, ["migrate"], env);
  assert.equal(await first.ended, 0, first.stderr());
  assert.equal(first.stdout(), "The database had no schema and now has schema 6.\n");
  const second = person(t).start(["migrate", "--database", url]);
  assert.equal(await second.ended, 0, second.stderr());
  assert.equal(second.stdout(), "The database already has the newest schema, 6: nothing was changed.\n");
  const third = person(t, env).start(["migrate", "--json"]);
  assert.equal(await third.ended, 0, third.stderr());
  assert.equal(third.stdout(), '{"from":6,"to":6}\n');
});

test("migrate that cannot work is one sentence without user and password", async (t) => {
  const fails = async (env: Record<string, string>, sentence: RegExp) => {
    const started = person(t, env).start(["migrate"]);
    const code = await started.ended;
    assert.match(started.stderr(), sentence);
    assert.equal(started.stderr().trim().split("\n").length, 1, started.stderr());
    assert.ok(!/alice|secret/.test(started.stderr()), started.stderr());
    return code;
  };
  assert.equal(
    await fails({}, /^coatcheck: give the database with COATCHECK_DATABASE or --database; a SQLite file /),
    2,
  );
  const nowhere = "postgres://alice:secret@127.0.0.1:1/x";
  assert.equal(
    await fails({ COATCHECK_DATABASE: nowhere }, /^coatcheck: the database at 127.0.0.1:1 cannot be reach/),
    1,
  );
  assert.equal(
    await fails({ COATCHECK_DATABASE: `${nowhere}?sslmode=on` }, /^coatcheck: COATCHECK_DATABASE: sslmode/),
    2,
  );
});

test("the database's URL is taken out of the environment, since it may hold a password", () => {
  const env = { COATCHECK_DATABASE: "postgres://me:secret@db/x" };
  assert.equal(loadConfig({}, env).database?.password, "secret");
  assert.deepEqual(env, {});
  const flagged = { COATCHECK_DATABASE: "postgres://me:secret@db/x" };
  assert.equal(loadDatabase("postgres://other/y", flagged)?.host, "other", "a flag wins");
  assert.deepEqual(flagged, {});
  assert.throws(() => loadDatabase(undefined, { COATCHECK_DATABASE: "postgres://me:secret@db/x?sslmode=on" }), {
    name: "ConfigError",
    message: "COATCHECK_DATABASE: sslmode must be disable, require, verify-ca or verify-full",
  });
});

/** A broker on real time: what moves goes on at a database that has its own. */
async function broker(t: TestContext, more: ServeFlags) {
  const flags = { listen: "127.0.0.1:0", allowNetworks: "loopback", publicUrl: "http://127.0.0.1:8200", ...more };
  const config = loadConfig(flags, { COATCHECK_ROOT_TOKEN: ROOT_TOKEN });
  const running = await compose(
    config,
    createLog("silent", () => {}),
  );
  t.after(() => running.close());
  const call = (method: string, path: string, body?: unknown) =>
    request(running.address, method, `oauth2/${path}`, body);
  return { running, call };
}

/** The command as the runbook has it. */
function documented(data: string, address: string): readonly string[] {
  const { words = [] } = commandsOf("docs/runbooks.md").find(({ line }) => line.includes("--from sqlite")) ?? {};
  const here = (word: string) => word.replace("/var/lib/coatcheck", data).replace("http://127.0.0.1:8200", address);
  return words.slice(1).map(here);
}

test("migrate --from sqlite: reads go on, nothing is sent until the new broker runs, and nothing is lost, whoever is killed", async (t) => {
  const as = await startServer(t);
  const { url, admin } = await postgres.database(t, "real clock");
  const data = dataFolder(t);
  const old = await broker(t, { data });
  const provider_options = { token_url: `${as.issuer}/token`, auth_code_url: `${as.issuer}/authorize` };
  await old.call("PUT", "servers/as", { provider: "custom", client_id: "client", provider_options });
  const grant = () => ({ server: "as", refresh_token: as.tokens.grant() });
  assert.equal((await old.call("PUT", "creds/long", grant())).status, 204);
  as.tokens.accessLife = 3;
  assert.equal((await old.call("PUT", "creds/short", grant())).status, 204);

  // A login that is under way when the data are left.
  const held = Promise.withResolvers<void>();
  const underWay = grant();
  const isIts = ({ form }: { form: URLSearchParams }) => form.get("refresh_token") === underWay.refresh_token;
  // The other goes on to get tokens of a short life, however long the move takes to begin.
  as.reply("/token", async (exchange) => {
    if (isIts(exchange)) await held.promise;
    as.tokens.accessLife = isIts(exchange) ? 3_600 : 3;
    return proper()(exchange);
  });
  const written = old.call("PUT", "creds/under-way", underWay);
  await eventually("it is at the provider", () => as.to("/token").some(isIts));
  // Whoever fills the database waits, and is killed meanwhile.
  await admin.query("BEGIN; LOCK TABLE coatcheck_row IN EXCLUSIVE MODE");
  writeFileSync(join(data, "root-token"), ROOT_TOKEN, { mode: 0o600 });
  const env = { COATCHECK_DATABASE: url };
  const killed = coatcheck(t, documented(data, old.running.address), env);
  await said(killed, /still waits for [1-9]/);
  held.resolve();
  assert.equal((await written).status, 204);
  await someoneWaits({ admin });
  killed.child.kill("SIGKILL");
  await killed.ended;
  await admin.query("ROLLBACK");

  const sent = as.to("/token").length;
  const isLeft = async ({ call }: Pick<typeof old, "call">) => {
    const read = await call("GET", "creds/long");
    assert.deepEqual([read.status, /have been moved to another database/.test(`${read.body?.warnings}`)], [200, true]);
    for (const [path, body] of [
      ["config", {}],
      ["creds/more", grant()],
    ] as const) {
      assert.equal((await call("PUT", path, body)).status, 503, path);
    }
  };
  await isLeft(old);
  await eventually("one has run out", async () => (await old.call("GET", "creds/short")).status === 503);
  await old.running.close();
  const restarted = await broker(t, { data });
  assert.deepEqual([restarted.running.copy, restarted.running.moved], [true, true]);
  await isLeft(restarted);

  const moved = person(t, env).start([...documented(data, restarted.running.address), "--json"]);
  assert.equal(await moved.ended, 0, moved.stderr());
  const { records, already } = JSON.parse(moved.stdout());
  assert.deepEqual([records, already], [8, false]);
  await isLeft(restarted);
  const again = await moveToDatabase(loadConfig({ data, database: url }, {}), async () => {});
  assert.deepEqual([again.rows, again.already], [0, true]);
  assert.equal(as.to("/token").length, sent, "nobody asked the provider for anything");

  as.behave();
  as.tokens.accessLife = 3_600;
  const next = await broker(t, { data, database: url });
  assert.equal(next.running.copy, false);
  for (const name of ["long", "under-way"]) assert.equal((await next.call("GET", `creds/${name}`)).status, 200, name);
  await eventually("what waited is refreshed", async () => (await next.call("GET", "creds/short")).status === 200);
  assert.equal((await next.call("PUT", "config", {})).status, 204);
  assert.deepEqual([as.to("/token").length, as.tokens.replays], [sent + 1, 0]);
  await assert.rejects(
    moveToDatabase(loadConfig({ data: dataFolder(t), database: url }, {})),
    /there is no database at/,
  );
});

test("migrate --from sqlite: a move is done only in what this very move has filled; anything else is refused before the file is left", async (t) => {
  const { url } = await postgres.database(t, "real clock");
  const data = dataFolder(t);
  const config = () => loadConfig({ data, database: url }, {});
  await (await broker(t, { data })).running.close();
  const answers = createServer((_, response) => response.end('{"data":{}}')).listen(0, "127.0.0.1");
  t.after(() => answers.close());
  await once(answers, "listening");
  writeFileSync(join(data, "root-token"), ROOT_TOKEN, { mode: 0o600 });
  const { port } = answers.address() as AddressInfo;
  const fooled = person(t, { COATCHECK_DATABASE: url }).start(documented(data, `http://127.0.0.1:${port}`));
  assert.equal(await fooled.ended, 1, fooled.stderr());
  assert.match(fooled.stderr(), /no broker that can hand its data over/);

  const witness = join(data, "witness");
  const seen = readFileSync(witness, "utf8");
  writeFileSync(witness, JSON.stringify({ ...JSON.parse(seen), epoch: 7 }));
  await assert.rejects(moveToDatabase(config()), /older than what was last used/);
  writeFileSync(witness, seen);
  assert.equal((await moveToDatabase(config())).already, false);
  assert.equal((await moveToDatabase(config())).already, true);
  const back = await broker(t, { data, takeOver: true });
  assert.equal(back.running.copy, false);
  await back.running.close();
  await assert.rejects(moveToDatabase(config()), /holds other data already/);
  const still = await broker(t, { data });
  assert.equal(still.running.copy, false, "it was not left");
});
