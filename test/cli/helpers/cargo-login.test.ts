import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { BIN } from "../../support/bin.ts";
import { missing } from "../../support/programs.ts";
import { startHelpers } from "./helper.ts";

const TABLE = { credentials: { cargo: { corp: "corp", new: "demo" } } };

const request = (kind: string, name: string, more = {}) =>
  `${JSON.stringify({ v: 1, kind, registry: { "index-url": "x", name }, args: [], ...more })}\n`;

/** As cargo does it: pipes for the protocol, while the terminal is still the process's. */
const cargo = (input: string) => `
  const { spawnSync } = require("node:child_process");
  const asked = { input: ${JSON.stringify(input)}, stdio: ["pipe", "pipe", "inherit"] };
  const { stdout } = spawnSync(process.execPath, [${JSON.stringify(BIN)}, "credential", "cargo", "--cargo-plugin"], asked);
  console.log("cargo heard " + stdout.toString().trim().split("\\n").at(-1));`;

test("cargo login: the login is shown on the terminal, and cargo is told when it is done", async (t) => {
  const { person, decide } = await startHelpers(t, TABLE);
  const terminal = person.type(["agent", "--", process.execPath, "-e", cargo(request("login", "new"))]);
  const [code] = await terminal.sees(/Code: +[A-Z]{4}-[A-Z]{4}/);
  await decide(code);
  await terminal.sees(/cargo heard \{"Ok":\{"kind":"login"\}\}/);
  assert.equal(await terminal.ended, 0);
  assert.equal((await person.run(["token", "demo"])).code, 0);
});

test("cargo login without a terminal, or with a token, is refused with what to do", {
  skip: missing("setsid"),
}, async (t) => {
  const { person } = await startHelpers(t, TABLE);
  // A session of its own has no terminal.
  const { stdout } = spawnSync("setsid", ["--wait", process.execPath, BIN, "credential", "cargo"], {
    env: { ...person.env, PATH: process.env.PATH },
    input: request("login", "new") + request("login", "corp", { token: "typed" }),
  });
  const answers = stdout.toString().trim().split("\n").slice(1);
  assert.deepEqual(
    answers.map((line) => JSON.parse(line).Err),
    [
      { kind: "other", message: "there is no terminal for signing in; run: coatcheck login demo", "caused-by": [] },
      { kind: "other", message: "tokens are not stored here: run cargo login without a token", "caused-by": [] },
    ],
  );
  assert.ok(!stdout.includes("typed"));
});
