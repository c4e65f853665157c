import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { generated } from "../scripts/generated.ts";
import { installedLine } from "../scripts/installed.ts";

test("every generated document is what the code says: run `npm run generate`", async () => {
  for (const [path, text] of Object.entries(await generated())) {
    assert.equal(readFileSync(join(import.meta.dirname, "..", path), "utf8"), text, path);
  }
});

test("npm ci says in one line what it brought along, where npm itself runs on another Node, and nothing else but errors", () => {
  const old = installedLine("npm/10.8.2 node/v20.20.2 linux x64", "24.21.0");
  assert.match(
    old,
    /^Coatcheck \S+ is installed .*, and Node 24\.21\.0 to run on \(Node 20\.20\.2 stays as it is\)\. Next: npm start$/,
  );
  for (const same of ["npm/11.0.0 node/v24.21.0 linux x64", ""]) {
    assert.match(installedLine(same, "24.21.0"), /^Coatcheck \S+ is installed in this folder\. Next: npm start$/);
  }
  assert.match(readFileSync(join(import.meta.dirname, "../.npmrc"), "utf8"), /^loglevel=error$/m);
});
