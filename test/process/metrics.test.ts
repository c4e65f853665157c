import assert from "node:assert/strict";
import { test } from "node:test";
import { oauthError } from "../servers/faults.ts";
import { importGrant, startDevice, startPair } from "../support/misbehaving.ts";
import { ROOT_TOKEN } from "../support/request.ts";

test("DEV-24 metrics tell the attempts, how late they were and what is under way, with a token and without a name", async (t) => {
  const pair = await startPair(t);
  await startDevice(pair, "secret-name");
  await importGrant(pair, "other-name");
  pair.as.reply("/token", oauthError("authorization_pending"), oauthError("access_denied"));
  await pair.pass(12_000);
  const url = `${pair.running.address}/v1/sys/metrics?format=prometheus`;
  assert.equal((await fetch(url)).status, 403);
  const answer = await fetch(url, { headers: { "x-vault-token": ROOT_TOKEN } });
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  assert.match(text, /^coatcheck_attempts_total\{kind="poll",outcome="pending"\} 1$/m);
  assert.match(text, /^coatcheck_attempts_total\{kind="poll",outcome="refused"\} 1$/m);
  assert.match(text, /^coatcheck_lateness_seconds_bucket\{le="1",task="poll"\} 2$/m);
  assert.match(text, /^coatcheck_under_way\{what="refreshes"\} 0$/m);
  assert.doesNotMatch(text, /-name|"as"/);
});
