/**
 * `npm run conformance`: the official suite of MCP (`@modelcontextprotocol/conformance`), with `coatcheck mcp` as the client's
 * way to each of its servers. `npm run conformance -- SCENARIO …`: these alone, one by one, where warnings count as well.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
/** Fetched when it is wanted: it is as large as all else that tests need. */
const SUITE = "@modelcontextprotocol/conformance@0.2.0-alpha.12";
const REVISIONS = ["2026-07-28", "2025-11-25"];

const home = mkdtempSync(join(tmpdir(), "coatcheck-conformance-"));
const folders = { XDG_STATE_HOME: "state", XDG_CONFIG_HOME: "config", XDG_RUNTIME_DIR: "run" };
const env = { ...process.env, HOME: home };
for (const [name, folder] of Object.entries(folders)) {
  mkdirSync(join(home, folder), { mode: 0o700 });
  Object.assign(env, { [name]: join(home, folder) });
}

/** The suite's own exit code. */
function run(args: readonly string[]): number {
  const command = `${process.execPath} ${join(import.meta.dirname, "driver.ts")}`;
  const words = ["exec", "--yes", `--package=${SUITE}`, "--", "conformance", "client", "--command", command, ...args];
  return spawnSync("npm", words, { cwd: home, env, stdio: "inherit" }).status ?? 1;
}

const scenarios = process.argv.slice(2);
const failed = REVISIONS.flatMap((revision) => {
  if (scenarios.length === 0) return run(["--requirements", revision]) === 0 ? [] : [revision];
  return scenarios.flatMap((scenario) =>
    run(["--scenario", scenario, "--spec-version", revision]) === 0 ? [] : [`${scenario} (${revision})`],
  );
});
const broker = [join(ROOT, "bin/coatcheck.js"), "broker", "stop"];
spawnSync(process.execPath, broker, { env });
rmSync(home, { recursive: true, force: true });
console.log(failed.length === 0 ? "all passed" : `failed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
