import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { serveConnection } from "../../../src/cli/agent/agent-connection.ts";
import { livingOidcAgent } from "../../../src/cli/agent/launch-agent.ts";
import { askSealed } from "../../support/oidc-client.ts";
import { person } from "../../support/person/person.ts";
import { said } from "../../support/process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { say, startAgent } from "./agent.ts";

/** A socket that answers with what it was asked. */
async function echo(t: TestContext): Promise<string> {
  const path = join(temporaryFolder(t), "echo.sock");
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    serveConnection(socket, async (request) => ({ asked: request })),
  );
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

test("FC-63 the handshake of oidc-agent's programs: a key each way, then both are sealed", async (t) => {
  const path = await echo(t);
  const request = { request: "access_token", account: "größe", pad: "x".repeat(5_000) };
  const text = JSON.stringify(request);
  const answer = JSON.stringify({ asked: request });
  assert.equal(await askSealed(path, text), answer);
  assert.equal(await askSealed(path, text, { parts: 7 }), answer, "in parts");
  assert.equal(await say(path, text), answer, "who sends no key reads plain text");
});

test("FC-63 what is not sealed for us, or is no object, is refused in the same way; a worthless key is none", async (t) => {
  const path = await echo(t);
  const refused = '{"status":"failure","error":"the request is not a JSON object"}';
  const other = (sealed: string) => sealed.replace(/:.(?=[^:]*$)/, (first) => (first === ":A" ? ":B" : ":A"));
  assert.equal(await askSealed(path, '{"request":"check"}', { change: other }), refused);
  for (const text of ["", "7", "null", "nothing"]) assert.equal(await askSealed(path, text), refused, text);
  const zero = Buffer.alloc(32).toString("base64");
  assert.equal(await say(path, zero, { end: true }), refused, "everybody knows its secret");
  await assert.rejects(askSealed(path, `{"pad":"${"x".repeat(65_536)}"}`), /closed without an answer|ECONNRESET|EPIPE/);
});

test("FC-63 ST-37 every request of oidc-agent's programs, sealed, byte by byte; the socket is its owner's alone", async (t) => {
  const { path, person } = await startAgent(t);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const current = (await person.run(["token"])).out.trim();
  const ask = (request: object) => askSealed(path, JSON.stringify(request));
  const account = { request: "access_token", account: "demo" };
  const success = new RegExp(
    `^\\{"status":"success","access_token":"${current}","issuer":"http://127\\.0\\.0\\.1:\\d+","expires_at":\\d{10}\\}$`,
  );
  assert.match(await ask({ ...account, application_hint: "x", min_valid_period: 0 }), success);
  assert.match(await say(path, JSON.stringify(account)), success, "plain as well");
  const { issuer } = JSON.parse(await ask(account));
  assert.match(await ask({ request: "access_token", issuer: `${issuer}/` }), success);
  assert.match(
    await ask({ request: "id_token", account: "demo" }),
    /^\{"status":"success","id_token":"eyJ[^"]+","issuer":"http/,
  );
  assert.equal(await ask({ request: "check" }), '{"status":"success"}');
  assert.equal(await ask({ request: "loaded_accounts" }), '{"status":"success","info":["demo"]}');
  assert.deepEqual(JSON.parse(await ask({ request: "account_info" })), {
    status: "success",
    info: { [issuer]: { pubclient: false, accounts: { demo: true } } },
  });
  assert.match(
    await ask({ request: "status" }),
    /^\{"status":"success","info":"coatcheck agent \S+\\nlogins: demo\\n"\}$/,
  );
  assert.match(
    await ask({ request: "status_json" }),
    /^\{"status":"success","info":\{"version":"\S+","command_line_options":"","loaded_accounts":\["demo"\]\}\}$/,
  );
  assert.match(await ask({ ...account, scope: "notes:read openid" }), success);
  const forced = JSON.parse(await ask({ ...account, min_valid_period: -1 }));
  assert.notEqual(forced.access_token, current, "--force-new");
  const file = join(person.home, "state/coatcheck/sessions.json");
  const { sessions, ...rest } = JSON.parse(readFileSync(file, "utf8"));
  const odd = { ...sessions.demo, broker: "http://127.0.0.1:1", server: "constructor", session: "none", id: "none" };
  writeFileSync(file, JSON.stringify({ ...rest, sessions: { ...sessions, odd } }));
  const { info } = JSON.parse(await ask({ request: "account_info" }));
  assert.deepEqual(info.constructor, { pubclient: false, accounts: { odd: true } }, "ST-37");
});

test("FC-63 a failure is a text, with the command to run beside it", async (t) => {
  const { path } = await startAgent(t);
  const refused = async (request: object) => {
    const { status, ...failure } = JSON.parse(await askSealed(path, JSON.stringify(request)));
    assert.equal(status, "failure");
    return failure;
  };
  const account = { request: "access_token", account: "demo" };
  assert.deepEqual(await refused({ ...account, account: "none" }), {
    error: 'there is no login "none"',
    info: "run: coatcheck login none",
  });
  assert.deepEqual(await refused({ ...account, scope: "openid notes:write" }), {
    error: 'the login "demo" was not granted notes:write',
    info: "run: coatcheck login demo --scopes offline_access,notes:read,notes:write",
  });
  assert.deepEqual(await refused({ ...account, audience: "https://api.example" }), {
    error: "the token's audience was fixed at login: request it without an audience",
  });
  assert.deepEqual(await refused({ request: "access_token", issuer: "https://unknown.example" }), {
    error: 'there is no login "https://unknown.example"',
    info: "run: coatcheck login https://unknown.example",
  });
  assert.deepEqual(await refused({ request: "dance" }), { error: 'the Coatcheck agent has no request "dance"' });
  assert.deepEqual(await refused({}), { error: 'the Coatcheck agent has no request "undefined"' });
  assert.deepEqual(await refused({ request: "remove", account: "demo" }), {
    error: 'the Coatcheck agent has no request "remove": logins are changed with coatcheck login and coatcheck logout',
  });
});

test("FC-63 OIDC_SOCK of a living oidc-agent is taken only where that is asked for", async (t) => {
  const other = await echo(t);
  const alice = person(t, { OIDC_SOCK: other });
  const own = join(alice.home, "run/coatcheck/agent.sock");
  const agent = alice.startProcess(["agent", "--foreground"]);
  await said(agent, /COATCHECK_AGENT_SOCK='([^']+)'; export COATCHECK_AGENT_SOCK;\n/);
  assert.equal(agent.stdout(), `COATCHECK_AGENT_SOCK='${own}'; export COATCHECK_AGENT_SOCK;\n`);
  assert.equal(
    agent.stderr(),
    `OIDC_SOCK is left to the oidc-agent at ${other}: use --oidc-sock to set it to this agent instead\n`,
  );
  const show = ["--", process.execPath, "-e", "console.log(process.env.OIDC_SOCK)"];
  assert.equal((await alice.runProcess(["agent", ...show])).out, `${other}\n`);
  assert.notEqual((await alice.runProcess(["agent", "--oidc-sock", ...show])).out, `${other}\n`);
  const taken = await alice.runProcess(["agent", "--oidc-sock"]);
  assert.deepEqual([taken.err, taken.out.split("\n")[1]], ["", `OIDC_SOCK='${own}'; export OIDC_SOCK;`]);
  for (const env of [{ OIDC_SOCK: join(alice.home, "gone.sock") }, { COATCHECK_AGENT_SOCK: other }]) {
    const { out, err } = await alice.runProcess(["agent", ...show], { env });
    assert.notEqual(out, `${other}\n`, "one that is dead, or ours");
    assert.equal(err, "");
  }
});

test("ST-34 a socket where an oidc-agent's service would listen counts only in a folder of one's own", async (t) => {
  const folder = join(temporaryFolder(t), `oidc-agent-service-${process.getuid?.()}`);
  mkdirSync(folder, { mode: 0o700 });
  const path = join(folder, "oidc-agent.sock");
  const server = createServer().listen(path);
  t.after(() => server.close());
  await once(server, "listening");
  const before = { OIDC_SOCK: process.env.OIDC_SOCK, TMPDIR: process.env.TMPDIR };
  t.after(() => {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  });
  delete process.env.OIDC_SOCK;
  process.env.TMPDIR = dirname(folder);
  assert.equal(await livingOidcAgent("/ours.sock"), path);
  chmodSync(folder, 0o777);
  assert.equal(await livingOidcAgent("/ours.sock"), undefined);
});
