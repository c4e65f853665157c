import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { systemClock } from "../../src/process/clock.ts";
import { hang, json } from "../servers/faults.ts";
import { startMisbehavingServer } from "../servers/misbehaving-server.ts";
import { manyDue } from "../support/many-due.ts";
import { Instance } from "./brokers.ts";

/** How long the provider takes for an answer. Milliseconds. */
const ANSWER_MS = 50;

/** A read that needs a token may come behind those that were under way, and no others. Milliseconds. */
const LONGEST_READ_MS = 9_000;

async function startServer(t: TestContext) {
  const server = await startMisbehavingServer();
  t.after(() => server.close());
  return server;
}

/**
 * L03: a broker finds `due` refreshes due at its start, a fifth of them at a server that hangs. What it may put in doubt
 * is bounded, the soonest come first, a reader does not wait for all of them, and memory does not grow with them.
 */
export async function startDue(t: TestContext, { due, seconds }: { due: number; seconds: number }) {
  const [as, hung] = [await startServer(t), await startServer(t)];
  const instance = new Instance(t, { COATCHECK_LOG_LEVEL: "error" });
  await instance.start();
  for (const [name, { issuer }] of Object.entries({ as, hung })) {
    const provider_options = { token_url: `${issuer}/token` };
    await instance.call("PUT", `servers/${name}`, { provider: "custom", client_id: "client", provider_options });
  }
  await instance.end("SIGTERM");
  const made = await manyDue(instance.data, systemClock, as, {
    count: due,
    servers: ["as", "as", "as", "as", "hung"],
  });
  let [now, most] = [0, 0];
  as.reply("/token", async (exchange) => {
    now += 1;
    most = Math.max(most, now);
    const { status, body } = exchange.proper();
    await setTimeout(ANSWER_MS);
    now -= 1;
    return json(status, body)(exchange);
  });
  hung.reply("/token", hang);
  await instance.start();
  const expired = made.filter(({ server }) => server === "as").slice(-20);
  const waits: number[] = [];
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    await setTimeout((seconds * 1_000) / 25);
    const name = expired[waits.length]?.name;
    if (name === undefined) continue;
    const asked = performance.now();
    const read = await instance.call("GET", `creds/${name}?minimum_seconds=60`);
    waits.push(Math.round(performance.now() - asked));
    assert.equal(read?.status, 200, "a reader gets its token");
  }
  const pid = readFileSync(join(instance.data, "coatcheck.db.pid"), "utf8").trim();
  const memory = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  const read = new Set(expired.map(({ refreshToken }) => refreshToken));
  const dueAt = new Map(made.map((one) => [one.refreshToken, one.dueAt]));
  const times = as.to("/token").flatMap(({ form }) => {
    const token = form.get("refresh_token") ?? "";
    return read.has(token) ? [] : (dueAt.get(token) ?? []);
  });
  const late = times.filter((time, index) => time > (times[index + 20] ?? Number.POSITIVE_INFINITY)).length;
  assert.equal(late, 0, "what was due sooner came first");
  assert.ok(most <= 8, `${most} at once`);
  assert.ok(Math.max(...waits) < LONGEST_READ_MS, `a read took ${Math.max(...waits)} ms`);
  assert.equal(as.tokens.replays, 0);
  return {
    due,
    refreshed: as.to("/token").length,
    "most at once": most,
    "asked of the hung server": hung.to("/token").length,
    "longest read (ms)": Math.max(...waits),
    "memory (MB)": Math.round(Number(memory) / 1_024),
  };
}
