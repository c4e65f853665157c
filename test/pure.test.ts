import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { grouped, together } from "./support/together.ts";

await together("pure");

test("npm test runs every file, and none twice", () => {
  const root = join(import.meta.dirname, "..");
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const patterns = [...scripts.test.matchAll(/"(test\/[^"]+)"/g)].map(([, pattern]) => pattern);
  const run = [...globSync(patterns, { cwd: root }), ...grouped().map((file) => `test/${file}`)];
  assert.deepEqual(run.sort(), globSync("test/**/*.test.ts", { cwd: root }).sort());
});
