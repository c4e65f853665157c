import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand } from "../build.ts";
import { type Database, startDatabases } from "./databases.ts";
import type { Figure } from "./report.ts";

/** What all rows of one run share. */
export interface Bench {
  /** The command as it is published. */
  readonly bin: string;
  /** An empty folder on the disk, removed at the end. */
  folder(): string;
  /** An empty database of a cluster of its own that syncs its commits; undefined where there is no PostgreSQL. */
  database(): Promise<Database | undefined>;
  /** Stops what was started, whatever happened; the newest first. */
  defer(work: () => unknown): void;
  /** How many, or how long: of a full run, and of a short one. */
  pick(full: number, quick: number): number;
}

/** `tiny` shows that it runs, and measures nothing. */
export type Size = "full" | "quick" | "tiny";

/** Of a short run, a tiny one has such a part. */
const TINY = 0.02;

/** One part of the report. */
export interface Row {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  readonly how: string;
  run(bench: Bench): Promise<readonly Figure[]>;
}

export interface Benching extends Bench {
  /** Stops what a row has started. */
  clear(): Promise<void>;
  end(): Promise<void>;
}

/** `bin`: the command that is measured; built anew if nothing is said. */
export async function startBench(size: Size, bin?: string): Promise<Benching> {
  const root = mkdtempSync(join(tmpdir(), "coatcheck-bench-"));
  let deferred: (() => unknown)[] = [];
  let databases: ReturnType<typeof startDatabases> | undefined;
  let built = bin;
  if (built === undefined) {
    await buildCommand(join(root, "built"));
    built = join(root, "built/bin/coatcheck.js");
  }
  let isOver = false;
  const clear = async () => {
    const work = deferred.reverse();
    deferred = [];
    for (const one of work) await one();
  };
  return {
    ...{ bin: built, clear },
    folder: () => mkdtempSync(join(root, "data-")),
    database: async () => {
      databases ??= startDatabases();
      return (await databases)?.create();
    },
    // What is started while the run ends would be left.
    defer: (work) => void (isOver ? work() : deferred.push(work)),
    pick: (full, quick) => (size === "full" ? full : size === "quick" ? quick : Math.ceil(quick * TINY)),
    end: async () => {
      isOver = true;
      await clear();
      await (await databases)?.end();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Does one after the other, so many times over: what else the machine does then meets all of them alike. */
export async function inTurns<T>(rounds: number, works: readonly (() => Promise<T>)[]): Promise<T[][]> {
  const results: T[][] = works.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of works.entries()) results[index]?.push(await work());
  }
  return results;
}

export function median(values: readonly number[]): number {
  return at(values, 0.5);
}

/** The value that so great a part of all does not exceed. */
export function at(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}
