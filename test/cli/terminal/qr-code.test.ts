import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { encode } from "uqr";
import { qrCode } from "../../../src/cli/terminal/qr-code.ts";

const ADDRESS = "https://as.example/device?user_code=WDJB-MJHT";
const ROOM = { columns: 80, rows: 40 };
const plain = (lines: readonly string[]) => lines.map((line) => stripVTControlCharacters(line));

/** Reads half blocks back into modules. */
function modules(lines: readonly string[]): boolean[][] {
  return plain(lines).flatMap((line) => [
    [...line].map((char) => char === "█" || char === "▀"),
    [...line].map((char) => char === "█" || char === "▄"),
  ]);
}

test("CLI-22 half blocks are the code with a quiet zone of two, dark on light whatever the terminal's colours", () => {
  const { data } = encode(ADDRESS, { ecc: "L", border: 2 });
  const lines = qrCode(ADDRESS, "blocks", ROOM);
  assert.deepEqual(modules(lines).slice(0, data.length), data);
  assert.equal(lines.length, Math.ceil(data.length / 2));
  assert.ok(data[0]?.every((dark) => !dark) && data[1]?.every((dark) => !dark), "quiet zone");
  for (const line of lines) {
    assert.ok(line.startsWith("\x1b[38;5;16;48;5;231m") && line.endsWith("\x1b[0m"));
  }
});

test("CLI-22 ascii draws two characters per module", () => {
  const lines = plain(qrCode(ADDRESS, "ascii", ROOM));
  assert.equal(lines.length, 33);
  assert.ok(lines.every((line) => line.length === 66));
});

test("CLI-22 a code that does not fit is not drawn", () => {
  assert.deepEqual(qrCode(ADDRESS, "blocks", { columns: 32, rows: 40 }), []);
  assert.deepEqual(qrCode(ADDRESS, "blocks", { columns: 80, rows: 16 }), []);
  assert.equal(qrCode(ADDRESS, "blocks", { columns: 33, rows: 17 }).length, 17);
});
