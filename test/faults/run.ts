/**
 * The fault suite, long: `npm run faults`. One line per row with its figures; a row that does not hold fails with the
 * rule it breaks. FAULT_SEED draws the random moments of an earlier run again, FAULT_ROWS (a pattern) runs some rows.
 */
import { type TestContext, test } from "node:test";
import { startPostgres } from "../servers/postgres.ts";
import { badAnswers } from "./answers.ts";
import { fiveAgents } from "./bridges/five-agents.ts";
import { idleStreams } from "./bridges/idle-streams.ts";
import { killBehindBridges } from "./bridges/kill-behind.ts";
import { oddServers } from "./bridges/odd-servers.ts";
import { jumpPostgres, jumpSqlite } from "./clock.ts";
import { diskFull } from "./disk-full.ts";
import { withoutImages } from "./image-disk.ts";
import { killPostgres } from "./kill-postgres.ts";
import { killSqlite } from "./kill-sqlite.ts";
import { outages } from "./outage.ts";
import { pauseInstance } from "./pause.ts";
import { loseByNormal, powerCut } from "./power-cut.ts";
import { raceWrites } from "./race.ts";
import { restartPostgres } from "./restart-postgres.ts";
import { rotateKeys } from "./rotate-keys.ts";
import { startDue } from "./start-due.ts";

const seed = Number(process.env.FAULT_SEED ?? Math.floor(performance.timeOrigin) % 2 ** 31);
const wanted = new RegExp(process.env.FAULT_ROWS ?? "");

/** After a minute a clock that went ahead is believed. Milliseconds. */
const BELIEVED_MS = 75_000;

/** Milliseconds; a row that hangs is a row that fails. */
const LONGEST_ROW_MS = 1_800_000;

function row(name: string, run: (t: TestContext) => Promise<object>): void {
  if (!wanted.test(name)) return;
  test(name, { timeout: LONGEST_ROW_MS }, async (t) => {
    const began = performance.now();
    const figures = Object.entries(await run(t)).map(([figure, value]) => `${figure} ${value}`);
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(`${name}: ${figures.join(", ")} (${seconds} s)\n`);
  });
}

const skip = (skipped: string) => ({ skipped });

process.stdout.write(`seed ${seed}\n`);
const postgres = await startPostgres();

const kills = { seed, kills: 100, refreshes: 1_000, credentials: 40 };
row("kill-sqlite", (t) => killSqlite(t, kills));
row("kill-grace", (t) => killSqlite(t, { ...kills, rotation: "grace" }));
row("kill-until-successor-used", (t) => killSqlite(t, { ...kills, rotation: "until-successor-used" }));

row("bridges", (t) => killBehindBridges(t, { seed, bridges: 20, kills: 40, seconds: 300 }));

const agents = { seed, seconds: 600 };
row("agents", (t) => fiveAgents(t, agents));
row("agents-kill", (t) => fiveAgents(t, { ...agents, killEvery: 20 }));
row("odd-servers", (t) => oddServers(t, { agents: 3, seconds: 630, idle: 600, list: 20 }));
row("idle-streams", (t) => idleStreams(t, { agents: 10, streams: 1_000, seconds: 300 }));
const remote = process.env.MCP_REMOTE;
row("agents-mcp-remote", async (t) =>
  remote === undefined
    ? skip("MCP_REMOTE does not name proxy.js of an installed mcp-remote")
    : fiveAgents(t, { ...agents, remote }),
);

const fleet = { postgres, seed, killsPerRound: 5, leases: "wait" } as const;
row("kill-postgres", (t) =>
  killPostgres(t, { ...fleet, rounds: 8, refreshes: 1_000, credentials: 40, by: ["SIGKILL"] }),
);
row("instances", (t) =>
  killPostgres(t, { ...fleet, rounds: 8, refreshes: 10_000, credentials: 80, by: ["SIGKILL", "SIGTERM", "SIGTERM"] }),
);
row("restart-postgres", (t) => restartPostgres(t, { postgres, seed, restarts: 10, credentials: 40 }));
row("rotate-keys", (t) => rotateKeys(t, { seed, rotations: 10, credentials: 40, quiet: 5_000 }));

const pauses = { postgres, seed, pauses: 4, credentials: 40 };
row("pause", (t) => pauseInstance(t, pauses));
row("pause-grace", (t) => pauseInstance(t, { ...pauses, rotation: "grace" }));
row("pause-until-successor-used", (t) => pauseInstance(t, { ...pauses, rotation: "until-successor-used" }));

const jumps = { seed, jumps: 100, credentials: 40 };
row("clock-sqlite", (t) => jumpSqlite(t, { ...jumps, stays: BELIEVED_MS }));
row("clock-postgres", (t) => jumpPostgres(t, { ...jumps, postgres, stays: 0 }));

const noImages = withoutImages();
row("power-cut", async (t) => (noImages ? skip(noImages) : powerCut(t, { seed, cuts: 100, credentials: 40 })));
row("power-cut-normal", async (t) => (noImages ? skip(noImages) : loseByNormal(t, seed)));
row("disk-full", (t) => diskFull(t, { seed, rounds: 20 }));
row("start-due", (t) => startDue(t, { due: 100_000, seconds: 60 }));
row("answers", badAnswers);
for (const how of ["refused", "503", "silent"] as const) {
  for (const seconds of [90, 420]) row(`outage-${how}-${seconds}`, (t) => outages(t, how, seconds));
}
row("delete-race", (t) => raceWrites(t, { seed, rounds: 10_000 }));
