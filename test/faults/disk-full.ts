import { randomBytes } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { errorCode } from "../../src/error-code.ts";
import { smallDisk } from "../support/temporary-folder.ts";
import { Instance } from "./brokers.ts";
import { storedInSqlite } from "./kill-sqlite.ts";
import { Load, RESOLVED_MS } from "./load.ts";
import { settleProvider, startProvider } from "./provider.ts";
import { Random } from "./random.ts";

/** The journal's reserve (4 MiB) and the database fit, no more. Bytes. */
const SIZE = 12 * 1_048_576;

/** How long the disk stays full at most: several times what a refresh takes. Milliseconds. */
const LONGEST_FULL_MS = 1_500;

/** D07: the disk is full just when a rotation's answer comes; every other time the process is killed as well. */
export async function diskFull(t: TestContext, { seed, rounds }: { seed: number; rounds: number }) {
  const disk = smallDisk(t, SIZE);
  if (disk === undefined) return { skipped: "a tmpfs can be mounted by root only" };
  const random = new Random(seed);
  const provider = await startProvider(t, random);
  const key = randomBytes(32).toString("base64url");
  const broker = new Instance(t, { COATCHECK_KEY: key }, disk);
  await broker.start();
  const load = new Load(provider, [broker], random, { key, credentials: 20 });
  await load.begin(t);
  let kills = 0;
  for (let round = 0; round < rounds; round++) {
    await setTimeout(random.between(200, 1_000));
    await full(provider, disk);
    await setTimeout(random.between(20, LONGEST_FULL_MS));
    const dies = round % 2 === 1;
    const diedAt = performance.now();
    if (dies) await broker.end("SIGKILL");
    rmSync(join(disk, "filler"));
    if (!dies) {
      // Time to store what waits, and to take the journal's reserve back.
      await setTimeout(LONGEST_FULL_MS);
      continue;
    }
    kills += 1;
    await settleProvider(provider);
    const rows = storedInSqlite(disk);
    const doubtful = load.examine({ rows, left: rows, rescued: broker.rescued(), diedAt });
    await broker.start();
    await load.resolve(doubtful, RESOLVED_MS);
  }
  await load.end(RESOLVED_MS);
  const figures = load.judge();
  return { rounds, kills, ...figures };
}

/** Resolves when the disk has no byte left, and an answer is about to be sent. */
function full(provider: Awaited<ReturnType<typeof startProvider>>, disk: string): Promise<void> {
  return new Promise((done) => {
    provider.beforeAnswer = () => {
      fill(join(disk, "filler"));
      done();
    };
  });
}

function fill(path: string): void {
  const file = openSync(path, "w");
  for (let size = 1_048_576; size >= 1; size = Math.floor(size / 16)) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size));
    } catch (error) {
      if (errorCode(error) !== "ENOSPC") throw error;
    }
  }
  closeSync(file);
}
