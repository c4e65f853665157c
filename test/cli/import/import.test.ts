import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { serverNameOf } from "../../../src/mcp/server-name.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { beMcpServer } from "../../support/mcp/mcp-pair.ts";
import { configure, importGrant, startPair } from "../../support/misbehaving.ts";
import { person } from "../../support/person/person.ts";
import { ROOT_TOKEN } from "../../support/request.ts";

/** What mcp-remote left of one server by an older version and a newer one, and of a server that nobody names. */
function writeMcpFolder(home: string, url: string, refreshToken: string): void {
  const hash = createHash("md5").update(url).digest("hex");
  for (const [version, given, time] of [
    ["v1", refreshToken, 2],
    ["0.1.37", "an older version's", 1],
  ] as const) {
    const folder = join(home, ".mcp-auth", `mcp-remote-${version}`);
    mkdirSync(folder, { recursive: true });
    const write = (name: string, content: object) => writeFileSync(join(folder, name), JSON.stringify(content));
    const client = { client_id: "client", client_secret: "hush", token_endpoint_auth_method: "client_secret_post" };
    write(`${hash}_client_info.json`, client);
    write(`${hash}_tokens.json`, { access_token: "A", refresh_token: given, scope: "a" });
    write(`${"0".repeat(32)}_tokens.json`, { refresh_token: "another server's" });
    utimesSync(join(folder, `${hash}_tokens.json`), time, time);
  }
}

test("import: the plan first and nothing without --yes; then the login goes on without a person, and no secret is shown", async (t) => {
  const { as, running, read } = await startPair(t);
  beMcpServer(as);
  const url = `${as.origin}/mcp`;
  const name = serverNameOf(url);
  const alice = person(t, { COATCHECK_ADDR: running.address, COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN });
  const token = as.tokens.grant();
  writeMcpFolder(alice.home, url, token);
  const args = ["server", "import", "mcp-remote", url, "--issuer", as.issuer];
  const plan = await alice.run(args);
  const [server, , login, left] = plan.out.split("\n");
  const what = `url=${url}, issuer=${as.issuer}, client client with its secret, was used with the scopes a`;
  assert.equal(server, `+ server  ${name}  mcp, ${what}`);
  assert.equal(login, `+ login   oauth2/creds/${name}  at ${name}, by its refresh token`);
  assert.match(left ?? "", /^- 0{32}_tokens\.json {2}stays: /);
  assert.deepEqual(
    [plan.code, plan.err.split("\n").at(-2)],
    [2, `  run: coatcheck ${[...args, "--yes"].join(" ")}`],
    plan.err,
  );
  assert.equal((await read(`oauth2/servers/${name}`)).status, 404);
  assert.equal(as.tokens.isGood(token), true);
  const done = await alice.run([...args, "--yes", "--json"]);
  assert.equal(done.code, 0, done.out);
  assert.equal((await read(`oauth2/creds/${name}`)).status, 200);
  assert.deepEqual([as.tokens.isGood(token), as.tokens.replays], [false, 0]);
  const again = await alice.run([...args, "--yes"]);
  const there = `= server ${name}  is there already\n! login oauth2/creds/${name}  there is a credential`;
  assert.ok(again.out.startsWith(there), again.out);
  const said = [plan, done, again].map(({ out, err }) => out + err).join("");
  assert.ok(!said.includes(token) && !said.includes("hush"), said);
});

test("import: the engine of another broker is read and left as it is; what stands in the way is said; a bad source is usage", async (t) => {
  const engine = await startPair(t);
  await configure(engine, engine.as, { client_secret: "hush" }, "team/corp");
  await importGrant(engine, "team/bot");
  const { running, read, write } = await startCoatcheck(t);
  await write("oauth2/servers/as", { provider: "github", client_id: "another" });
  const alice = person(t, { COATCHECK_ADDR: running.address, COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN });
  const secret = join(alice.home, "secret");
  writeFileSync(secret, "hush\n");
  const from = ["server", "import", "oauthapp", engine.running.address, "--no-sessions", "--yes"];
  const [done, typed, noAccount, noSource, noToken, noClient] = await Promise.all([
    alice.run([...from, "--client-secret", `team/corp=@${secret}`], { env: { VAULT_TOKEN: ROOT_TOKEN } }),
    alice.run([...from, "--client-secret", "team/corp=hush"], { env: { VAULT_TOKEN: ROOT_TOKEN } }),
    alice.runProcess(["server", "import", "oidc-agent", "-"], { input: '{"refresh_token":"hush"}' }),
    alice.run(["server", "import", "keepass"]),
    alice.run(from),
    alice.run(["server", "import", "gcm"]),
  ]);
  assert.match(
    done.out,
    /^\+ server {2}team\/corp {2}custom, .*, client client with its secret\n! server as {2}another server of this name/,
  );
  assert.match(
    done.out,
    /\n- oauth2\/creds\/team\/bot {2}stays: .*\n {4}coatcheck write oauth2\/creds\/team\/bot server=as /,
  );
  assert.equal(done.code, 0, done.err);
  const data = (await read("oauth2/servers/team/corp")).body?.data;
  assert.deepEqual([data?.token_endpoint_auth_method, data?.allow_sessions], ["client_secret_basic", false]);
  assert.equal((await read("oauth2/servers/as")).body?.data?.client_id, "another");
  for (const [{ code, err }, text] of [
    [typed, /client_secret is a secret/],
    [noAccount, /no account of oidc-agent/],
    [noSource, /unknown source "keepass": give one of oauthapp, mytoken, /],
    [noToken, /set VAULT_TOKEN, or give --source-token-file/],
    [noClient, /git's configuration names no OAuth client/],
  ] as const) {
    assert.equal(code, 2, err);
    assert.match(err, text);
    assert.ok(!err.includes("hush"), err);
  }
});
