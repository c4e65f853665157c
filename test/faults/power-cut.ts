import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Instance } from "./brokers.ts";
import { ImageDisk } from "./image-disk.ts";
import { storedInSqlite } from "./kill-sqlite.ts";
import { type Judged, Load, RESOLVED_MS } from "./load.ts";
import { preloaded } from "./preload/preload.ts";
import { randomMoment, settleProvider, startProvider } from "./provider.ts";
import { Random } from "./random.ts";

/** A stopped process does nothing more after this. Milliseconds. */
const STANDS_MS = 5;

export interface Cuts {
  readonly seed: number;
  readonly cuts: number;
  readonly credentials: number;
  /** Sabotage X07: the store has `synchronous=NORMAL` and does not know it. */
  readonly sabotaged?: boolean;
}

/** D05: the power is cut at random moments under load: the broker goes on with what its disk held just then. */
export async function powerCut(
  t: TestContext,
  { seed, cuts, credentials, sabotaged = false }: Cuts,
): Promise<{ readonly cuts: number; readonly inDoubt: number } & Judged> {
  const disk = new ImageDisk(t);
  const random = new Random(seed);
  const provider = await startProvider(t, random);
  const key = randomBytes(32).toString("base64url");
  const broker = new Instance(
    t,
    { COATCHECK_KEY: key, ...(sabotaged && preloaded("synchronous-normal")) },
    disk.folder,
  );
  await broker.start();
  const load = new Load(provider, [broker], random, { key, credentials });
  await load.begin(t);
  // So that what is missing then are refreshes, not the schema.
  if (sabotaged) disk.sync();
  let inDoubt = 0;
  for (let cut = 0; cut < cuts; cut++) {
    await randomMoment(provider, random);
    const diedAt = performance.now();
    broker.stand();
    await setTimeout(STANDS_MS);
    disk.copy();
    await broker.end("SIGKILL");
    await settleProvider(provider);
    disk.cut();
    const rows = storedInSqlite(broker.data);
    const doubtful = load.examine({ rows, left: rows, rescued: broker.rescued(), diedAt });
    inDoubt += doubtful.length;
    broker.goOn();
    await broker.start();
    await load.resolve(doubtful, RESOLVED_MS);
  }
  await load.end(RESOLVED_MS);
  return { cuts, inDoubt, ...load.judge() };
}

/** Sabotage X07: the row above must fail when the store does not wait for the disk. Answers the rule that it broke. */
export async function loseByNormal(t: TestContext, seed: number): Promise<Readonly<Record<string, string>>> {
  let broken = "";
  await assert.rejects(
    () => powerCut(t, { seed, cuts: 10, credentials: 24, sabotaged: true }),
    ({ message }: Error) => {
      broken = message;
      return ["I1: ", "h8: ", "h9: "].some((rule) => message.startsWith(rule));
    },
  );
  return { broken };
}
