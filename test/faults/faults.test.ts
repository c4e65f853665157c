import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { startPostgres } from "../servers/postgres.ts";
import { ANSWERS, badAnswers } from "./answers.ts";
import { idleStreams } from "./bridges/idle-streams.ts";
import { killBehindBridges } from "./bridges/kill-behind.ts";
import { oddServers } from "./bridges/odd-servers.ts";
import { jumpSqlite } from "./clock.ts";
import { withoutImages } from "./image-disk.ts";
import { killPostgres } from "./kill-postgres.ts";
import { killSqlite } from "./kill-sqlite.ts";
import type { Judged } from "./load.ts";
import { outage } from "./outage.ts";
import { loseByNormal, powerCut } from "./power-cut.ts";
import { raceWrites } from "./race.ts";
import { rotateKeys } from "./rotate-keys.ts";

/** The short cut of `npm run faults`: the same rows and assertions, with few faults; the long run draws new seeds. */
const seed = 268_920_898;

const postgres = await startPostgres();

function requireLoad(t: TestContext, figures: Judged): void {
  t.diagnostic(`seed ${seed}: ${JSON.stringify(figures)}`);
  assert.ok(figures.refreshes > 40 && figures.handedOut > 0, "there was load");
}

// Real processes: most of the time is waiting for them.
describe("under load", { concurrency: 2 }, () => {
  const least = { seed, credentials: 24 };

  test("D01 kill -9 on SQLite, strict rotation: nothing is lost but what was on the wire", async (t) => {
    requireLoad(t, await killSqlite(t, { ...least, kills: 3, refreshes: 60 }));
  });

  test("MCP-B5 kill -9 of the broker behind bridges on one login: no call without an answer or an error, nothing lost but on the wire", async (t) => {
    const figures = await killBehindBridges(t, { seed, bridges: 4, kills: 2, seconds: 0 });
    t.diagnostic(`seed ${seed}: ${JSON.stringify(figures)}`);
    assert.ok(figures.answered >= 4 && figures.refreshes > 0, "there was load");
  });

  test("MCP-B10 MCP-B12 MCP-T2 an odd server: silence, streams that end, sessions forgotten, halves, 401: no call lost, one login", async (t) => {
    const figures = await oddServers(t, { agents: 1, seconds: 0, idle: 2, list: 4 });
    t.diagnostic(JSON.stringify(figures));
  });

  test("MCP-G1 idle streams of several agents beside a dead server: calls go on, an event reaches each, and the server sees them close", async (t) => {
    t.diagnostic(JSON.stringify(await idleStreams(t, { agents: 2, streams: 20, seconds: 0 })));
  });

  test("D04 kill -9 of instances on PostgreSQL: no double use, and the others take over", async (t) => {
    const kills = { rounds: 1, killsPerRound: 2, refreshes: 60, leases: "end", by: ["SIGKILL"] } as const;
    requireLoad(t, await killPostgres(t, { ...least, ...kills, postgres }));
  });

  test("K01 the host's clock is set an hour ahead and back: nothing early, nothing expired, nothing dead", async (t) => {
    requireLoad(t, await jumpSqlite(t, { ...least, jumps: 3, stays: 2_500 }));
  });

  test("U05 keys are rotated under load and the broker is killed while it seals anew: all is readable, the old key goes", async (t) => {
    requireLoad(t, await rotateKeys(t, { ...least, rotations: 1, quiet: 3_000 }));
  });

  test("D05 power cut: what was acknowledged is on the disk", { skip: withoutImages() ?? false }, async (t) => {
    requireLoad(t, await powerCut(t, { ...least, cuts: 2 }));
  });

  test("X07 without waiting for the disk a power cut loses it", { skip: withoutImages() ?? false }, async (t) => {
    t.diagnostic(JSON.stringify(await loseByNormal(t, seed)));
  });
});

test("N one bad answer to a refresh: what becomes of the grant, by the provider's rotation", async (t) => {
  assert.equal(Object.keys(await badAnswers(t)).length, ANSWERS.length);
});

test("FC-32 a provider is away for 90 s: a reader has a token within 5 s of its return, and it was hardly asked meanwhile", async (t) => {
  for (const how of ["refused", "503", "silent"] as const) {
    t.diagnostic(`${how}: ${JSON.stringify(await outage(t, how, { seconds: 90, after: 45 }))}`);
  }
});

test("C06 delete and rewrite race refreshes and polls: what was acknowledged stays so", async (t) => {
  const figures = await raceWrites(t, { seed, rounds: 60 });
  t.diagnostic(`seed ${seed}: ${JSON.stringify(figures)}`);
  assert.ok(figures.overtaken > 0, "some were under way");
});
