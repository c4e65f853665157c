import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { generated } from "../scripts/generated.ts";

test("every generated document is what the code says: run `npm run generate`", async () => {
  for (const [path, text] of Object.entries(await generated())) {
    assert.equal(readFileSync(join(import.meta.dirname, "..", path), "utf8"), text, path);
  }
});
