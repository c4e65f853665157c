import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { soon } from "../../support/person/soon.ts";
import { startHelpers } from "./helper.ts";

const KEY = "host.example";
const CREDENTIALS = Object.fromEntries(
  ["git", "docker", "cargo", "bazel", "terraform", "go"].map((protocol) => [protocol, { [KEY]: "corp" }]),
);
const GOOGLE = { GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: "1" };

/** What each program asks. */
const ASKED: Readonly<Record<string, { readonly args: readonly string[]; readonly input?: string }>> = {
  git: { args: ["git", "get"], input: `protocol=https\nhost=${KEY}\n\n` },
  kubectl: { args: ["kubectl", "corp"] },
  docker: { args: ["docker", "get"], input: KEY },
  aws: { args: ["aws", "corp", "--role", "arn:x"] },
  cargo: { args: ["cargo"], input: `${JSON.stringify({ v: 1, kind: "get", registry: { name: KEY }, args: [] })}\n` },
  bazel: { args: ["bazel", "get"], input: JSON.stringify({ uri: `https://${KEY}/` }) },
  terraform: { args: ["terraform", "get", KEY] },
  go: { args: ["go"] },
  google: { args: ["google", "corp"] },
};

/** How each is told: its own form of a failure. */
function answers(said: string, run: string, exit: number, quit: string) {
  const line = `coatcheck: ${said}${run === "" ? "" : `; run: ${run}`}\n`;
  const plain = { code: 1, out: "", err: line };
  const error = { kind: "other", message: said, "caused-by": run === "" ? [] : [`run: ${run}`] };
  const message = run === "" ? said : `${said}: ${run}`;
  return {
    git: quit === "" ? plain : { code: 0, out: quit, err: line },
    kubectl: plain,
    docker: { code: 1, out: line, err: "" },
    aws: plain,
    cargo: { code: 0, out: `{"v":[1]}\n${JSON.stringify({ Err: error })}\n`, err: "" },
    bazel: plain,
    terraform: plain,
    go: plain,
    google: { code: 1, out: `${JSON.stringify({ version: 1, success: false, code: `${exit}`, message })}\n`, err: "" },
  };
}

test("a dead login: every program is told within 2 s, in its own form, with the command to run", async (t) => {
  const { ask, person } = await startHelpers(t, { credentials: CREDENTIALS });
  const env = { COATCHECK_OPERATOR_TOKEN: "hvs.test-root-token-of-the-suite" };
  const { id } = JSON.parse((await person.run(["session", "list", "--json"], { env })).out).sessions[0];
  assert.equal((await person.run(["session", "end", id], { env })).code, 0);
  const { error } = JSON.parse((await person.run(["token", "--json"])).out);
  assert.equal(error.code, "invalid_session");
  const expected = answers(error.message, error.next.join(" "), 4, "quit=1\n");
  const seen: Record<string, unknown> = {};
  for (const [program, { args, input = "" }] of Object.entries(ASKED)) {
    seen[program] = await soon(program, () => ask(args, input, GOOGLE));
  }
  assert.deepEqual(seen, expected);
});

test("a broker that says nothing: every program is told when COATCHECK_TIMEOUT is over, in its own form", async (t) => {
  const { ask, person } = await startHelpers(t, { credentials: CREDENTIALS });
  const silent = createServer(() => {});
  await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
  t.after(() => silent.closeAllConnections());
  t.after(() => silent.close());
  const broker = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const corp = { broker, server: "demo", session: "ccs_x", id: "x", scopes: [] };
  writeFileSync(join(person.home, "state/coatcheck/sessions.json"), JSON.stringify({ version: 1, sessions: { corp } }));
  const env = { ...GOOGLE, COATCHECK_ADDR: broker, COATCHECK_TIMEOUT: "0.5" };
  const all = () =>
    Promise.all(
      Object.entries(ASKED).map(async ([program, { args, input }]) => [program, await ask(args, input, env)]),
    );
  assert.deepEqual(
    Object.fromEntries(await soon("all programs", all, 10_000)),
    answers("the broker took too long to answer", "", 6, ""),
  );
});

test("a program that never says what it wants is left after the same time", async (t) => {
  const { person } = await startHelpers(t, { credentials: CREDENTIALS });
  const waiting = person.start(["credential", "docker", "get"], { COATCHECK_TIMEOUT: "0.5" });
  assert.equal(await waiting.ended, 1);
});
