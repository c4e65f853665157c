import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { hang, json } from "../../servers/faults.ts";
import type { Fault, Misbehaving } from "../../servers/misbehaving.ts";
import { startServer } from "../../servers/watched.ts";
import { eventually } from "../../support/eventually.ts";
import { manyDue } from "../../support/many-due.ts";
import { configure, type Pair, startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";

/** A gauge or a sum of them, as an operator reads it. */
async function metric(pair: Pick<Pair, "running">, pattern: RegExp): Promise<number> {
  const headers = { "x-vault-token": ROOT_TOKEN };
  const text = await (await fetch(`${pair.running.address}/v1/sys/metrics`, { headers })).text();
  return Number(pattern.exec(text)?.[1]);
}

/** Lets all servers answer a little later; counts how many requests are with them at once. */
function counting(...servers: readonly Misbehaving[]): () => number {
  let [now, most] = [0, 0];
  const fault: Fault = async (exchange) => {
    now += 1;
    most = Math.max(most, now);
    const { status, body } = exchange.proper();
    await setTimeout(10);
    now -= 1;
    return json(status, body)(exchange);
  };
  for (const server of servers) server.reply("/token", fault);
  return () => most;
}

test("L03 a start with 300 refreshes due: no more at once than the cap, nearest expiry first, a reader before them", async (t) => {
  const pair = await startPair(t);
  const hung = await startServer(t);
  hung.reply("/token", hang);
  await configure(pair, hung, {}, "hung");
  const other = await startServer(t);
  await configure(pair, other, {}, "other");
  await pair.running.close();
  const servers = ["as", "as", "other", "other", "hung"];
  const made = await manyDue(pair.data, pair.clock, pair.as, { count: 300, servers });
  const most = counting(pair.as, other);
  const next = { ...(await pair.restart()), as: pair.as };
  assert.ok((await metric(next, /^coatcheck_due\{task="refresh"\} (\d+)$/m)) > 200);
  const sent = () => pair.as.to("/token").map(({ form }) => form.get("refresh_token"));
  await eventually("some are refreshed", () => sent().length > 30);
  const last = made.findLast(({ server }) => server === "as");
  const before = sent().length;
  assert.equal((await next.read(`oauth2/creds/${last?.name}?minimum_seconds=60`)).status, 200);
  const jumped = sent().indexOf(last?.refreshToken ?? "") - before;
  assert.ok(jumped < 30, `${jumped} were refreshed before the reader's`);
  // While the clock stands: what takes longer gives its place to others.
  assert.ok(most() > 1 && most() <= 8, `${most()} at once`);
  const all = made.filter(({ server }) => server === "as").length;
  await next.passUntil("all are refreshed", () => sent().length >= all, 60_000);
  assert.equal(pair.as.tokens.replays, 0);
  const dueAt = new Map(
    made.flatMap((due) => (due.server === "as" && due !== last ? [[due.refreshToken, due.dueAt]] : [])),
  );
  const times = sent().flatMap((token) => dueAt.get(token ?? "") ?? []);
  for (const [index, time] of times.entries()) {
    assert.ok(time <= (times[index + 12] ?? Number.POSITIVE_INFINITY), `${index}: what was due sooner came later`);
  }
  assert.ok(hung.to("/token").length <= 12, "the hung server is asked by few");
  for (const response of hung.holding) response.destroy();
  assert.ok((await metric(next, /^coatcheck_lateness_seconds_count\{task="refresh"\} (\d+)$/m)) >= all - 1);
});

test("I9 so many readers wait for a refresh, and the rest is told to come again", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 0 });
  await pair.running.close();
  const made = await manyDue(pair.data, pair.clock, pair.as, { count: 1_020, servers: ["as"] });
  const next = await pair.restart(undefined, { limits: "address-connections=2000, address-requests=2000" });
  pair.clock.stand(60_000);
  pair.as.reply("/token", hang);
  const reads = made.map(({ name }) => next.read(`oauth2/creds/${name}`));
  const refused = await Promise.any(reads);
  assert.deepEqual([refused.status, refused.body?.data?.reason], [503, "refresh_in_progress"]);
  assert.equal(refused.headers.get("retry-after"), "10");
  assert.equal(await metric(next, /^coatcheck_under_way\{what="waiting"\} (\d+)$/m), 1_000);
  pair.as.behave();
  const stopped = next.running.close();
  for (const response of pair.as.holding) response.destroy();
  await stopped;
  const answers = await Promise.all(reads);
  assert.ok(answers.filter(({ status }) => status === 503).length >= 1_004);
  assert.ok(pair.as.to("/token").length <= 16, "a broker that stops does not work the queue off");
});
