import assert from "node:assert/strict";
import { test } from "node:test";
import { hang, reset } from "../../servers/faults.ts";
import { freePort } from "../../servers/free-port.ts";
import { startHomeserverPair, VERSIONS } from "../../support/matrix/homeserver-pair.ts";
import { whileTimePasses } from "../../support/while-time-passes.ts";

test("S06 of a host that anybody may name, a forbidden address, a closed port and a silent one are told alike, after the same time", async (t) => {
  const pair = await startHomeserverPair(t, { options: { homeservers: "*" } });
  const told: string[] = [];
  for (const [homeserver, fault] of [
    ["https://10.0.0.1", undefined],
    [`http://127.0.0.1:${await freePort()}`, undefined],
    [pair.as.issuer, hang],
    [pair.as.issuer, reset],
  ] as const) {
    if (fault) pair.as.reply(VERSIONS, fault);
    const from = pair.clock.monotonic();
    const { status, body } = await whileTimePasses(pair, pair.login("bot", { homeserver }));
    const seconds = Math.floor((pair.clock.monotonic() - from) / 1000);
    told.push(`${status} after ${seconds} s: ${String(body?.errors?.[0]).replace(homeserver, "HOST")}`);
  }
  assert.deepEqual([...new Set(told)], [`502 after 6 s: versions (GET HOST${VERSIONS}) cannot be reached`]);
});

test("S06 a server that its operator wrote answers as soon as it is known", async (t) => {
  const pair = await startHomeserverPair(t);
  const record = { provider: "matrix", provider_options: { homeserver: `http://127.0.0.1:${await freePort()}` } };
  const from = pair.clock.monotonic();
  assert.equal((await pair.write("oauth2/servers/other", record)).status, 502);
  assert.equal(pair.clock.monotonic(), from);
});
