import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runProgramNow, startProgram } from "../../../src/cli/frame/children.ts";
import { SECRET_VARIABLES } from "../../../src/process/secret-variables.ts";
import { person } from "../../support/person/person.ts";

const SECRET = "a-secret-of-ours";
const secrets = Object.fromEntries(SECRET_VARIABLES.map((name) => [name, SECRET]));

test("ST-10 no program that is started here gets a secret of ours; all else of the environment stays", async (t) => {
  const alice = person(t, { ...secrets, KEPT: "kept", COATCHECK_ADDR: "http://127.0.0.1:1" });
  const { code, out, err } = await alice.runProcess(["agent", "--", "env"]);
  assert.equal(code, 0, err);
  assert.ok(!out.includes(SECRET), out);
  assert.match(out, /^KEPT=kept$/m);
  assert.match(out, /^COATCHECK_ADDR=http/m);
});

test("ST-10 the same whichever way a program is started", async (t) => {
  Object.assign(process.env, secrets);
  t.after(() => {
    for (const name of SECRET_VARIABLES) delete process.env[name];
  });
  const child = startProgram("env", [], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, X: "1" } });
  let own = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    own += text;
  });
  await new Promise((closed) => child.once("close", closed));
  const outputs = [own, runProgramNow("env", []).stdout];
  assert.deepEqual(
    outputs.map((text) => [text.includes("PATH="), text.includes(SECRET)]),
    [
      [true, false],
      [true, false],
    ],
  );
});

/** What a command gives to its child on purpose, and the path of a file. */
const OPEN = ["COATCHECK_TOKEN", "COATCHECK_TLS_KEY"];

test("ST-10 a variable whose name says that it holds a secret is on the list", () => {
  const src = join(import.meta.dirname, "../../../src");
  const named = globSync("**/*.ts", { cwd: src }).flatMap(
    (path) => readFileSync(join(src, path), "utf8").match(/COATCHECK_[A-Z]+(_[A-Z]+)*/g) ?? [],
  );
  const telling = new Set(named.filter((name) => /(?:KEY|TOKEN|SESSION|DATABASE|SECRET|PASSWORD)$/.test(name)));
  const listed: readonly string[] = [...SECRET_VARIABLES, ...OPEN];
  assert.deepEqual(
    [...telling].filter((name) => !listed.includes(name)),
    [],
  );
  assert.ok(telling.size >= 7);
});
