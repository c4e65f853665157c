import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createMetrics } from "../../src/process/metrics.ts";
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
  // The answer to the import alone could bring a token: what a poll was told is not kept.
  assert.match(text, /^coatcheck_answer_durable_seconds_count 1$/m);
  assert.match(text, /^coatcheck_under_way\{what="refreshes"\} 0$/m);
  assert.doesNotMatch(text, /-name|"as"/);
});

const MONITORING = join(import.meta.dirname, "../../packaging/monitoring");

test("rules and dashboard name metrics that there are, and runbooks that are written", async () => {
  const gauges = () => ({ operations: 0, refreshes: 0, waiting: 0, programs: 0, paused: 0, copy: false, moved: false });
  const text = await createMetrics(gauges, async () => ({ due: new Map() })).text();
  const kinds = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = "", kind = ""]) => [name, kind]));
  const files = ["coatcheck.rules.yml", "dashboard.json"].map((name) => readFileSync(join(MONITORING, name), "utf8"));
  const named = new Set(files.flatMap((file) => file.match(/coatcheck_\w+/g) ?? []));
  assert.ok(named.size >= 12, String(named.size));
  for (const name of named) {
    const isPart = kinds.get(name.replace(/_(bucket|sum|count)$/, "")) === "histogram";
    assert.ok(isPart || kinds.has(name), `${name} is no metric`);
  }
  const runbooks = readFileSync(join(MONITORING, "../../docs/runbooks.md"), "utf8");
  for (const [, runbook] of files.join().matchAll(/runbook: "(.*)"/g))
    assert.ok(runbooks.includes(`## ${runbook}\n`), runbook);
  assert.ok(JSON.parse(files[1] ?? "").panels.length > 0);
});
