import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { missing } from "../../test/support/programs.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { buildExecutable } from "../executable/build.ts";
import { unpackLibraries } from "../image/build.ts";
import { demoLogin } from "./login.ts";

test("the executable for this machine runs without Node, starts itself, and signs in", async (t) => {
  if (process.arch !== "x64" && process.arch !== "arm64") return t.skip(`there is no executable for ${process.arch}`);
  const program = join(await buildExecutable(process.arch), "coatcheck");
  t.diagnostic(`--version: ${Math.round(await demoLogin(t, [program]))} ms`);
});

/** e_machine (ELF specification, figure 1-3; AArch64's is of its own supplement). */
const MACHINES = { x64: 62, arm64: 183 } as const;

/** QEMU's emulators of one program, by Debian's names. */
const EMULATORS = { x64: "qemu-x86_64-static", arm64: "qemu-aarch64-static" } as const;

test("the executable for the other architecture is one for Linux there, and runs where QEMU is", async (t) => {
  const other = process.arch === "x64" ? "arm64" : "x64";
  const program = join(await buildExecutable(other), "coatcheck");
  const header = Buffer.alloc(20);
  const file = openSync(program, "r");
  readSync(file, header, 0, header.length, 0);
  closeSync(file);
  assert.equal(header.toString("latin1", 0, 4), "\x7fELF");
  assert.equal(header.readUInt16LE(18), MACHINES[other]);
  const [emulator, libraries] = [EMULATORS[other], temporaryFolder(t)];
  const why = missing(emulator) || missing("dpkg-deb");
  if (why !== false) return t.diagnostic(`not started: ${why}`);
  unpackLibraries(other, libraries);
  const said = execFileSync(emulator, ["-L", libraries, program, "--version"], { encoding: "utf8" });
  assert.match(said, /^\d+\.\d+\.\d+/);
});
