import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Cluster } from "../servers/postgres.ts";
import { Instance } from "./brokers.ts";
import { startFleet } from "./fleet.ts";
import { Flows } from "./flows.ts";
import { Load, RESOLVED_MS } from "./load.ts";
import { preloaded } from "./preload/preload.ts";
import { type Provider, startProvider } from "./provider.ts";
import { Random } from "./random.ts";

/** As somebody may set a host's clock. Milliseconds. */
const HOUR = 3_600_000;
const SETTINGS = [0, HOUR, -HOUR];

export interface Jumps {
  readonly seed: number;
  readonly jumps: number;
  readonly credentials: number;
  /** In the end the clock stays an hour ahead for so long: after a minute it is believed. Milliseconds. */
  readonly stays: number;
}

/** K01: the clock of a broker on SQLite is set an hour ahead and back under load. */
export async function jumpSqlite(t: TestContext, options: Jumps) {
  const random = new Random(options.seed);
  const provider = await startProvider(t, random);
  const key = randomBytes(32).toString("base64url");
  const broker = new Instance(t, { COATCHECK_KEY: key, ...preloaded("shifted-clock") });
  await broker.start();
  const load = new Load(provider, [broker], random, { key, credentials: options.credentials });
  await load.begin(t);
  return jumpAbout({ provider, instances: [broker], load, random }, options);
}

/** K02: three instances on one database, each with a clock of its own that is set an hour ahead and back under load. */
export async function jumpPostgres(t: TestContext, options: Jumps & { readonly postgres: Cluster }) {
  const random = new Random(options.seed);
  const fleet = await startFleet(t, { ...options, random, env: preloaded("shifted-clock") });
  return jumpAbout({ ...fleet, random }, options);
}

interface Scene {
  readonly provider: Provider;
  readonly instances: readonly Instance[];
  readonly load: Load;
  readonly random: Random;
}

async function jumpAbout({ provider, instances, load, random }: Scene, { jumps, stays }: Jumps) {
  const flows = new Flows(provider, load, 5);
  await flows.begin();
  for (let jump = 0; jump < jumps; jump++) {
    await setTimeout(random.between(200, 2_000));
    random.pick(instances).setClock(random.pick(SETTINGS));
  }
  for (const instance of instances) instance.setClock(HOUR);
  await setTimeout(stays);
  const polls = flows.polls();
  await flows.end(RESOLVED_MS);
  await load.end(RESOLVED_MS);
  const figures = load.judge();
  assert.equal(figures.replays + figures.lostOnTheWire, 0, "no process died: every answer was stored");
  return { jumps, polls, ...figures };
}
