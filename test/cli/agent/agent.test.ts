import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type DemoStage, signedIn } from "../../support/demo.ts";
import { person } from "../../support/person/person.ts";
import { soon } from "../../support/person/soon.ts";
import { said } from "../../support/process.ts";
import { say, socketOf, startAgent } from "./agent.ts";

const token = async ({ person }: Pick<DemoStage, "person">) => (await person.run(["token"])).out.trim();

test("commands and helpers are answered by the agent, also while the broker is away", async (t) => {
  const { person, running } = await startAgent(t);
  const current = await token({ person });
  await running.close();
  assert.equal(await token({ person }), current);
  assert.equal((await person.run(["token", "demo"])).out.trim(), current);
  const { out } = await person.run(["credential", "kubectl", "demo"]);
  assert.equal(JSON.parse(out).status.token, current);
  const json = JSON.parse((await person.run(["token", "--json"])).out);
  assert.deepEqual(
    [json.access_token, json.token_type, json.scopes],
    [current, "Bearer", ["openid", "offline_access", "notes:read"]],
  );
  assert.equal((await person.run(["token", "--min-valid", "5"])).out.trim(), current);
  assert.equal((await person.run(["header"])).out, `Authorization: Bearer ${current}\n`);
  assert.equal((await person.runProcess(["exec", "--", "sh", "-c", "echo $COATCHECK_TOKEN"])).out.trim(), current);
  const renewed = await person.runProcess(["exec", "--renew", "--", "sh", "-c", "cat $COATCHECK_TOKEN_FILE"]);
  assert.equal(renewed.out.trim(), current);
  const verbose = await person.run(["token", "--verbose"]);
  assert.deepEqual([verbose.out.trim(), verbose.err], [current, "the agent answers\n"]);
  const elsewhere = await person.run(["token", "--addr", running.address]);
  assert.equal(elsewhere.code, 7, "a broker that is named is asked itself");
});

test("in the background: one agent, whoever starts it first; --stop ends it, and says when there is none", async (t) => {
  const { person, running } = await signedIn(t);
  const starts = await Promise.all([1, 2, 3].map(() => person.runProcess(["agent", "--idle", "60"])));
  const path = socketOf(person.home);
  for (const { code, out, err } of starts) {
    assert.deepEqual([code, err], [0, ""]);
    assert.equal(
      out,
      `COATCHECK_AGENT_SOCK='${path}'; export COATCHECK_AGENT_SOCK;\nOIDC_SOCK='${path}'; export OIDC_SOCK;\n`,
    );
  }
  const current = await token({ person });
  await running.close();
  assert.equal(await token({ person }), current);
  assert.deepEqual(await person.run(["agent", "--stop"]), { code: 0, out: "the agent has stopped\n", err: "" });
  const none = await person.run(["agent", "--stop"]);
  assert.deepEqual(none, { code: 1, out: "", err: `coatcheck: no agent is listening at ${path}\n` });
});

test("a person's own broker that has ended is started again by the agent's next question", async (t) => {
  const alice = person(t);
  const kept = { broker: "own", server: "demo", session: "ccs_unknown", id: "1", scopes: [] };
  const state = join(alice.home, "state/coatcheck");
  mkdirSync(state, { recursive: true, mode: 0o700 });
  writeFileSync(join(state, "sessions.json"), JSON.stringify({ version: 1, sessions: { demo: kept } }), {
    mode: 0o600,
  });
  const agent = alice.startProcess(["agent", "--foreground"]);
  await said(agent, /OIDC_SOCK=/);
  const ask = async () => JSON.parse(await say(socketOf(alice.home), '{"request":"token"}')).error.code;
  const end = () => process.kill(Number(readFileSync(join(state, "broker/coatcheck.db.pid"), "utf8")), "SIGKILL");
  assert.equal(await ask(), "invalid_session");
  end();
  assert.equal(await ask(), "invalid_session");
  end();
  const asked = await say(socketOf(alice.home), '{"request":"access_token","account":"demo"}');
  assert.doesNotMatch(asked, /cannot be reached/);
});

test("a logout is told to the agent, --stop ends it", async (t) => {
  const { person, agent } = await startAgent(t);
  await token({ person });
  const file = join(person.home, "state/coatcheck/sessions.json");
  const kept = readFileSync(file, "utf8");
  await person.run(["logout"]);
  assert.equal((await person.run(["token"])).code, 4);
  writeFileSync(file, kept);
  assert.equal((await person.run(["token"])).code, 4, "its memory has no token of a session that was ended");
  assert.equal((await person.run(["agent", "--stop"])).code, 0);
  assert.equal(await agent.ended, 0);
});

test("--idle ends it when nobody asks", async (t) => {
  const { agent } = await startAgent(t, "--idle", "1");
  assert.equal(await agent.ended, 0);
});

test("a request of more than 64 KiB, or that takes longer than 5 s, is cut, and the next one is answered", async (t) => {
  const { path } = await startAgent(t);
  const request = '{"request":"loaded_accounts"}';
  const cut = (text: string) => say(path, text).catch((error: NodeJS.ErrnoException) => error.code);
  assert.match(await say(path, " ".repeat(65_536 - request.length) + request), /success/);
  assert.doesNotMatch(`${await cut(`${" ".repeat(65_537 - request.length)}${request}`)}`, /success/);
  const from = performance.now();
  const both = () => Promise.all([cut('{"request":"load'), cut("")]);
  assert.deepEqual(await soon("a cut", both, 10_000), ["", ""]);
  const took = performance.now() - from;
  assert.ok(took > 4_900, `${took} ms`);
  assert.match(await say(path, request), /success/);
});

test("agent -- COMMAND: with an agent of its own, whoever else runs one; its exit code, and nothing left", async (t) => {
  const { person, path } = await startAgent(t);
  const show = "console.log(process.env.OIDC_SOCK, process.env.COATCHECK_AGENT_SOCK); process.exit(3)";
  const { code, out } = await person.runProcess(["agent", "--", process.execPath, "-e", show]);
  const [own = "", same] = out.trim().split(" ");
  assert.deepEqual([code, same], [3, own]);
  assert.notEqual(own, path);
  assert.deepEqual(readdirSync(dirname(path)), ["agent.sock"]);
  assert.match(await say(path, '{"request":"loaded_accounts"}'), /success/);
});

test("a path that is somebody's file is left alone", async (t) => {
  const alice = person(t);
  const path = join(alice.home, "diary");
  writeFileSync(path, "mine");
  const { code, err } = await alice.run(["agent", "--foreground"], { env: { COATCHECK_AGENT_SOCK: path } });
  assert.equal(code, 1);
  assert.match(err, /diary is not a socket: set COATCHECK_AGENT_SOCK to another path/);
  assert.equal(readFileSync(path, "utf8"), "mine");
});

test("COATCHECK_ADDR where the agent is asked: logins of other brokers do not count", async (t) => {
  const { person, running } = await startAgent(t);
  const ask = (addr: string) => person.run(["token", "demo"], { env: { COATCHECK_ADDR: addr } });
  assert.equal((await ask(`${running.address}/`)).code, 0);
  const other = await ask("http://127.0.0.1:1");
  assert.deepEqual([other.code, other.out], [4, ""]);
  assert.match(other.err, /^coatcheck: there is no login "demo" at http:\/\/127\.0\.0\.1:1 \(set by COATCHECK_ADDR\)/);
  assert.equal((await ask("")).code, 0);
});
