import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type CommonFlags, useColour } from "../../../src/cli/frame/output.ts";
import { freePort } from "../../servers/free-port.ts";
import { signedIn } from "../../support/demo.ts";
import { eventually } from "../../support/eventually.ts";
import { person } from "../../support/person/person.ts";
import { openShell } from "../../support/person/terminal.ts";
import { coatcheck, said } from "../../support/process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const ESCAPE = "\x1b[";

/** Flags, environment → on a terminal, elsewhere. */
const COLOURS: readonly (readonly [CommonFlags, Record<string, string>, boolean, boolean])[] = [
  [{}, {}, true, false],
  [{ color: "auto" }, { NO_COLOR: "" }, true, false],
  [{}, { NO_COLOR: "1" }, false, false],
  [{}, { CLICOLOR: "0" }, false, false],
  [{}, { CLICOLOR: "1" }, true, false],
  [{}, { CLICOLOR_FORCE: "1" }, true, true],
  [{}, { CLICOLOR_FORCE: "0" }, true, false],
  [{}, { CLICOLOR_FORCE: "" }, true, false],
  [{}, { CLICOLOR_FORCE: "1", NO_COLOR: "1" }, false, false],
  [{}, { CLICOLOR_FORCE: "1", TERM: "dumb" }, true, true],
  [{}, { TERM: "dumb" }, false, false],
  [{ plain: true }, { CLICOLOR_FORCE: "1" }, false, false],
  [{}, { COATCHECK_PLAIN: "1" }, false, false],
  [{}, { COATCHECK_PLAIN: "0" }, true, false],
  [{ color: "always", plain: true }, { NO_COLOR: "1", CLICOLOR: "0", TERM: "dumb", COATCHECK_PLAIN: "1" }, true, true],
  [{ color: "never" }, { CLICOLOR_FORCE: "1" }, false, false],
];

test("CLI-6: colour by flag, environment and stream", () => {
  for (const [flags, env, terminal, elsewhere] of COLOURS) {
    const got = [useColour(flags, env, true), useColour(flags, env, false)];
    assert.deepEqual(got, [terminal, elsewhere], JSON.stringify({ flags, env }));
  }
});

test("CLI-6: each stream decides for itself", async (t) => {
  const alice = person(t, { COATCHECK_ADDR: "http://127.0.0.1:1" });
  const path = join(alice.home, "said");
  const see = async (line: string) => {
    const shell = openShell(t, line, { ...alice.env, SAID: path });
    await shell.ended;
    return { terminal: shell.raw().includes(ESCAPE), file: readFileSync(path, "utf8").includes(ESCAPE) };
  };
  // The findings are results, so they follow stdout.
  assert.deepEqual(await see('coatcheck doctor 2>"$SAID"'), { terminal: true, file: false });
  assert.deepEqual(await see('coatcheck doctor >"$SAID"'), { terminal: false, file: false });
  assert.deepEqual(await see('coatcheck doctor --plain 2>"$SAID"'), { terminal: false, file: false });
  assert.deepEqual(await see('NO_COLOR=1 coatcheck doctor --color always >"$SAID"'), { terminal: false, file: true });
  assert.deepEqual(await see('coatcheck doctor --json --color always 2>"$SAID"'), { terminal: false, file: false });
  // An error is for a person, so it follows stderr.
  assert.deepEqual(await see('coatcheck token >"$SAID"'), { terminal: true, file: false });
  assert.deepEqual(await see('coatcheck token 2>"$SAID"'), { terminal: false, file: false });
});

test("CLI-9: a reader that has seen enough ends a command quietly", async (t) => {
  const { person: alice } = await signedIn(t);
  for (const args of [["-h"], ["serve", "-h"], ["completion", "bash"], ["list"], ["status", "--json"], ["token"]]) {
    const { child, stderr, ended } = alice.startProcess(args);
    child.stdout.destroy();
    assert.deepEqual([args[0], await ended, stderr()], [args[0], 0, ""]);
  }
  const shut = alice.startProcess(["token", "nobody"]);
  shut.child.stderr.destroy();
  assert.equal(await shut.ended, 4, "the exit code stays what it is");
});

test("CLI-9: a broker serves though nobody reads what it says", async (t) => {
  const port = await freePort();
  const broker = coatcheck(t, ["serve", "--data", temporaryFolder(t), "--listen", `127.0.0.1:${port}`]);
  broker.child.stdout.destroy();
  broker.child.stderr.destroy();
  const health = () => fetch(`http://127.0.0.1:${port}/v1/sys/health`).catch(() => undefined);
  assert.equal((await eventually("an answer", health)).status, 200);
  broker.kill("SIGTERM");
  assert.equal(await broker.ended, 0);
});

test("serve --json: one line says where, and no guide is mixed into it", async (t) => {
  const data = temporaryFolder(t);
  const broker = coatcheck(t, ["serve", "--json", "--data", data, "--listen", "127.0.0.1:0"]);
  const [line] = await said(broker, /^\{"event":"serving".*\}\n/);
  const { address, copy, ...more } = JSON.parse(line);
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual([copy, more], [false, { event: "serving", data, root_token_file: join(data, "root-token") }]);
  broker.kill("SIGTERM");
  assert.equal(await broker.ended, 0);
  assert.ok(!broker.stderr().includes("coatcheck is listening"));
});

test("output that cannot be written is said", { skip: process.platform !== "linux" }, async (t) => {
  const alice = person(t);
  const shell = openShell(t, "coatcheck completion bash >/dev/full", alice.env);
  assert.equal(await shell.ended, 1);
  assert.match(shell.seen(), /^coatcheck: cannot write the output: ENOSPC/);
});
