import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { ask, beginActive, startSessions } from "../../support/sessions.ts";

type Stored = Record<string, string | number | Uint8Array | null>;

/** What somebody does who may write to the database: takes the rows of a session, and later puts them back. */
function withDatabase<T>(data: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(data, "coatcheck.db"));
  try {
    return work(database);
  } finally {
    database.close();
  }
}

const take = (data: string) =>
  withDatabase(data, (database) => {
    return database.prepare("SELECT * FROM row WHERE kind IN ('session', 'creds')").all() as Stored[];
  });

function putBack(data: string, rows: readonly Stored[], change: (row: Stored) => Stored = (row) => row): void {
  withDatabase(data, (database) => {
    for (const row of rows.map(change)) {
      const names = Object.keys(row);
      const marks = names.map(() => "?").join(", ");
      database.prepare(`INSERT INTO row (${names.join(", ")}) VALUES (${marks})`).run(...Object.values(row));
    }
  });
}

test("a start that fails when the login stands leaves neither of them: nobody has its secret", async (t) => {
  const pair = await startSessions(t);
  withDatabase(pair.data, (database) =>
    database.exec(`CREATE TRIGGER refused BEFORE UPDATE ON row WHEN NEW.kind = 'session'
      BEGIN SELECT RAISE(ABORT, 'refused'); END`),
  );
  assert.equal((await ask(pair, "POST", "/sessions", { body: { server: "as" } })).status, 500);
  assert.equal(pair.as.to("/device").length, 1);
  assert.deepEqual(take(pair.data), []);
});

test("ST-26 rows of an ended session that are put back bring nothing new: no refresh, and no longer than the token and the session had", async (t) => {
  const pair = await startSessions(t);
  pair.as.tokens.accessLife = 600;
  const { secret } = await beginActive(pair);
  const rows = take(pair.data);
  assert.equal(rows.length, 2);
  assert.equal((await ask(pair, "DELETE", "/session", { bearer: secret })).status, 204);
  assert.equal(pair.as.tokens.revoked, 1, "its grant is dead at the provider");
  assert.equal((await ask(pair, "GET", "/session/token", { bearer: secret })).status, 401);
  const again = await pair.restart(() => putBack(pair.data, rows));
  const brought = await ask(again, "GET", "/session/token", { bearer: secret });
  assert.equal(brought.status, 200, "the old access token, which SECURITY.md says");
  await again.pass(1_300_000);
  const { status, body } = await ask(again, "GET", "/session/token", { bearer: secret });
  assert.deepEqual(
    [status >= 400, body.access_token],
    [true, undefined],
    "whatever is tried, the provider gives no other",
  );
  assert.equal(pair.as.tokens.isGood(String(pair.as.to("/token").at(-1)?.form.get("refresh_token"))), false);
});

test("ST-26 they open in their own place alone, and their own end stays theirs", async (t) => {
  const pair = await startSessions(t);
  const { secret } = await beginActive(pair);
  const other = await beginActive(pair, { label: "another" });
  const rows = take(pair.data);
  for (const bearer of [secret, other.secret]) await ask(pair, "DELETE", "/session", { bearer });
  const strangers = await pair.restart(() => {
    const names = rows.filter(({ kind }) => kind === "session").map(({ name }) => name);
    const swapped = (row: Stored) =>
      row.kind === "session" ? { ...row, name: names.find((name) => name !== row.name) ?? null } : row;
    putBack(pair.data, rows, swapped);
  });
  for (const bearer of [secret, other.secret]) {
    assert.notEqual((await ask(strangers, "GET", "/session/token", { bearer })).status, 200, "under another's secret");
  }
  const own = await strangers.restart(() => {
    withDatabase(pair.data, (database) => database.exec("DELETE FROM row WHERE kind IN ('session', 'creds')"));
    putBack(pair.data, rows);
    // Longer than a session may be left unused.
    pair.clock.stand(31 * 86_400_000);
  });
  for (const bearer of [secret, other.secret]) {
    assert.equal((await ask(own, "GET", "/session", { bearer })).status, 401);
  }
});
