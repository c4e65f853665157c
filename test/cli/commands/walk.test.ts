import assert from "node:assert/strict";
import { test } from "node:test";
import type { Profile } from "../../../src/dev/matrix/profile.ts";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import { type QuirkServer, quirkServer } from "../../servers/matrix/quirk-server.ts";
import { person } from "../../support/person/person.ts";
import { said } from "../../support/process.ts";

/** It polls after a second, so that nobody waits. */
const hurried = (profile: Profile): Profile => ({ ...profile, device: { ...profile.device, interval: 1 } });

const args = ({ baseUrl }: QuirkServer, ...more: readonly string[]) => [
  "walk",
  baseUrl,
  "--allow-networks",
  "loopback",
  ...more,
];

const TITLES = ["1 Discovery", "2 Metadata", "3 Registration", "4 Device request", "5 User code", "6 Token request"];
TITLES.push("7 Who am I", "8 Refresh", "9 Revocation");

/** A token of the simulator, in full. */
const SECRET = /"(access_token|refresh_token|device_code)": "(?!sha256:[0-9a-f]{8}")/;

for (const name of ["spec", "tuwunel"] as const) {
  test(`MX-P16 ${name}: the walk in a terminal, from the name to the dead token`, async (t) => {
    const server = await quirkServer(t, hurried(PROFILES[name]));
    const terminal = person(t).type(args(server), { size: { columns: 200, rows: 50 } });
    const [, code = ""] = await terminal.sees(/Code: {2}(\S+)/);
    assert.equal(server.deviceCodes.approve(code, "alice"), "done");
    assert.equal(await terminal.ended, 0, terminal.seen());
    const seen = terminal.seen();
    const at = TITLES.map((title) => seen.indexOf(`\n${title}\n`));
    assert.ok(
      at.every((place, index) => place > (at[index - 1] ?? -1)),
      `${at}`,
    );
    assert.match(seen, new RegExp(`✓ Account: @alice:${server.serverName}\n {2}✓ Device: [A-Z0-9]{12}, as requested`));
    assert.match(seen, /✓ Refresh token: sha256:[0-9a-f]{8} → sha256:[0-9a-f]{8}\n/);
    assert.match(seen, /✓ The homeserver refuses the token: M_UNKNOWN_TOKEN\n/);
    assert.match(
      seen,
      /\n {6}grant_type = urn:ietf:params:oauth:grant-type:device_code\n/,
      "a form is drawn as a form",
    );
    assert.doesNotMatch(seen, SECRET);
  });
}

test("MX-P14 on pipes with --json: a line for each exchange and step, no secret in them", async (t) => {
  const server = await quirkServer(t, hurried(PROFILES["mas-1.22"]));
  const own = ["--json", "--metadata", "client_name=My bot", "--metadata", 'contacts=["me@example.org"]'];
  const walk = person(t).start(args(server, ...own, "--device-id", "MYDEVICE01"));
  const [, code = ""] = await said(walk, /"user_code":"(\w+)"/);
  server.deviceCodes.approve(code, "alice");
  assert.equal(await walk.ended, 0, walk.stdout());
  assert.equal(walk.stderr(), "");
  const lines = walk
    .stdout()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    [...new Set(lines.filter(({ event }) => event === "step").map(({ step }) => step))],
    ["discover", "check", "register", "device", "token", "whoami", "refresh", "revoke"],
  );
  const exchanges = lines.filter(({ event }) => event === "exchange");
  const registered = JSON.parse(exchanges.find(({ step }) => step === "register").body);
  assert.deepEqual([registered.client_name, registered.contacts], ["My bot", ["me@example.org"]]);
  const asked = new URLSearchParams(exchanges.find(({ step }) => step === "device").body);
  assert.match(String(asked.get("scope")), /urn:matrix:client:device:MYDEVICE01$/);
  assert.equal(exchanges[0].headers["user-agent"]?.startsWith("Coatcheck/"), true);
  for (const { answer } of exchanges)
    assert.doesNotMatch(JSON.stringify(JSON.parse(answer.body || "{}"), null, 1), SECRET);
  assert.doesNotMatch(walk.stdout(), /Bearer (?!sha256:[0-9a-f]{8}")/);
});

test("MX-C1 --code-flow: the link, and the pasted callback", async (t) => {
  const server = await quirkServer(t, PROFILES.continuwuity);
  const walk = person(t).start(
    args(server, "--code-flow", "--redirect-uri", "http://127.0.0.1:8123/callback", "--as", "curl"),
  );
  const [, url = ""] = await said(walk, /Open: {2}(\S+)\n/);
  const away = await fetch(url, { redirect: "manual" });
  walk.stdin.write(`${away.headers.get("location")}\n`);
  assert.equal(await walk.ended, 0, walk.stdout() + walk.stderr());
  assert.match(walk.stdout(), /\ncurl -X POST \S+\/oauth2\/token \\\n/);
  assert.match(walk.stdout(), /✓ state matches\.[\s\S]*✓ Revoked\./);
});

test("MX-P16 --step-by-step waits for Enter", async (t) => {
  const server = await quirkServer(t, PROFILES.spec);
  const terminal = person(t).type(args(server, "--step-by-step"));
  await terminal.sees(/Press Enter to go on/);
  assert.doesNotMatch(terminal.seen(), /2 Metadata/);
  terminal.press("\r");
  await terminal.sees(/2 Metadata[\s\S]*Press Enter to go on/);
  assert.equal(server.requests.filter(({ path }) => path === "/oauth2/registration").length, 0);
  terminal.press("\x03");
  assert.equal(await terminal.ended, 130);
});

test("Ctrl-C after the login: it is revoked, exit code 130", async (t) => {
  const server = await quirkServer(t, hurried(PROFILES.spec));
  const terminal = person(t).type(args(server, "--step-by-step"), { size: { columns: 200, rows: 50 } });
  for (const title of ["2 Metadata", "3 Registration", "4 Device"]) {
    await terminal.sees(/Press Enter to go on\s*$/);
    terminal.press("\r");
    await terminal.sees(new RegExp(title));
  }
  const [, code = ""] = await terminal.sees(/Code: {2}(\S+)/);
  server.deviceCodes.approve(code, "alice");
  await terminal.sees(/The person has approved\.\s+Press Enter to go on/);
  terminal.press("\x03");
  assert.equal(await terminal.ended, 130);
  assert.match(terminal.seen(), /✓ Revoked\.[\s\S]*the login was revoked\n$/);
});

test("a walk that fails: the rung or the rule is named, and what was refused ends it", async (t) => {
  const server = await quirkServer(t, hurried(PROFILES.spec));
  const alice = person(t);
  const lost = await alice.run(["walk", `${server.baseUrl}/nothing`, "--allow-networks", "loopback"]);
  assert.equal(lost.code, 1);
  assert.match(lost.err, /^coatcheck: .*\/nothing is not a Matrix homeserver: versions \(GET .*\n$/);
  const wrong = await alice.run(args(server, "--metadata", "client_uri=http://localhost/"));
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /^coatcheck: client_uri /);
  const guarded = await alice.run(["walk", server.baseUrl]);
  assert.match(guarded.err, /^coatcheck: .*not the name, user id or https URL/);
  const walk = alice.start(args(server));
  const [, code = ""] = await said(walk, /Code: {2}(\S+)/);
  server.deviceCodes.deny(code);
  assert.equal(await walk.ended, 5);
  assert.match(walk.stderr(), /access_denied/);
});

test("MX-P7 --older-servers: the issuer, then its OpenID configuration, and the older scopes", async (t) => {
  const server = await quirkServer(t, hurried(PROFILES["mas-1.22"]));
  const walk = person(t).start(args(server, "--older-servers"));
  const [, code = ""] = await said(walk, /Code: {2}(\S+)/);
  server.deviceCodes.approve(code, "alice");
  assert.equal(await walk.ended, 0, walk.stdout() + walk.stderr());
  assert.match(walk.stdout(), /\/auth_issuer\n[\s\S]*> GET \S+\/\.well-known\/openid-configuration\n/);
  assert.match(walk.stdout(), / scope = urn:matrix:org\.matrix\.msc2967\.client:api:\* /);
});

test("MX-P15 MX-P16 --simulate and --quirk: a homeserver in the same process, that does it wrong; --language tells it in German", async (t) => {
  const off = [
    "walk",
    "--simulate",
    "tuwunel",
    "--quirk",
    "no_device_grant",
    "--quirk",
    "slow_down",
    "--language",
    "de",
  ];
  const { code, out, err } = await person(t).run(off);
  assert.equal(code, 1, out + err);
  assert.match(out, /\n {2}! Der Server bietet den Device Grant nicht an: Nehmen Sie den Code-Flow\.\n/);
  assert.match(err, /^coatcheck: Aus einem früheren Schritt fehlt: ein Server, der den Device Grant anbietet/);
});

test("MX-P2 --until ends the walk after that step, with nothing to revoke where there is no login", async (t) => {
  const server = await quirkServer(t, PROFILES.spec);
  const { code, out } = await person(t).run(args(server, "--until", "register"));
  assert.equal(code, 0, out);
  assert.match(out, /\n3 Registration\n[\s\S]*✓ Client id: /);
  assert.doesNotMatch(out, /4 Device request|9 Revocation/);
});
