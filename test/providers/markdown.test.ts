import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { providerIds } from "../../src/providers/index.ts";
import { providersMarkdown } from "../../src/providers/markdown.ts";

test("docs/providers.md is generated from the data: run `npm run generate`", async () => {
  const page = await readFile(new URL("../../docs/providers.md", import.meta.url), "utf8");
  assert.equal(page, providersMarkdown());
});

test("every provider has a row and a section, and every row has its columns", () => {
  const page = providersMarkdown();
  for (const id of providerIds()) {
    assert.ok(page.includes(`\n| [\`${id}\`](#${id}) `), id);
    assert.ok(page.includes(`\n## ${id}\n`), id);
  }
  const columns = page.split("\n").flatMap((line) => (line.startsWith("| [") ? line.split(" | ").length : []));
  assert.deepEqual(new Set(columns), new Set([6]));
  assert.doesNotMatch(page, /undefined|\[object/);
});
