import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { empty, html, json } from "../../servers/faults.ts";
import { startServer } from "../../servers/watched.ts";
import { approve, callApi, deny, homeserverFor } from "../../support/matrix/homeserver.ts";
import { VERSIONS } from "../../support/matrix/homeserver-pair.ts";
import { type Person, person } from "../../support/person/person.ts";
import { said } from "../../support/process.ts";

/** Somebody with nothing but the command; the homeserver of a test is on loopback, which brokers do not call by themselves. */
function newcomer(t: TestContext): Person {
  const someone = person(t);
  const folder = join(someone.home, "config/coatcheck");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "config.json"), '{"allowNetworks":"loopback"}', { mode: 0o600 });
  return someone;
}

async function signIn(someone: Person, args: readonly string[]): Promise<{ code: unknown; err: string }> {
  const login = someone.start(["login", ...args, "--no-qr"]);
  const [, uri = "", code = ""] = await said(login, /Open: {2}(\S+)\n {2}Code: {2}(\S+)/);
  await approve(`${uri}?user_code=${code}`);
  return { code: await login.ended, err: login.stderr() };
}

test("MX-A1 login by a homeserver alone: no server, no client id; then token, status, account links, logout", async (t) => {
  const home = await homeserverFor(t);
  const alice = newcomer(t);
  const login = await signIn(alice, [home.baseUrl, "--name", "mx"]);
  assert.equal(login.code, 0, login.err);
  assert.match(login.err, new RegExp(`✓ signed in as @alice:${home.serverName}; .*refreshed automatically`));
  const token = (await alice.run(["token", "mx"])).out.trim();
  const who = await callApi(home.baseUrl, "account/whoami", token);
  assert.deepEqual([who.status, who.body.user_id], [200, `@alice:${home.serverName}`]);
  const status = await alice.run(["status", "mx"]);
  assert.match(status.out, /, refreshed automatically; account page http:\S+\/account\?of=\S+\n$/);
  const { extra_data } = JSON.parse((await alice.run(["status", "mx", "--json"])).out);
  const link = new URL(extra_data.account_links["org.matrix.device_view"]);
  assert.deepEqual([link.searchParams.get("device_id"), who.body.device_id], Array(2).fill(extra_data.device_id));
  const again = await alice.run(["login", home.baseUrl, "--name", "mx"]);
  assert.match(again.err, /already signed in as @alice/);
  assert.equal((await alice.run(["logout", "mx"])).code, 0);
  assert.equal((await callApi(home.baseUrl, "account/whoami", token)).status, 401);
});

test("XD-08 MX-W2 a login by user id is that account's alone, and is made again the same way", async (t) => {
  const home = await homeserverFor(t, { serverName: "example.org" });
  const alice = newcomer(t);
  assert.equal((await alice.run(["server", "add", "example.org", ...ofProvider(home.baseUrl)])).code, 0);
  const wrong = await signIn(alice, ["@bob:example.org"]);
  assert.equal(wrong.code, 4);
  assert.match(
    wrong.err,
    /the login belongs to @alice:example.org, not to @bob:example.org\n {2}run: coatcheck login @bob:/,
  );
  assert.equal((await signIn(alice, ["@alice:example.org"])).code, 0);
  assert.equal((await alice.run(["token", "@alice:example.org"])).code, 0);
});

function ofProvider(baseUrl: string): readonly string[] {
  return ["--provider", "matrix", "--option", `homeserver=${baseUrl}`];
}

test("what is no homeserver is told so, and nothing is kept; a plain word is a server to set up", async (t) => {
  const alice = newcomer(t);
  const { code, err } = await alice.run(["login", "http://127.0.0.1:9"]);
  assert.equal(code, 7);
  assert.match(err, /coatcheck: the homeserver "127.0.0.1:9" does not answer as it should: .*versions/);
  assert.equal((await alice.run(["server", "list"])).out, "");
  const [word, provider, none] = await Promise.all(
    ["corp", "github", ""].map((named) => alice.run(["login", ...(named ? [named] : [])])),
  );
  assert.deepEqual(
    [
      none?.code,
      /knows no server yet: .*login ADDRESS.*\n {2}run: coatcheck server add --help\n$/.test(none?.err ?? ""),
    ],
    [2, true],
    none?.err,
  );
  assert.match(
    word?.err ?? "",
    /own broker: server "corp" does not exist; there are no servers yet; .* add corp .*\n {2}run: coatcheck server add --help/,
  );
  assert.match(
    provider?.err ?? "",
    /"github" does not exist; .*\n {2}run: coatcheck server add github --provider github\n$/,
  );
});

test("a person who refuses at the homeserver: exit 5 and the same command again", async (t) => {
  const home = await homeserverFor(t);
  const alice = newcomer(t);
  const login = alice.start(["login", home.baseUrl, "--no-qr"]);
  const [, uri = "", code = ""] = await said(login, /Open: {2}(\S+)\n {2}Code: {2}(\S+)/);
  await deny(`${uri}?user_code=${code}`);
  assert.equal(await login.ended, 5);
  assert.match(login.stderr(), new RegExp(`run: coatcheck login ${home.baseUrl}\n`));
});

test("FC-83 FC-87 a homeserver without OAuth is told so, one in trouble is tried again, and another page is no homeserver", async (t) => {
  const as = await startServer(t);
  const alice = newcomer(t);
  const login = () => alice.run(["login", as.issuer]);
  as.reply(VERSIONS, json(200, { versions: ["v1.11"] }));
  for (const path of RUNGS) as.reply(path, json(404, { errcode: "M_UNRECOGNIZED" }));
  as.reply("/_matrix/client/v3/login", json(200, { flows: [{ type: "m.login.password" }] }));
  const without = await login();
  assert.match(without.err, /does not support OAuth, only the older login API: m\.login\.password; sign in there with/);
  assert.doesNotMatch(without.err, /run:|check the name/);
  assert.equal(without.code, 1);
  as.reply(VERSIONS, empty(500));
  const down = await login();
  assert.match(down.err, new RegExp(`status 500\n {2}run: coatcheck login ${as.issuer}\n$`));
  assert.equal(down.code, 7);
  const doctor = async () => {
    const { out, code } = await alice.run(["doctor", as.issuer, "--json"]);
    const found = out
      .split("\n")
      .filter((line) => line.includes('"check":"server"'))
      .map((line) => JSON.parse(line));
    return { code, found };
  };
  const looked = await doctor();
  assert.match(looked.found[0].text, /does not answer as it should: .* status 500$/);
  assert.match(looked.found[0].cure, new RegExp(`mend that, then run coatcheck login ${as.issuer}`));
  assert.deepEqual([looked.code, looked.found.length, looked.found[0].ok], [1, 1, false]);
  as.reply(VERSIONS, html(200));
  const other = await login();
  assert.match(other.err, /is not a Matrix homeserver: .*\n {2}run: coatcheck server add/);
  assert.equal((await alice.run(["server", "list"])).out, "");
});

const RUNGS = [
  "v1/auth_metadata",
  "unstable/org.matrix.msc2965/auth_metadata",
  "unstable/org.matrix.msc2965/auth_issuer",
].map((path) => `/_matrix/client/${path}`);
