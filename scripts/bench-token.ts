import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./bench-broker.ts";
import { buildPackage } from "./build.ts";

/** `npm run bench:token`: what `coatcheck token` from a warm agent costs, as a multiple of `node -e 0`. Whole processes, medians. */
const ROUNDS = 101;

/** What is asked of it. */
const TARGET = 1.5;

const folder = mkdtempSync(join(tmpdir(), "coatcheck-bench-"));
const home = join(folder, "home");
const env = {
  PATH: process.env.PATH ?? "",
  HOME: home,
  XDG_STATE_HOME: join(home, "state"),
  XDG_CONFIG_HOME: join(home, "config"),
  XDG_RUNTIME_DIR: join(home, "run"),
};

function time(args: readonly string[]): number {
  const from = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { env });
  if (status !== 0) throw new Error(stderr.toString());
  return performance.now() - from;
}

/** Only the agent's first question reaches it. */
const broker = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end('{"access_token":"a-token-of-the-bench","token_type":"Bearer","expires_in":3600}');
});
await new Promise<void>((done) => broker.listen(0, "127.0.0.1", done));
try {
  const package_ = join(folder, "coatcheck");
  await buildPackage(package_);
  symlinkSync(join(import.meta.dirname, "../node_modules"), join(package_, "node_modules"));
  const state = join(home, "state/coatcheck");
  for (const path of [state, join(home, "run")]) mkdirSync(path, { recursive: true, mode: 0o700 });
  const address = `http://127.0.0.1:${(broker.address() as AddressInfo).port}`;
  const session = { broker: address, server: "bench", session: "ccs_bench", id: "bench", scopes: [] };
  writeFileSync(join(state, "sessions.json"), JSON.stringify({ version: 1, sessions: { bench: session } }), {
    mode: 0o600,
  });
  const bin = join(package_, "bin/coatcheck.js");
  const agent = spawn(process.execPath, [bin, "agent", "--foreground"], { env, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((done) => agent.stdout.once("data", done).once("close", done));
  // The broker is this process, which is busy while it waits for a child: the first question is asked without waiting.
  await new Promise((done) => spawn(process.execPath, [bin, "token"], { env }).on("exit", done));
  const bare: number[] = [];
  const token: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(time(["-e", "0"]));
    token.push(time([bin, "token"]));
  }
  agent.kill();
  const ratio = median(token) / median(bare);
  console.log(`node -e 0        ${median(bare).toFixed(1)} ms`);
  console.log(`coatcheck token  ${median(token).toFixed(1)} ms`);
  console.log(`ratio            ${ratio.toFixed(2)} (at most ${TARGET})`);
  process.exitCode = ratio <= TARGET ? 0 : 1;
} finally {
  broker.close();
  broker.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
}
