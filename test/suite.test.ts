import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { suiteFiles } from "./suite.ts";
import { grouped } from "./support/together.ts";

test("npm test runs every file, and none twice", () => {
  const run = [...suiteFiles(), ...grouped()];
  assert.deepEqual(run.sort(), globSync("**/*.test.ts", { cwd: join(import.meta.dirname) }).sort());
});
