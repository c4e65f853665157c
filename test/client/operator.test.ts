import assert from "node:assert/strict";
import { test } from "node:test";
import { CoatcheckError, operator } from "../../src/client/index.ts";
import { startServer } from "../servers/watched.ts";
import { startCoatcheck } from "../support/coatcheck.ts";
import { ROOT_TOKEN } from "../support/request.ts";
import { begin, startSessions } from "../support/sessions.ts";

test("an operator writes, lists, reads and deletes servers and the configuration of a real broker", async (t) => {
  const provider = await startServer(t);
  const { running } = await startCoatcheck(t);
  const broker = operator({ broker: running.address, token: ROOT_TOKEN });
  const provider_options = { token_url: `${provider.issuer}/token`, device_code_url: `${provider.issuer}/device` };
  await broker.servers.write("a/server", { provider: "custom", client_id: "c", provider_options });
  assert.deepEqual(await broker.servers.list(), ["a/server"]);
  assert.deepEqual(await broker.servers.list("a/"), ["server"]);
  assert.equal((await broker.servers.read("a/server"))?.data?.client_id, "c");
  await broker.servers.delete("a/server");
  assert.equal(await broker.servers.read("a/server"), undefined);
  assert.deepEqual(await broker.servers.list(), []);
  await broker.config.write({ default_server: "x" });
  assert.equal((await broker.config.read())?.data?.default_server, "x");
  assert.equal((await broker.read("oauth2/config"))?.data?.default_server, "x");
});

test("an operator ends all sessions of a range of time", async (t) => {
  const pair = await startSessions(t);
  const { get } = await begin(pair);
  const { sessions } = operator({ broker: pair.running.address, token: ROOT_TOKEN });
  const now = pair.clock.now();
  const [since, until] = [new Date(now - 3_600_000), new Date(now - 60_000)];
  assert.equal(await sessions.revoke({ since, until }), 0);
  assert.equal(await sessions.revoke({ since, server: "other" }), 0);
  assert.equal(await sessions.revoke({ since }), 1);
  assert.equal((await get()).status, 401);
});

test("refusals carry the broker's words", async (t) => {
  const { running } = await startCoatcheck(t);
  const wrong = operator({ broker: running.address, token: "no-such-token" });
  await assert.rejects(
    wrong.servers.list(),
    (error) => error instanceof CoatcheckError && error.status === 403 && error.message.includes("permission denied"),
  );
  const broker = operator({ broker: running.address, token: ROOT_TOKEN });
  await assert.rejects(
    broker.creds.write("x", { server: "none", refresh_token: "r" }),
    (error) => error instanceof CoatcheckError && error.code === "server_missing",
  );
});
