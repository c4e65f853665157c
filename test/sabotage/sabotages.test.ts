import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SABOTAGES } from "./sabotages.ts";
import { edited, ROOT } from "./tree.ts";

test("D15 every sabotage of the list is there", () => {
  const known = new Set(SABOTAGES.map(({ id }) => id));
  const list = Array.from({ length: 18 }, (_, index) => `X${String(index + 1).padStart(2, "0")}`);
  assert.deepEqual(
    list.filter((id) => !known.has(id)),
    [],
  );
});

test("D15 every sabotage still fits the source, and its tests exist", () => {
  for (const { id, edits, tests } of SABOTAGES) {
    for (const file of tests) assert.ok(existsSync(join(ROOT, file)), `${id}: ${file}`);
    for (const [file, own] of Map.groupBy(edits, (edit) => edit.file)) {
      const text = readFileSync(join(ROOT, file), "utf8");
      assert.doesNotThrow(() => edited(text, own), id);
    }
  }
});
