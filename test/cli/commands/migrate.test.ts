import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig, loadDatabase } from "../../../src/process/config.ts";
import { startPostgres } from "../../servers/postgres.ts";
import { coatcheck } from "../../support/process.ts";

const postgres = await startPostgres();

test("migrate makes the tables and says so; again it says that there is nothing to do", async (t) => {
  const { url } = await postgres.database(t, "empty");
  const env = { COATCHECK_DATABASE: url };
  const first = coatcheck(t, ["migrate"], env);
  assert.equal(await first.ended, 0, first.stderr());
  assert.equal(first.stdout(), "The database had no schema and now has schema 5.\n");
  const second = coatcheck(t, ["migrate", "--database", url]);
  assert.equal(await second.ended, 0, second.stderr());
  assert.equal(second.stdout(), "The database already has the newest schema, 5: nothing was changed.\n");
  const third = coatcheck(t, ["migrate", "--json"], env);
  assert.equal(await third.ended, 0, third.stderr());
  assert.equal(third.stdout(), '{"from":5,"to":5}\n');
});

test("migrate that cannot work is one sentence without user and password", async (t) => {
  const fails = async (env: Record<string, string>, sentence: RegExp) => {
    const started = coatcheck(t, ["migrate"], env);
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
