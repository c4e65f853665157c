import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type DemoStage, signedIn } from "../../support/demo.ts";
import { person } from "../../support/person.ts";
import { said } from "../../support/process.ts";

async function startAgent(t: TestContext, ...flags: string[]) {
  const stage = await signedIn(t);
  const agent = stage.person.start(["agent", "--foreground", ...flags]);
  await said(agent, /OIDC_SOCK='([^']+)'; export OIDC_SOCK;/);
  const path = join(stage.person.home, "run/coatcheck/agent.sock");
  for (
    const end = performance.now() + 10_000;
    !statSync(path, { throwIfNoEntry: false }) && performance.now() < end;
  ) {
    await new Promise((next) => setTimeout(next, 20));
  }
  return { ...stage, agent, path };
}

/** One object per connection, as oidc-agent's programs do it. */
function say(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(path, () => socket.write(text));
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

const token = async ({ person }: Pick<DemoStage, "person">) => (await person.run(["token"])).out.trim();

test("oidc-agent's protocol, byte by byte; the socket is its owner's alone", async (t) => {
  const { path, person } = await startAgent(t);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const current = await token({ person });
  const success = new RegExp(
    `^\\{"status":"success","access_token":"${current}","issuer":"http://127\\.0\\.0\\.1:\\d+","expires_at":\\d{10}\\}$`,
  );
  assert.match(await say(path, '{"request":"access_token","account":"demo","application_hint":"x"}'), success);
  const { issuer } = JSON.parse(await say(path, '{"request":"access_token","account":"demo"}'));
  assert.match(await say(path, JSON.stringify({ request: "access_token", issuer: `${issuer}/` })), success);
  assert.equal(await say(path, '{"request":"loaded_accounts"}'), '{"status":"success","info":["demo"]}');
  assert.equal(
    await say(path, '{"request":"access_token","account":"none"}'),
    '{"status":"failure","error":"there is no login \\"none\\"","info":"run: coatcheck login none"}',
  );
  assert.match(await say(path, '{"request":"dance"}'), /^\{"status":"failure","error":/);
});

test("commands and helpers are answered by the agent, also while the broker is away", async (t) => {
  const { person, running } = await startAgent(t);
  const current = await token({ person });
  await running.close();
  assert.equal(await token({ person }), current);
  assert.equal((await person.run(["token", "demo"])).out.trim(), current);
  const { out } = await person.run(["credential", "kubectl", "demo"]);
  assert.equal(JSON.parse(out).status.token, current);
});

test("a logout is told to the agent, --stop ends it", async (t) => {
  const { person, agent } = await startAgent(t);
  await token({ person });
  await person.run(["logout"]);
  assert.equal((await person.run(["token"])).code, 4);
  assert.equal((await person.run(["agent", "--stop"])).code, 0);
  assert.equal(await agent.ended, 0);
});

test("--idle ends it when nobody asks; a request that never ends is cut", async (t) => {
  const { agent } = await startAgent(t, "--idle", "1");
  assert.equal(await agent.ended, 0);
});

test("a greedy request is cut, and the next one is answered", async (t) => {
  const { path } = await startAgent(t);
  await say(path, `{"request":"${"x".repeat(70_000)}`).catch(() => {});
  assert.match(await say(path, '{"request":"loaded_accounts"}'), /success/);
});

test("agent -- COMMAND: with the agent's address in its environment, and its exit code", async (t) => {
  const { person } = await signedIn(t);
  const show = "console.log(process.env.OIDC_SOCK === process.env.COATCHECK_AGENT_SOCK); process.exit(3)";
  const { code, out } = await person.run(["agent", "--", process.execPath, "-e", show]);
  assert.deepEqual([code, out], [3, "true\n"]);
});

test("a path that is somebody's file is left alone", async (t) => {
  const alice = person(t);
  const path = join(alice.home, "diary");
  writeFileSync(path, "mine");
  const { code, err } = await alice.run(["agent", "--foreground"], { env: { COATCHECK_AGENT_SOCK: path } });
  assert.equal(code, 1);
  assert.match(err, /diary is no socket: give another path by COATCHECK_AGENT_SOCK/);
  assert.equal(readFileSync(path, "utf8"), "mine");
});
