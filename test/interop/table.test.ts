import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CAPABILITIES, type Capability, head, markdown, type Seen } from "./table.ts";

const DOCUMENT = join(import.meta.dirname, "../../docs/interop.md");

function seen(more: Partial<Record<Capability, Seen>> = {}): Record<Capability, Seen> {
  const all = CAPABILITIES.map((one): [Capability, Seen] => [one, { verdict: "yes", note: "" }]);
  return { ...(Object.fromEntries(all) as Record<Capability, Seen>), ...more };
}

/** Of a line of a table, without what is escaped. */
const cellsOf = (line: string) => line.replaceAll("\\|", "").split("|").slice(1, -1);

test("the table has a cell for each capability, and below it what was seen", () => {
  const device: Seen = { verdict: "no", note: "400 a|b\nsays the server" };
  const sts: Seen = { verdict: "absent", note: "no token exchange" };
  const text = markdown([{ server: "one", version: "1.2", seen: seen({ device, sts }) }]);
  const [columns, , row = "", empty, notes] = text.split("\n");
  assert.equal(columns, head().split("\n")[0]);
  assert.deepEqual(
    cellsOf(row).map((cell) => cell.trim()),
    ["one", "1.2", ...CAPABILITIES.map((one) => ({ device: "**no**", sts: "–" })[one as string] ?? "yes")],
  );
  assert.equal(empty, "");
  assert.equal(notes, "- **one**: device: 400 a\\|b says the server; sts: no token exchange.");
});

test("a server that could not be tried has no row, and its reason", () => {
  const text = markdown([{ server: "two", untried: "there is no python3 here" }]);
  assert.equal(text, `${head()}\n\n- **two** was not tried: there is no python3 here.\n`);
});

test("docs/interop.md has the columns that npm run interop prints", () => {
  const lines = readFileSync(DOCUMENT, "utf8").split("\n");
  const tables = lines.filter((line) => line.startsWith("| Server |"));
  assert.equal(tables.length, 2, "what the script saw, and what was seen by hand");
  assert.deepEqual(new Set(tables), new Set([head().split("\n")[0]]));
  const rows = lines.filter((line) => line.startsWith("|"));
  assert.deepEqual(new Set(rows.map((line) => cellsOf(line).length)), new Set([CAPABILITIES.length + 2]));
});
