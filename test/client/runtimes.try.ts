import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { placesFor } from "./runtimes.ts";

/** `npm run try:runtimes`: the client's own checks in runtimes that are not Node, of these versions out of the registry. */
const RUNTIMES = {
  deno: { version: "2.9.6", words: ["run", "--no-config", "--allow-net"] },
  bun: { version: "1.4.5", words: ["run"] },
} as const;

for (const [name, { version, words }] of Object.entries(RUNTIMES)) {
  test(`the client in ${name} ${version}`, { timeout: 300_000 }, async (t) => {
    const { places, refreshes } = await placesFor(t);
    const program = [name, ...words, join(import.meta.dirname, "checks.ts"), JSON.stringify(places)];
    const args = ["exec", "--yes", `--package=${name}@${version}`, "--", ...program];
    const child = spawn("npm", args, { cwd: temporaryFolder(t), stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      err += text;
    });
    const [code] = await once(child, "close");
    assert.equal(code, 0, out + err);
    t.diagnostic(out.trim().replaceAll("\n", "; "));
    assert.equal(refreshes(), 1);
  });
}
