import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { json } from "../../servers/faults.ts";
import type { Coatcheck, CoatcheckOptions } from "../../support/coatcheck.ts";
import { startAfterCrash } from "../../support/crash.ts";
import { eventually } from "../../support/eventually.ts";
import { importGrant, type Pair } from "../../support/misbehaving.ts";
import { ask, begin, beginActive, OPERATOR, startSessions } from "../../support/sessions.ts";

/** Sessions of two people at a GitHub of one's own, one that waits, and a credential of nobody. */
async function startFound(t: TestContext, options: CoatcheckOptions = {}) {
  const pair = await startSessions(t, {}, options);
  const { as } = pair;
  const written = await pair.write("oauth2/servers/gh", {
    ...{ provider: "github", client_id: "client", client_secret: "client-secret", allow_sessions: true },
    provider_options: { base_url: as.issuer },
  });
  assert.equal(written.status, 204);
  as.reply("/login/device/code", (exchange) => json(200, as.tokens.startDevice(as.issuer))(exchange));
  as.reply("/login/oauth/access_token", (exchange) => {
    const { status, body } = as.tokens.token(exchange.form);
    return json(status, body)(exchange);
  });
  const signIn = async (id: number, login: string) => {
    as.reply("/api/v3/user", json(200, { id, login }));
    await beginActive(pair, { server: "gh", label: login });
  };
  await signIn(1, "Zoë.Example");
  await signIn(2, "hubot");
  await signIn(2, "hubot");
  as.tokens.approved = false;
  await begin(pair, { server: "gh", label: "waiting" });
  await importGrant(pair, "mine");
  return pair;
}

async function labels(broker: Coatcheck, query: string): Promise<unknown> {
  const { status, body } = await ask(broker, "GET", `/sessions?${query}`, OPERATOR);
  assert.equal(status, 200, JSON.stringify(body));
  return (body.sessions as readonly { label: string }[]).map(({ label }) => label).sort();
}

async function credentials(broker: Coatcheck, query: string): Promise<number> {
  const { keys } = (await broker.read(`oauth2/creds?list=true&${query}`)).body?.data ?? {};
  return (keys as readonly string[]).length;
}

async function findsAll(broker: Coatcheck): Promise<void> {
  const zoe = encodeURIComponent("ZO\u00cb.example");
  assert.deepEqual(await labels(broker, `account=${zoe}`), ["Zoë.Example"], "in whichever case");
  assert.deepEqual(await labels(broker, `account=${encodeURIComponent("zoe\u0308.example")}`), ["Zoë.Example"]);
  assert.deepEqual(await labels(broker, "account=2"), ["hubot", "hubot"], "by its subject");
  assert.deepEqual(await labels(broker, "account=hubot&label=other"), []);
  assert.deepEqual(await labels(broker, "account=hubot&server=as"), []);
  assert.deepEqual(await labels(broker, "account=nobody"), []);
  assert.deepEqual(await labels(broker, "status=pending"), ["waiting"]);
  assert.deepEqual(await labels(broker, "status=active"), ["Zoë.Example", "hubot", "hubot"]);
  assert.deepEqual(await labels(broker, "status=ended"), []);
  assert.deepEqual(await credentials(broker, `account=${zoe}`), 1);
  assert.deepEqual(await credentials(broker, "account=HUBOT"), 2);
  assert.deepEqual(await credentials(broker, "account=hubot&status=pending"), 0);
}

/** Names of credentials that are not filed as they are now, and what the rest is filed as. */
function filed({ data }: Pick<Pair, "data">): { unfiled: number; facets: readonly unknown[] } {
  const database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true });
  const unfiled = database.prepare("SELECT name FROM row WHERE kind = 'creds' AND filed IS NOT revision").all().length;
  const facets = database.prepare("SELECT * FROM facet ORDER BY kind, facet, name").all();
  database.close();
  return { unfiled, facets };
}

test("ST-195 accounts and states are found by their index, and the database alone tells no account", async (t) => {
  const pair = await startFound(t);
  await findsAll(pair);
  const { facets, unfiled } = filed(pair);
  assert.equal(unfiled, 0);
  const words = new Set(facets.map((row) => String(Object(row).facet)));
  const states = [...words].filter((word) => !/^@[\w-]{22}$/.test(word));
  assert.deepEqual(states.sort(), ["issued", "pending"], "what is no keyed hash is a state");
  assert.equal(words.size - states.length, 4, "a subject and a name of each");
  const { counts } = (await ask(pair, "GET", "/sessions?counts=true", OPERATOR)).body;
  assert.deepEqual(counts, { pending: 1, active: 3, failed: 0 });
  const wrong = await ask(pair, "GET", "/sessions?status=good", OPERATOR);
  assert.equal(wrong.status, 400);
  assert.match(JSON.stringify(wrong.body), /status must be one of pending, active, ended/);
});

test("pages of an account go on where the page before ended", async (t) => {
  const pair = await startFound(t);
  const first = (await ask(pair, "GET", "/sessions?account=hubot&limit=1", OPERATOR)).body;
  const second = (await ask(pair, "GET", `/sessions?account=hubot&limit=1&after=${first.next}`, OPERATOR)).body;
  const ids = [first, second].flatMap(({ sessions }) => (sessions as { id: string }[]).map(({ id }) => id));
  assert.equal(new Set(ids).size, 2);
  assert.deepEqual(await labels(pair, `account=hubot&after=${second.next}`), []);
});

test("U01 what an older version has written is found at once, and filed in the background, also after a kill", async (t) => {
  const first = await startFound(t);
  const before = filed(first).facets;
  const asOlder = (where: string) => () => {
    const database = new DatabaseSync(join(first.data, "coatcheck.db"));
    database.exec(`UPDATE row SET facets = NULL, filed = NULL WHERE kind = 'creds' ${where}`);
    database.close();
  };
  const pair = await first.restart(asOlder(""));
  await findsAll(pair);
  const isFiled = (broker: Pick<Pair, "data">) => filed(broker).unfiled === 0;
  await eventually("all are filed", () => isFiled(pair));
  assert.deepEqual(filed(pair).facets, before);
  asOlder("")();
  assert.deepEqual(await credentials(pair, "account=hubot"), 2, "while nothing is filed");
  await eventually("all are filed again", () => isFiled(pair));
  assert.match(pair.logged.join(""), /"filed".*"records":5/);
  await pair.running.close();
  asOlder("AND name > 'n'")();
  const killed = await startAfterCrash(t, pair, first.as);
  await eventually("what was left is filed", () => isFiled(killed));
  assert.deepEqual(filed(killed).facets, before);
});
