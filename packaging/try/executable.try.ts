import assert from "node:assert/strict";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { buildExecutable } from "../executable/build.ts";
import { demoLogin } from "./login.ts";

test("the executable for this machine runs without Node, starts itself, and signs in", async (t) => {
  if (process.arch !== "x64" && process.arch !== "arm64") return t.skip(`there is no executable for ${process.arch}`);
  const program = join(await buildExecutable(process.arch), "coatcheck");
  t.diagnostic(`--version: ${Math.round(await demoLogin(t, [program]))} ms`);
});

/** e_machine (ELF specification, figure 1-3; AArch64's is of its own supplement). */
const MACHINES = { x64: 62, arm64: 183 } as const;

test("the executable for the other architecture is one for Linux there", async () => {
  const other = process.arch === "x64" ? "arm64" : "x64";
  const header = Buffer.alloc(20);
  const file = openSync(join(await buildExecutable(other), "coatcheck"), "r");
  readSync(file, header, 0, header.length, 0);
  closeSync(file);
  assert.equal(header.toString("latin1", 0, 4), "\x7fELF");
  assert.equal(header.readUInt16LE(18), MACHINES[other]);
});
