import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { serverNameOf } from "../../../src/mcp/server-name.ts";
import { BIN } from "../../support/bin.ts";
import { eventually } from "../../support/eventually.ts";
import { mcpServerFor } from "../../support/mcp/mcp-server.ts";
import { person } from "../../support/person/person.ts";
import { Visitor } from "../../support/person/visitor.ts";
import { RESOLVED_MS } from "../load.ts";
import { Random } from "../random.ts";
import { Agent, callsOf, errorsOf } from "./agents.ts";

export interface FiveAgents {
  readonly seed: number;
  readonly seconds: number;
  /** Kills the person's own broker (`kill -9`) so often; a bridge starts it again. Seconds. */
  readonly killEvery?: number;
  /** The program of `mcp-remote` (its proxy.js), which is measured in our place. */
  readonly remote?: string;
}

/** Seconds that an access token lives. */
const LIFE = 5;

/** For a start and a login on a machine that is busy. Milliseconds. */
const LONGEST_START_MS = 240_000;

/** A person who opens the addresses that programs show, each once. */
class Opener {
  readonly opened = new Set<string>();

  readonly onText = (text: string): void => {
    const [address] = /https?:\/\/[^\s,]+\/auth\?[^\s,]+/.exec(text) ?? [];
    if (address === undefined || this.opened.has(address)) return;
    this.opened.add(address);
    new Visitor().open(address).catch(() => {});
  };
}

/**
 * Section 10 of mcp.md: five agents, each with a process of its own in between, at one server behind a provider that rotates
 * strictly and ends a family at reuse, with tokens of 5 s. They share what a person has signed in to once.
 */
export async function fiveAgents(t: TestContext, { seed, seconds, killEvery, remote }: FiveAgents) {
  const random = new Random(seed);
  const ttl = { AccessToken: LIFE };
  // mcp-remote registers with the scopes that a server names, and this provider refuses those of resources there.
  const scopes = remote === undefined ? { scopes: ["tools:read"] } : {};
  const server = await mcpServerFor(t, { device: false, person: "ada", ttl, ...scopes });
  const ended = new Set<string>();
  let refreshes = 0;
  server.provider.on("grant.revoked", (_context, grantId) => ended.add(grantId));
  server.provider.on("grant.success", ({ oidc }) => {
    if (oidc.params?.grant_type === "refresh_token") refreshes += 1;
  });
  const ada = person(t);
  if (remote === undefined) {
    const record = ["--provider", "mcp", "--option", `url=${server.url}`];
    const own = ["--redirect-uri", "http://127.0.0.1:0/callback"];
    const added = await ada.run(["server", "add", serverNameOf(server.url), ...record, ...own]);
    assert.equal(added.code, 0, added.err);
  }
  const opener = new Opener();
  const args = remote === undefined ? [BIN, "mcp", server.url] : [remote, server.url];
  const start = () => {
    const agent = new Agent(t, args, ada.env);
    agent.onText = opener.onText;
    return agent;
  };
  const first = start();
  await first.begin(LONGEST_START_MS);
  await eventually("somebody has signed in", () => first.call(), LONGEST_START_MS);
  // What was said before that is no call of the comparison.
  Object.assign(first.calls, { answered: 0, told: 0, lost: 0, slowest: 0 });
  first.errors.clear();
  const agents = [first, ...Array.from({ length: 4 }, start)];
  await Promise.all(agents.slice(1).map((agent) => agent.begin(LONGEST_START_MS)));
  const until = performance.now() + seconds * 1_000;
  const working = agents.map((agent) => agent.work(random, () => performance.now() >= until));
  let kills = 0;
  while (killEvery !== undefined && performance.now() < until) {
    await setTimeout(random.between(0.5, 1.5) * killEvery * 1_000);
    if (killBroker(join(ada.home, "state/coatcheck/broker/coatcheck.db.pid"))) kills += 1;
  }
  await Promise.all(working);
  const calls = callsOf(agents);
  const revoked = ended.size;
  if (remote === undefined) {
    assert.equal(calls.lost, 0, "a call got neither an answer nor an error");
    assert.ok(refreshes > 0 && (killEvery === undefined || kills > 0), "there was load");
    for (const agent of agents) await eventually("its call goes through", () => agent.call(), RESOLVED_MS);
    if (kills === 0) {
      assert.deepEqual({ revoked, logins: opener.opened.size }, QUIET);
      assert.ok(calls.told <= calls.answered * MOST_ERRORS, `errors: ${errorsOf(agents)}`);
    }
  }
  return { ...calls, refreshes, revoked, logins: opener.opened.size, kills, said: errorsOf(agents) };
}

/** Whether there was one: until a bridge has started it again, there is none, and its file names the one before. */
function killBroker(pidFile: string): boolean {
  try {
    return process.kill(Number(readFileSync(pidFile, "utf8").trim()), "SIGKILL");
  } catch {
    return false;
  }
}

/** Without faults a person is needed once. */
const QUIET = { revoked: 0, logins: 1 };

/** For each answer, without faults: where the machine is too busy an agent may be told so, but hardly ever. */
const MOST_ERRORS = 0.01;
