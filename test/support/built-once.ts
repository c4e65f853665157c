import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildCommand } from "../../scripts/build.ts";
import { FAST } from "./temporary-folder.ts";

/** Before the suite: what BIN starts in it. Answers its path. */
export async function buildOnce(): Promise<string> {
  const folder = join(import.meta.dirname, "../../node_modules/.cache/coatcheck-built");
  rmSync(folder, { recursive: true, force: true });
  await buildCommand(folder);
  const bin = join(folder, "bin/coatcheck.js");
  await runOnce(bin);
  return bin;
}

/** The first process that ends leaves what it has compiled to all others: a broker, which compiles most. */
async function runOnce(bin: string): Promise<void> {
  const data = mkdtempSync(join(FAST, "coatcheck-"));
  const env = { PATH: process.env.PATH ?? "", HOME: data };
  const child = spawn(process.execPath, [bin, "serve", "--data", data, "--listen", "127.0.0.1:0"], {
    env,
    timeout: 20_000,
  });
  child.stderr.on("data", (text) => String(text).includes("is listening at") && child.kill("SIGTERM"));
  await new Promise((ended) => child.once("exit", ended));
  rmSync(data, { recursive: true, force: true });
}
