/**
 * `npm run conformance`: the official suite of MCP (`@modelcontextprotocol/conformance`), with `coatcheck mcp` as the client's way
 * to each of its servers: all that both revisions require of clients, one by one, where warnings count as well.
 * `npm run conformance -- SCENARIO …`: these alone.
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

function suite(words: readonly string[]) {
  const all = ["exec", "--yes", `--package=${SUITE}`, "--", "conformance", ...words];
  return spawnSync("npm", all, { cwd: home, env, encoding: "utf8" });
}

/** What a revision requires of clients, as its frozen list has it. */
function required(revision: string): readonly string[] {
  const { stdout } = suite(["list", "--client", "--requirements", revision]);
  const [, clients = ""] = /Client scenarios[^\n]*\n((?: +- \S+[^\n]*\n?)+)/.exec(stdout) ?? [];
  const names = [...clients.matchAll(/- (\S+)/g)].flatMap(([, name]) => name ?? []);
  if (names.length === 0) throw new Error(`the suite lists nothing for ${revision}: ${stdout}`);
  return names;
}

/** Whether it passed; says so. */
function passes(scenario: string, revision: string): boolean {
  const command = `${process.execPath} ${join(import.meta.dirname, "driver.ts")}`;
  // Extensions belong to no revision: without it they are skipped, which is no success.
  const words = ["--command", command, "--scenario", scenario, "--spec-version", revision, "--force"];
  const { status, stdout, stderr } = suite(["client", ...words]);
  const [counted = "nothing was counted"] = /Passed: [^\n]*/.exec(stdout + stderr) ?? [];
  const isGood = status === 0 && counted.startsWith("Passed:");
  console.log(`${revision} ${scenario}: ${isGood ? "passed" : "FAILED"} (${counted})`);
  if (!isGood) console.log(stdout + stderr);
  return isGood;
}

const named = process.argv.slice(2);
const failed = REVISIONS.flatMap((revision) => {
  const scenarios = named.length > 0 ? named : required(revision);
  return scenarios.flatMap((scenario) => (passes(scenario, revision) ? [] : [`${scenario} (${revision})`]));
});
const broker = [join(ROOT, "bin/coatcheck.js"), "broker", "stop"];
spawnSync(process.execPath, broker, { env });
rmSync(home, { recursive: true, force: true });
console.log(failed.length === 0 ? "all passed" : `failed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
