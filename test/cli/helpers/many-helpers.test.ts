import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BIN } from "../../support/bin.ts";
import { startHelpers } from "./helper.ts";

/**
 * All of them are started before the first has ended; one half has a token that is refused, the other wants one. HELPERS=200 is
 * the long proof (`npm run scale`).
 */
const HELPERS = Number(process.env.HELPERS ?? 20);

/** By a shell: the broker's own process, which this one is, is not kept busy with starting them. */
const START = `
  for number in $(seq ${HELPERS}); do
    verb=$([ $((number % 2)) = 0 ] && echo erase || echo get)
    { "$NODE" "$BIN" credential git $verb < $verb > out.$number 2>&1; echo $? > code.$number; } &
  done
  wait`;

test(`${HELPERS} helpers at once, for a token that is refused: one refresh, a whole session file, no orphan`, async (t) => {
  const { token, read, person } = await startHelpers(t, { credentials: { git: { "git.example": "corp" } } });
  const state = join(person.home, "state/coatcheck");
  const sessions = () => [readdirSync(state), readFileSync(join(state, "sessions.json"), "utf8")];
  const before = sessions();
  const first = await token();
  const request = "protocol=https\nhost=git.example\n";
  const folder = join(person.home, "helpers");
  mkdirSync(folder);
  writeFileSync(join(folder, "erase"), `${request}password=${first}\n\n`);
  writeFileSync(join(folder, "get"), `${request}\n`);
  // So many share one machine: how long each has is nothing to this test.
  const env = { ...person.env, PATH: process.env.PATH, NODE: process.execPath, BIN, COATCHECK_TIMEOUT: "90" };
  // Nor should they keep the tests beside it waiting.
  const shell = spawn("nice", ["-n", "5", "sh", "-c", START], { cwd: folder, env, stdio: "ignore" });
  assert.equal(await new Promise((done) => shell.on("exit", done)), 0);
  const second = await token();
  assert.notEqual(second, first);
  for (let number = 1; number <= HELPERS; number++) {
    const out = readFileSync(join(folder, `out.${number}`), "utf8");
    assert.equal(readFileSync(join(folder, `code.${number}`), "utf8"), "0\n", out);
    const [, password] = /^password=(.+)$/m.exec(out) ?? [];
    assert.ok(number % 2 === 0 ? out === "" : password === first || password === second, out);
  }
  const listed = await read("oauth2/creds?list=true");
  const [name] = (listed.body?.data?.keys ?? []) as string[];
  const history = (await read(`oauth2/creds/${name}/history`)).body?.data as { attempts: { kind: string }[] };
  assert.equal(history.attempts.filter(({ kind }) => kind === "refresh").length, 1);
  assert.deepEqual(sessions(), before);
  assert.deepEqual(processesOf(person.home), []);
});

/** Processes that were started for this person; known where there is a /proc. */
function processesOf(home: string): readonly string[] {
  const environment = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8");
    } catch {
      return "";
    }
  };
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && environment(pid).includes(`HOME=${home}\0`));
}
