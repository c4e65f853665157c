import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Asked } from "./asker.ts";
import type { Bench } from "./bench.ts";
import type { Provider } from "./stage.ts";

/** Bare POSTs to the provider's token endpoint; `durable`: each answer is committed before it counts. */
export async function ask(bench: Bench, { issuer }: Provider, operations: number, durable: boolean): Promise<Asked> {
  const args = [`${issuer}/token`, String(operations), durable ? bench.folder() : ""];
  const child = fork(join(import.meta.dirname, "asker.ts"), args);
  bench.defer(() => void child.kill("SIGKILL"));
  const [asked] = (await once(child, "message")) as [Asked];
  return asked;
}

/** Milliseconds of so many writes of a page and its fsync, in the folder of the data. */
export function fsyncs(folder: string, times: number): readonly number[] {
  const file = openSync(join(folder, "fsync"), "w");
  const page = Buffer.alloc(4_096);
  const took = Array.from({ length: times }, () => {
    const from = performance.now();
    writeSync(file, page);
    fsyncSync(file);
    return performance.now() - from;
  });
  closeSync(file);
  return took;
}
