import assert from "node:assert/strict";
import { test } from "node:test";
import { oauthError, reset } from "../servers/faults.ts";
import { configure, importGrant, type Pair, startDevice, startPair } from "../support/misbehaving.ts";

const events = (pair: Pair, event: string) =>
  pair.logged.map((line) => JSON.parse(line)).filter((line) => line.event === event);

test("every attempt that is news has one line: what, of which credential, with what outcome", async (t) => {
  const pair = await startPair(t);
  await startDevice(pair, "team/me");
  await pair.pass(11_000);
  assert.deepEqual(events(pair, "attempt"), [], "being told to wait is no news");
  pair.as.reply("/token", reset, oauthError("access_denied"));
  await pair.pass(20_000);
  const told = events(pair, "attempt").map(({ level, name, server, kind, outcome, reason, status }) =>
    [level, name, server, kind, outcome, reason, status].join(" "),
  );
  assert.deepEqual(told, [
    "warn team/me as poll in_doubt  pending",
    "warn team/me as poll refused access_denied failed",
  ]);
});

test("an operator sees why a server is unavailable, which its readers do not", async (t) => {
  const pair = await startPair(t, { networks: "127.0.0.1" });
  const issuer = pair.as.issuer.replace("127.0.0.1", "[::1]");
  const options = { token_url: `${issuer}/token`, device_code_url: `${issuer}/device` };
  await configure(pair, pair.as, { provider_options: options }, "inside");
  const { status, body } = await startDevice(pair, "me", { server: "inside" });
  assert.equal(status, 502);
  assert.match(body?.errors?.[0] ?? "", /authorization server unavailable$/);
  const [line] = events(pair, "upstream_failed");
  assert.deepEqual([line.origin, line.cause, line.sent], [issuer, "address_refused", false]);
  assert.match(line.hint, /--allow-networks/);
  await importGrant(pair);
});
