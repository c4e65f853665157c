import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startDemoStage } from "../../support/demo.ts";
import { said } from "../../support/process.ts";

test("CLI-20 CLI-21 CLI-26 in a terminal: code, address, warning, QR code, spinner; then who signed in, and everything works", async (t) => {
  const { person, decide, issuer } = await startDemoStage(t);
  const login = person.type(["login", "demo", "--scopes", "offline_access,notes:read"], {
    size: { columns: 90, rows: 40 },
  });
  await login.sees(/⠋ Waiting, 9:5\d left \(c copies the code, Ctrl-C cancels\)/);
  const [first = "", address = "", code = "", link = "", warning = "", qr = ""] = login.seen().trimStart().split("\n");
  assert.equal(first, `! Sign in to demo for "demo" (asked by ${hostname()})`);
  assert.equal(address, `  Open:  ${issuer}/device`);
  assert.match(code, /^ {2}Code: {2}[A-Z]{4}-[A-Z]{4} {10}expires in (10:00|9:5\d)$/);
  assert.ok(link.startsWith(`  Link:  ${issuer}/device?user_code=`), link);
  assert.equal(warning, "  If you did not start this, do not enter the code.");
  assert.match(qr, /^[ █▀▄]*$/);
  assert.ok(login.raw().includes("\x1b[38;5;16;48;5;231m"));
  await decide(login.seen());
  await login.sees(
    /✓ signed in as octavia; scopes .*notes:read.*; refreshed automatically; session in .*sessions\.json/,
  );
  assert.equal(await login.ended, 0);
  const file = join(person.home, "state/coatcheck/sessions.json");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const token = await person.run(["token"]);
  assert.deepEqual([token.code, token.err], [0, ""]);
  assert.match(token.out, /^[\w-]{20,}\n$/);
  assert.equal((await person.run(["header", "demo"])).out, `Authorization: Bearer ${token.out}`);
  const status = await person.run(["status"]);
  assert.match(
    status.out,
    /^demo: signed in at demo as octavia; scopes .*; token expires in [^,]+, refreshed automatically\n$/,
  );
  assert.match((await person.run(["list"])).out, /^NAME +SERVER +ACCOUNT +BROKER\ndemo +demo +octavia +http/);
  assert.deepEqual((await person.run(["logout"])).out, "signed out of demo\n");
  assert.ok(!readFileSync(file, "utf8").includes("ccs_"));
  const after = await person.run(["token"]);
  assert.deepEqual([after.code, after.err], [4, "coatcheck: nobody is signed in\n  run: coatcheck login\n"]);
});

test("CLI-4 CLI-7 on pipes: plain lines, no prompt, and it waits", async (t) => {
  const { person, decide } = await startDemoStage(t);
  const login = person.start(["login", "demo"]);
  await said(login, /Waiting for approval\n/);
  await decide(login.stderr());
  assert.equal(await login.ended, 0);
  assert.equal(login.stdout(), "");
  const lines = login.stderr().split("\n");
  assert.deepEqual(lines.slice(4, 6), ["  If you did not start this, do not enter the code.", "Waiting for approval"]);
  assert.ok(!login.stderr().includes("\x1b"), "no escapes");
});

test("FC-55 --json: one line per event, and nothing else; the session's secret only by --print-session", async (t) => {
  const { person, decide } = await startDemoStage(t);
  const login = person.start(["login", "demo", "--scopes", "offline_access", "--json"]);
  await said(login, /"waiting"/);
  await decide(login.stdout());
  assert.equal(await login.ended, 0);
  assert.equal(login.stderr(), "");
  const [verification, waiting, ...more] = login
    .stdout()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(Object.keys(verification), [
    "event",
    "session",
    "verification_uri",
    "verification_uri_complete",
    "user_code",
    "expires_in",
    "interval",
  ]);
  assert.equal(verification.event, "verification");
  assert.deepEqual([waiting.event, typeof waiting.expires_in], ["waiting", "number"]);
  const complete = more.at(-1);
  const file = readFileSync(join(person.home, "state/coatcheck/sessions.json"), "utf8");
  const { id, session: secret } = JSON.parse(file).sessions.demo;
  assert.equal(verification.session, id);
  assert.ok(!login.stdout().includes(secret));
  const printed = await person.run(["login", "demo", "--json", "--print-session"]);
  assert.deepEqual(JSON.parse(printed.out.trimEnd().split("\n").at(-1) ?? ""), {
    event: "session",
    session: id,
    session_id: secret,
  });
  assert.equal((await person.run(["login", "demo", "--print-session"])).out, `${secret}\n`);
  assert.deepEqual([complete.event, complete.account, complete.session], ["complete", "octavia", verification.session]);
  assert.match(complete.expire_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
});

test("a person who refuses: exit 5 and the command that asks again", async (t) => {
  const { person, decide } = await startDemoStage(t);
  const login = person.start(["login", "demo", "--name", "bot"]);
  await said(login, /Waiting/);
  await decide(login.stderr(), "deny");
  assert.equal(await login.ended, 5);
  assert.match(
    login.stderr(),
    /coatcheck: the person denied the login \(the provider says: .*\); if that was a mistake, sign in again\n {2}run: coatcheck login demo --name bot\n$/,
  );
  const listed = await person.run(["list"]);
  assert.match(listed.out, /\nbot +demo +\(denied\) +http/, "nobody asks the broker for it any more");
});

test("a code that runs out: exit 6", async (t) => {
  const { person, pass } = await startDemoStage(t);
  const login = person.start(["login", "demo", "--json"]);
  await said(login, /waiting/);
  await pass(601_000);
  assert.equal(await login.ended, 6);
  const last = JSON.parse(login.stdout().trimEnd().split("\n").at(-2) ?? "");
  assert.deepEqual([last.event, last.code, last.next], ["error", "expired_token", ["coatcheck", "login", "demo"]]);
});

test("--no-wait: exit 8; --resume shows the same code in another terminal; a second login joins", async (t) => {
  const { person, decide } = await startDemoStage(t);
  const left = await person.run(["login", "demo", "--no-wait"]);
  assert.equal(left.code, 8);
  assert.match(
    left.err,
    /within \d+ minutes\.\nIf you did not start this, .*\nTo wait for approval: coatcheck login --resume demo\n$/,
  );
  const [, code = ""] = /^http:\S+\/device\n([A-Z]{4}-[A-Z]{4})\n$/.exec(left.out) ?? [];
  const resumed = person.type(["login", "--resume"], { size: { columns: 40, rows: 10 } });
  await resumed.sees(new RegExp(code));
  const joined = person.start(["login", "demo"]);
  await said(joined, new RegExp(code));
  const [pending, status, why] = await Promise.all([
    person.run(["token"]),
    person.run(["status"]),
    person.run(["why"]),
  ]);
  assert.equal(pending.code, 8);
  assert.match(pending.err, /\n {2}run: coatcheck login --resume demo\n$/);
  assert.match(
    status.out,
    /^demo: waiting for approval at http:\S+\/device; code ([A-Z-]+); both in one: http:\S+=\1; expires in (\d+ minutes|\d+ seconds); run: coatcheck login --resume demo\n$/,
  );
  assert.ok(status.out.includes(code));
  assert.match(
    why.out,
    new RegExp(`^demo: pending\n  server +demo\n(?:  scopes .+\n)?  code +${code}\n  open +http:\\S+/device\n`),
  );
  assert.match(
    why.out,
    /\n {2}login expires +in \d+ \w+\n[\s\S]*\n {2}to wait for it: coatcheck login --resume demo\n$/,
  );
  await decide(code);
  assert.deepEqual([await resumed.ended, await joined.ended], [0, 0]);
  for (const line of resumed.seen().split("\n")) if (line.includes("Waiting")) assert.ok(line.length < 40, line);
  const again = await person.run(["login", "demo"]);
  assert.deepEqual([again.code, again.out], [0, ""]);
  assert.match(again.err, /✓ already signed in as octavia/);
});

test("FC-53 FC-54 list says how a login went that nobody waited for; the one that was ended is made again under its name", async (t) => {
  const { person, decide } = await startDemoStage(t);
  const leave = async (name: string) =>
    (await person.run(["login", "demo", "--name", name, "--no-wait", "--scopes", "offline_access"])).out;
  const [approved, denied] = [await leave("l1"), await leave("l2")];
  const listed = async () => {
    const [plain, json] = await Promise.all([person.run(["list"]), person.run(["list", "--json"])]);
    const rows = plain.out.split("\n").slice(1, 3);
    return [
      ...rows.map((row) => row.replace(/ {2,}/g, " ").split(" demo ")[1]?.split(" http")[0]),
      ...JSON.parse(json.out).sessions.map(
        (one: { status: string; pending: boolean }) => `${one.status} ${one.pending}`,
      ),
    ];
  };
  const waits = "(waiting for approval)";
  assert.deepEqual(await listed(), [waits, waits, "pending true", "pending true"]);
  await decide(approved);
  await decide(denied, "deny");
  assert.deepEqual(await listed(), ["octavia (approved)", "(denied)", "active false", "denied false"]);
  assert.equal((await person.run(["logout", "l1"])).code, 0);
  const again = /\n {2}run: coatcheck login demo --name l1 --scopes offline_access\n$/;
  assert.match((await person.run(["token", "l1"])).err, again);
  assert.match((await person.run(["login", "l1"])).err, new RegExp(`"l1" is the name of a login here${again.source}`));
  const elsewhere = await person.run(["token", "l2"], { env: { COATCHECK_ADDR: "" } });
  assert.match(elsewhere.err, /run: coatcheck login demo --name l2 --scopes offline_access --addr http:/);
});

test("two logins that start at the same moment are one", async (t) => {
  const { person, decide } = await startDemoStage(t);
  const both = [person.start(["login", "demo"]), person.start(["login", "demo"])];
  const codes = await Promise.all(both.map((one) => said(one, /Code: {2}(\S+)/)));
  assert.equal(codes[0]?.[1], codes[1]?.[1]);
  await decide(both[0]?.stderr() ?? "");
  for (const one of both) assert.equal(await one.ended, 0);
});

test("CLI-27 a login of the same server, scopes and label joins the one that waits, also under another name", async (t) => {
  const { person } = await startDemoStage(t);
  const start = (name: string, label: string) =>
    person.run(["login", "demo", "--no-wait", "--name", name, "--label", label]);
  const [one, two, other] = [await start("a", "a tool"), await start("b", "a tool"), await start("c", "another tool")];
  assert.equal(one.out, two.out);
  assert.notEqual(one.out, other.out);
  const web = await person.run(["login", "demo", "--no-wait", "--name", "a", "--label", "a tool", "--web"]);
  assert.deepEqual([web.code, web.out === one.out], [8, false], "a code waits, and a browser is wanted");
});

test("Ctrl-C cancels the login at the broker, exit 130", async (t) => {
  const { person, read } = await startDemoStage(t);
  const login = person.type(["login", "demo"]);
  await login.sees(/Waiting, /);
  login.press("\x03");
  assert.equal(await login.ended, 130);
  assert.match(login.seen(), /coatcheck: the login was cancelled/);
  assert.equal((await read("oauth2/creds?list=true")).status, 404);
  assert.equal((await person.run(["list"])).out, "");
});

test("SIGINT on pipes cancels too; a login that was only resumed goes on", async (t) => {
  const { person } = await startDemoStage(t);
  const left = person.start(["login", "demo", "--no-wait"]);
  assert.equal(await left.ended, 8);
  const resumed = person.start(["login", "--resume", "demo"]);
  await said(resumed, /Waiting/);
  resumed.kill("SIGINT");
  assert.equal(await resumed.ended, 130);
  assert.match(resumed.stderr(), /the login is still pending without this command/);
  const again = person.start(["login", "--resume", "demo"]);
  await said(again, /Waiting/);
});

test("--timeout ends the waiting, not the login: exit 6", async (t) => {
  const { person } = await startDemoStage(t);
  const { code, err } = await person.run(["login", "demo", "--timeout", "1"]);
  assert.equal(code, 6);
  assert.match(err, /run: coatcheck login --resume demo\n$/);
});

test("FC-52 FC-67 a server that the broker does not offer, and one that is not named: the ones that are open are named", async (t) => {
  const { person } = await startDemoStage(t);
  const unknown = await person.run(["login", "demmo"]);
  assert.deepEqual(
    [unknown.code, /does not exist, or .* \(did you mean demo\?\); open to everybody: demo\n$/.test(unknown.err)],
    [5, true],
  );
  const none = await person.run(["login"]);
  const list = "You can sign in to:\n  demo\n";
  const text = "coatcheck: name the server: coatcheck login SERVER (missing server; open to everybody: demo)\n";
  assert.deepEqual([none.code, none.err], [2, list + text]);
  const token = join(person.home, "token");
  writeFileSync(token, "ended\n", { mode: 0o600 });
  const ended = await person.run(["login", "demo", "--token-file", token]);
  assert.deepEqual([ended.code, ended.err.includes(`the operator's token in the file ${token}`)], [5, true], "ST-66");
});

test("login without a name asks at a terminal which server it is to be, by number or name", async (t) => {
  const { person, write, issuer } = await startDemoStage(t);
  const provider_options = { token_url: `${issuer}/token`, auth_code_url: `${issuer}/auth` };
  await write("oauth2/servers/work", { provider: "custom", client_id: "x", provider_options, allow_sessions: true });
  const login = person.type(["login", "--no-qr", "--scopes", "notes:read"]);
  await login.sees(/You can sign in to:\n {2}1 {2}demo\n {2}2 {2}work\nWhich one \(number or name\)\?$/);
  login.press("3\r");
  await login.sees(/There is no "3" in the list\.\nWhich one/);
  login.press("1\r");
  await login.sees(/Sign in to demo for "demo"[\s\S]*Waiting/);
  assert.ok(!login.raw().includes("\x1b]8"), "no terminal that knows links");
  login.press("\x03");
  assert.equal(await login.ended, 130);
});

test("CLI-23 keys: o opens the browser with the address as one argument, c gives the code to a clipboard", async (t) => {
  const { person, issuer } = await startDemoStage(t);
  const { chmodSync, mkdirSync } = await import("node:fs");
  const bin = join(person.home, "bin");
  mkdirSync(bin);
  for (const [name, line] of [
    ["browser", `printf '%s' "$#:$1" > ${person.home}/opened`],
    ["wl-copy", `cat > ${person.home}/copied`],
  ] as const) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const env = { PATH: `${bin}:${process.env.PATH}`, COATCHECK_BROWSER: join(bin, "browser") };
  const login = person.type(["login", "demo", "--no-qr"], { env });
  await login.sees(/c copies the code, o opens the browser, Ctrl-C cancels/);
  const [, code] = await login.sees(/Code: {2}(\S+)/);
  login.press("o");
  await login.sees(/The browser was opened/);
  login.press("c");
  await login.sees(/The code was copied with wl-copy/);
  assert.equal(readFileSync(join(person.home, "opened"), "utf8"), `1:${issuer}/device?user_code=${code}`);
  assert.equal(readFileSync(join(person.home, "copied"), "utf8"), code);
  assert.equal(login.seen().match(new RegExp(`Code: {2}${code}`, "g"))?.length, 1, "what is shown stays");
});
