import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { empty, hang } from "../../servers/faults.ts";
import { startServer } from "../../servers/watched.ts";
import {
  beHomeserver,
  type HomeserverPair,
  startHomeserverPair,
  WHOAMI,
} from "../../support/matrix/homeserver-pair.ts";

/** More than one lane holds. */
const MANY = 8;

/** An open server, many logins at one homeserver and one at another. */
async function twoHomeservers(t: TestContext, life = 3_600) {
  const pair = await startHomeserverPair(t, { options: { homeservers: "*" } });
  const other = await startServer(t, () => pair.clock.now());
  beHomeserver(other);
  for (const as of [pair.as, other]) {
    as.tokens.accessLife = life;
    as.tokens.approved = true;
    // Its account call knows only the last device; who it is does not matter here.
    as.reply(WHOAMI, empty(503));
  }
  for (let n = 0; n < MANY; n++) await login(pair, `bot-${n}`, pair.as.issuer);
  // Due when the first lane is full already.
  await pair.pass(1_000);
  await login(pair, "lone", other.issuer);
  return { pair, other };
}

async function login(pair: HomeserverPair, name: string, homeserver: string): Promise<void> {
  assert.equal((await pair.login(name, { homeserver })).status, 200);
}

test("A16 one homeserver that hangs holds up no other of the same open server", async (t) => {
  const { pair, other } = await twoHomeservers(t);
  const before = other.to("/token").length;
  pair.as.reply("/token", hang);
  await pair.pass(6_000);
  assert.equal(pair.as.to("/token").length, 6, "its own lane is full");
  assert.equal(other.to("/token").length, before + 1);
  assert.equal((await pair.read("oauth2/creds/lone")).status, 200);
});

test("a homeserver that is left alone for a while leaves the others their pace", async (t) => {
  const { pair, other } = await twoHomeservers(t, 600);
  await pair.pass(6_000);
  pair.as.reply("/token", empty(503, { "retry-after": "3000" }));
  const before = other.to("/token").length;
  await pair.pass(700_000);
  assert.ok(other.to("/token").length > before, "refreshed");
  assert.equal((await pair.read("oauth2/creds/lone")).status, 200);
  const asked = pair.as.to("/token").length;
  await pair.pass(600_000);
  assert.equal(pair.as.to("/token").length, asked, "Retry-After is kept");
});

test("listing, writing or deleting the server reaches the logins of all its homeservers", async (t) => {
  const { pair } = await twoHomeservers(t);
  await pair.pass(6_000);
  const history = async (name: string) => {
    const { data } = (await pair.read(`oauth2/creds/${name}/history`)).body ?? {};
    const attempts = data?.attempts as { outcome: string; reason?: string }[] | undefined;
    return attempts?.at(-1);
  };
  const found = async () => (await pair.read("oauth2/creds?list=true&server=mx")).body?.data?.keys;
  const all = [...Array.from({ length: MANY }, (_, n) => `bot-${n}`), "lone"];
  assert.deepEqual(await found(), all);
  await pair.delete("oauth2/servers/mx");
  assert.deepEqual(await found(), all, "also without its record");
  for (const name of ["bot-0", "lone"]) assert.equal((await history(name))?.reason, "server_missing", name);
  const record = { provider: "matrix", provider_options: { homeservers: "*" } };
  assert.equal((await pair.write("oauth2/servers/mx", record)).status, 204);
  for (const name of ["bot-0", "lone"]) assert.equal((await history(name))?.outcome, "cleared", name);
});
