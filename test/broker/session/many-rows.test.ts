import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { importGrant, type Pair } from "../../support/misbehaving.ts";
import { ask, beginActive, OPERATOR, startSessions } from "../../support/sessions.ts";

/** Rows of each kind; the seal of each is another row's, so that whoever opens one says so in the log. */
const MANY = 1_600;

/** Lines of the log of two walks, since a write of a server has the queue look for users of its former client; see store/walk. */
const LONGEST = 270;

/** A broker with one credential and one session that are right, and many that cannot be opened. */
async function startMany(t: TestContext): Promise<Pair> {
  const pair = await startSessions(t);
  await importGrant(pair);
  await beginActive(pair);
  const restarted = await pair.restart(() => copyRows(join(pair.data, "coatcheck.db")));
  return { ...pair, ...restarted };
}

function copyRows(path: string): void {
  const database = new DatabaseSync(path);
  const copy = database.prepare(`INSERT INTO row (id, mount, kind, name, server, revision, facets, filed, sealed)
    SELECT :id, mount, kind, :name, server, 1, '["failing"]', 1, sealed FROM row WHERE mount = 'oauth2' AND kind = :kind ORDER BY name LIMIT 1`);
  database.exec("BEGIN");
  for (let index = 0; index < MANY; index++) {
    const number = String(index).padStart(5, "0");
    copy.run({ id: randomBytes(16).toString("base64url"), kind: "creds", name: `many/${number}` });
    copy.run({ id: randomBytes(16).toString("base64url"), kind: "session", name: `many-${number}` });
  }
  database.exec("COMMIT");
  database.close();
}

function damagedIn({ logged }: Pick<Pair, "logged">): number {
  return logged.filter((line) => line.includes('"cannot_open"')).length;
}

/** The most rows that were opened between two turns of the event loop. */
async function longestStretch({ logged }: Pair, work: Promise<unknown>): Promise<number> {
  let [before, most, done] = [logged.length, 0, false];
  const look = () => {
    most = Math.max(most, logged.length - before);
    before = logged.length;
    if (!done) setImmediate(look);
  };
  setImmediate(look);
  await work.finally(() => {
    done = true;
  });
  return most;
}

const many = Array.from({ length: MANY }, (_, index) => `many/${String(index).padStart(5, "0")}`);

test("FC-95 a list of all names opens nothing and is sent as it is read; a page of at most 1,000 has key_info, opened in turns", async (t) => {
  const pair = await startMany(t);
  const all = await pair.read("oauth2/creds/?list=true");
  const keys = all.body?.data?.keys as readonly string[];
  assert.deepEqual(
    keys.filter((key) => key.startsWith("many/")),
    many,
  );
  assert.equal(keys[0], "many/00000");
  assert.equal(keys.length, MANY + 2);
  assert.equal(all.body?.data?.key_info, undefined);
  assert.match(String(all.body?.warnings), /key_info was left out: ask for pages of at most 1000/);
  assert.equal(all.headers.get("content-length"), null, "in slices");
  const below = await pair.read("oauth2/creds/many/?list=true&after=00300&limit=1200");
  assert.deepEqual(below.body?.data, { keys: many.slice(301, 1_501).map((name) => name.slice("many/".length)) });
  const servers = await pair.read("oauth2/servers/?list=true");
  assert.deepEqual(servers.body?.data, { keys: ["as"] });
  assert.equal(damagedIn(pair), 0, "nothing was opened");
  const page = pair.read("oauth2/creds/?list=true&after=many/00700&limit=1000");
  const most = await longestStretch(pair, page);
  const { keys: some = [], key_info: info = {} } = (await page).body?.data ?? {};
  assert.equal(Object.keys(some as object).length, MANY - 701 + 2);
  assert.equal(Object.keys(info as object).length, 2, "one that cannot be opened is its name alone");
  assert.equal(damagedIn(pair), MANY - 701);
  assert.ok(most <= LONGEST, `${most} rows at a stretch`);
});

test("FC-96 a list of one state opens what its index has, and nothing else", async (t) => {
  const pair = await startMany(t);
  const before = damagedIn(pair);
  const { keys, next } = (await pair.read("oauth2/creds?list=true&status=issued")).body?.data ?? {};
  assert.deepEqual([(keys as readonly string[]).length, next], [2, undefined]);
  assert.equal(damagedIn(pair), before);
  const { counts } = (await pair.read("oauth2/creds?list=true&limit=1&counts=true")).body?.data ?? {};
  assert.deepEqual(counts, { pending: 0, issued: 2, failed: 0, failing: MANY });
});

const WALKS: Readonly<Record<string, (pair: Pair) => Promise<unknown>>> = {
  "a list of sessions": (pair) => ask(pair, "GET", "/sessions?limit=1000", OPERATOR),
  "a list of what fails": async (pair) => {
    const { keys, next } = (await pair.read("oauth2/creds?list=true&status=failing")).body?.data ?? {};
    assert.deepEqual([keys, next], [[], "many/00999"], "no more are looked at than a page may have");
  },
  "the end of all sessions": (pair) =>
    ask(pair, "POST", "/sessions/revoke", { ...OPERATOR, body: { since: "2000-01-01T00:00:00Z" } }),
  "a write of the settings": (pair) => pair.write("oauth2/config", { tune_refresh_expiry_delta_factor: 3 }),
  "a write of a server": (pair) => pair.write("oauth2/servers/as", { provider: "github", client_id: "x" }),
  "a rotation of the keys": async (pair) => {
    await pair.write("sys/keys/rotate", { mount: "oauth2" });
    const isLast = async () => pair.logged.at(-1)?.includes('"reseal_incomplete"');
    await eventually("all that can be opened is sealed anew", isLast, 30_000);
  },
};

test("FC-96 whatever walks many rows gives everybody else their turns", async (t) => {
  const pair = await startMany(t);
  for (const [what, walk] of Object.entries(WALKS)) {
    // A record is named once in an hour.
    pair.clock.stand(3_600_000);
    const before = damagedIn(pair);
    const most = await longestStretch(pair, walk(pair));
    assert.ok(damagedIn(pair) - before >= 900, `${what} walked them`);
    assert.ok(most <= LONGEST, `${what}: ${most} rows at a stretch`);
  }
});

test("ST-27 a row that cannot be opened is named in the log, whoever asks for it, once in an hour", async (t) => {
  const first = await startSessions(t);
  await importGrant(first);
  const damage = () => {
    const database = new DatabaseSync(join(first.data, "coatcheck.db"));
    database.exec("UPDATE row SET sealed = (SELECT sealed FROM row WHERE kind = 'server') WHERE kind = 'creds'");
    database.close();
  };
  const pair = await first.restart(damage);
  for (const path of ["oauth2/creds/me", "oauth2/creds/me/history", "oauth2/creds/me", "oauth2/creds/?list=true"]) {
    await pair.read(path);
  }
  assert.equal((await pair.read("oauth2/creds/me")).status, 500);
  const named = () => pair.logged.filter((line) => line.includes('"cannot_open"')).map((line) => JSON.parse(line));
  assert.deepEqual(
    named().map(({ level, mount, kind, name }) => [level, mount, kind, name]),
    [["error", "oauth2", "creds", "me"]],
  );
  await pair.pass(3_600_000);
  await pair.read("oauth2/creds/me");
  assert.equal(named().length, 2);
});
