/**
 * `npm run conformance`: all that both revisions of MCP require of clients, one by one, where warnings count as well.
 * `npm run conformance -- SCENARIO …`: these alone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { officialSuite } from "./official.ts";

const REVISIONS = ["2026-07-28", "2025-11-25"];

const home = mkdtempSync(join(tmpdir(), "coatcheck-conformance-"));
const suite = officialSuite(home);
const named = process.argv.slice(2);
const failed: string[] = [];
for (const revision of REVISIONS) {
  for (const scenario of named.length > 0 ? named : await suite.required(revision)) {
    const { isGood, counted, said } = await suite.run(scenario, revision);
    console.log(`${revision} ${scenario}: ${isGood ? "passed" : "FAILED"} (${counted})`);
    if (isGood) continue;
    console.log(said);
    failed.push(`${scenario} (${revision})`);
  }
}
suite.stop();
rmSync(home, { recursive: true, force: true });
console.log(failed.length === 0 ? "all passed" : `failed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
