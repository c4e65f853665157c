import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Statements } from "../../src/store/sqlite/rows.ts";
import { hang } from "../servers/faults.ts";
import { startServer } from "../servers/watched.ts";
import { configure, importGrant, startDevice, startPair } from "../support/misbehaving.ts";

/** More than a process has under way at once (scheduler/lanes), so that only lanes keep room for others. */
const MANY = 600;

/** SERVERS=1000 is the long proof (`npm run scale`). */
const SERVERS = Number(process.env.SERVERS ?? 200);

test("A16 a hung provider delays no other provider and no polling", async (t) => {
  const hung = await startServer(t);
  const pair = await startPair(t);
  await configure(pair, hung, {}, "hung");
  hung.reply("/token", hang);
  pair.as.tokens.accessLife = 20;
  await importGrant(pair);
  await startDevice(pair, "polled");
  for (let i = 0; i < MANY; i++) {
    await startDevice(pair, `hung/${i}`, { server: "hung", device_code: `own-${i}`, interval: 1 });
  }
  await pair.pass(4_500);
  assert.ok(hung.holding.size >= 6, "the other provider hangs");
  pair.as.tokens.approved = true;
  await pair.pass(2_000);
  assert.equal((await pair.read("oauth2/creds/polled")).status, 200, "polled when it was due");
  await pair.pass(5_000);
  const refreshes = pair.as.to("/token").filter(({ form }) => form.get("grant_type") === "refresh_token");
  assert.equal(refreshes.length, 2, "the import, and the refresh when it was due");
  assert.ok(hung.to("/token").length <= 2 * 6, "few at a time");
});

test(`A17 ${SERVERS} servers at once, each with a credential that is refreshed`, async (t) => {
  const pair = await startPair(t);
  const { issuer, tokens } = pair.as;
  const names = Array.from({ length: SERVERS }, (_, index) => `as-${String(index).padStart(4, "0")}`);
  tokens.accessLife = 300;
  const here = (name: string) => ({ provider_options: { token_url: `${issuer}/token?server=${name}` } });
  await Promise.all(names.map((name) => configure(pair, pair.as, here(name), name)));
  assert.deepEqual((await pair.read("oauth2/servers?list=true")).body?.data?.keys, ["as", ...names]);
  await Promise.all(names.map((name) => importGrant(pair, name, { server: name })));
  const before = pair.as.to("/token").length;
  pair.clock.stand(250_000);
  await pair.passUntil("all are refreshed", () => pair.as.to("/token").length - before >= SERVERS, 60_000);
  await pair.pass(1_000);
  const refreshed = pair.as.to("/token").slice(before);
  assert.equal(new Set(refreshed.map(({ target }) => target)).size, SERVERS, "each at its own endpoint");
  const reads = await Promise.all(names.map((name) => pair.read(`oauth2/creds/${name}`)));
  assert.ok(reads.every(({ status }) => status === 200));
  assert.equal(tokens.replays, 0);
});

/** How many rows the database has handed out since. */
function countRows(t: TestContext): () => number {
  let rows = 0;
  for (const name of ["one", "all", "due"] as const) {
    const method = Statements.prototype[name] as (...args: unknown[]) => unknown;
    t.mock.method(Statements.prototype, name, function (this: Statements, ...args: unknown[]) {
      const found = method.apply(this, args);
      rows += Array.isArray(found) ? found.length : found === undefined ? 0 : 1;
      return found;
    });
  }
  return () => rows;
}

test("A25 work per tick follows what is due, not what is stored", async (t) => {
  const rows = countRows(t);
  const pair = await startPair(t);
  const idle = async () => {
    const before = rows();
    // Second by second, so that the scheduler looks as often as it does.
    for (let seconds = 0; seconds < 60; seconds++) await pair.pass(1_000);
    return rows() - before;
  };
  pair.as.tokens.accessLife = 86_400;
  await importGrant(pair, "first");
  const alone = await idle();
  assert.equal(alone, 12, "nothing is due: only the owner's row is looked at, each 5 s");
  for (let i = 0; i < 300; i++) await importGrant(pair, `creds/${i}`);
  assert.equal(await idle(), alone, "with many as with one");
  await startDevice(pair, "polled");
  const polls = pair.as.to("/token").length;
  const busy = await idle();
  assert.ok(pair.as.to("/token").length - polls >= 11);
  assert.ok(busy > alone && busy < 300, `${busy} rows were read for one flow`);
});
