import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { proper, reset } from "../../servers/faults.ts";
import { freePort } from "../../servers/free-port.ts";
import { LOCAL_CERTIFICATE, LOCAL_KEY } from "../../servers/local-certificate.ts";
import { BIN } from "../../support/bin.ts";
import { signedIn, startDemoStage } from "../../support/demo.ts";
import { startHomeserverPair } from "../../support/matrix/homeserver-pair.ts";
import { startDevice } from "../../support/misbehaving.ts";
import { keepLogin } from "../../support/person/kept-login.ts";
import { inProcesses, type Person, person } from "../../support/person/person.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly text: string;
  readonly cure?: string;
}

/** Its findings, as --json says them; what a person reads is the same, and so is the exit code. */
async function findings(someone: Person, env: Record<string, string> = {}) {
  const [plain, json] = await Promise.all([
    someone.run(["doctor"], { env }),
    someone.run(["doctor", "--json"], { env }),
  ]);
  const found: Finding[] = json.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const wrong = found.filter(({ ok }) => !ok);
  assert.deepEqual([plain.code, json.code], wrong.length > 0 ? [1, 1] : [0, 0]);
  for (const { cure } of wrong) assert.ok(cure && plain.out.includes(`; ${cure}\n`), plain.out);
  assert.deepEqual([plain.err, json.err], ["", ""]);
  return { found, wrong, text: plain.out };
}

/** Something that listens where a broker should. */
async function listening(t: TestContext, answer: RequestListener, isSecure = false): Promise<number> {
  const identity = { cert: LOCAL_CERTIFICATE, key: LOCAL_KEY };
  const server = isSecure ? createSecureServer(identity, answer) : createServer(answer);
  await new Promise<void>((done) => server.listen(0, done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const health =
  (more: object = {}, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ initialized: true, server_time_utc: Math.floor(Date.now() / 1_000), ...more }));
  };

test("doctor: nothing is wrong", async (t) => {
  const { person: octavia } = await signedIn(t);
  const port = await listening(t, health());
  const { found } = await findings(octavia, {
    COATCHECK_ADDR: `http://127.0.0.1:${port}`,
    COATCHECK_BROWSER: "firefox",
  });
  assert.deepEqual(
    found.map(({ check, ok }) => [check, ok]),
    [
      "broker",
      "transport",
      "clock",
      "logins",
      "servers",
      "writable",
      "writable",
      "folder",
      "file",
      "agent",
      "browser",
    ].map((check) => [check, true]),
  );
  assert.match(found[4]?.text ?? "", /^servers were not looked at, which needs an operator's token/);
  const named = found.find(({ check }) => check === "logins")?.text;
  assert.equal(
    named,
    `COATCHECK_ADDR names http://127.0.0.1:${port}: one login is at another broker and is not used (coatcheck list)`,
  );
  assert.equal(found.at(-1)?.text, "firefox will be used");
});

test("doctor against the broker itself", async (t) => {
  const { person: octavia, running } = await startDemoStage(t);
  const { found } = await findings(octavia);
  assert.match(
    found[0]?.text ?? "",
    new RegExp(`^${running.address} \\(set by COATCHECK_ADDR\\) answered with status 200 in \\d+ ms$`),
  );
});

test("FC-83 doctor names a homeserver that does not answer the broker, and why, to the operator alone", async (t) => {
  const pair = await startHomeserverPair(t, { publicUrl: "https://coatcheck.example.com" });
  pair.as.reply("/register", reset);
  assert.equal((await startDevice(pair, "me", { server: "mx" })).status, 502);
  const alice = person(t, { COATCHECK_ADDR: pair.running.address });
  const told = async (env: Record<string, string>) => {
    const { out } = await alice.run(["doctor", "--json"], { env });
    const found: Finding[] = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    return found.filter(({ check }) => check === "server").map(({ text, cure }) => `${text}; ${cure}`);
  };
  const operator = { COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN };
  const seen = /^server mx did not answer the broker \(.*\): the connection broke; .*coatcheck server show mx/m;
  assert.match((await told(operator)).join("\n"), seen);
  assert.deepEqual(await told({}), [], "a stranger is not told");
  pair.as.reply("/register", proper());
  assert.equal((await startDevice(pair, "me", { server: "mx" })).status, 200);
  assert.deepEqual(await told(operator), [], "it has answered since");
  keepLogin(join(alice.home, "state"), "me", { broker: pair.running.address, server: "never.example" });
  const never = 'the broker has no server "never.example"; run coatcheck server list';
  assert.deepEqual(await told(operator), [never], "what a login was begun with and is not there");
  const { out } = await alice.run(["doctor"], { env: operator });
  assert.match(out, /servers +looked at: 2 of the broker's 2; one that .*: coatcheck doctor SERVER\n/);
});

test("doctor: what may be wrong with a broker, each with its cure", async (t) => {
  const alice = person(t);
  const at = async (addr: string) => {
    const { wrong } = await findings(alice, { COATCHECK_ADDR: addr });
    return wrong.map(({ check, text, cure }) => `${check}: ${text}; ${cure}`).join("\n");
  };
  const port = async (answer: RequestListener) => `127.0.0.1:${await listening(t, answer)}`;
  assert.match(
    await at(`http://${await port(health({ server_time_utc: 1_700_000_000 }))}`),
    /^clock: .* differs by \d+\.\d s; synchronize both/,
  );
  assert.match(
    await at(`http://127.0.0.1:${await freePort()}`),
    /^broker: .*: connect ECONNREFUSED .*; start the broker/,
  );
  assert.match(await at("http://nowhere.invalid"), /^broker: .*nowhere\.invalid; check the name in the address/);
  assert.match(await at("nonsense"), /^broker: the broker's address "nonsense" is not valid: .*; set it with --addr/);
  assert.match(
    await at(`http://${await port(health({}, 503))}`),
    /^broker: .* status 503 .*; see the broker's log for the reason$/,
  );
  assert.match(
    await at(`http://${await port(health({}, 429))}`),
    /^broker: .* status 429 .*; this broker holds a restored copy/,
  );
  const page = await port((_request, response) => void response.end("<html>"));
  assert.match(await at(`http://${page}`), /^broker: .* status 200 .*; this is not a broker: check the address$/);
  const secure = await listening(t, health(), true);
  assert.match(
    await at(`https://localhost:${secure}`),
    /^broker: .*self-signed certificate; .*NODE_EXTRA_CA_CERTS=FILE$/,
  );
  const plain = await listening(t, health());
  assert.match(
    await at(`http://0.0.0.0:${plain}`),
    /^transport: http:\/\/0\.0\.0\.0:\d+ is not encrypted \(plain http\); use an https/,
  );
});

test("doctor: a certificate that is trusted is nothing wrong", async (t) => {
  const alice = person(t);
  const authority = join(alice.home, "ca.pem");
  writeFileSync(authority, LOCAL_CERTIFICATE);
  const addr = `https://localhost:${await listening(t, health(), true)}`;
  const { found } = await findings(inProcesses(alice), { COATCHECK_ADDR: addr, NODE_EXTRA_CA_CERTS: authority });
  assert.deepEqual(
    found.slice(0, 2).map(({ ok }) => ok),
    [true, true],
  );
});

test("doctor: files that others can read, or that make no sense", async (t) => {
  const { person: octavia } = await signedIn(t);
  const env = { COATCHECK_ADDR: `http://127.0.0.1:${await listening(t, health())}` };
  const state = join(octavia.home, "state/coatcheck");
  const sessions = join(state, "sessions.json");
  chmodSync(state, 0o755);
  chmodSync(sessions, 0o644);
  const { wrong } = await findings(octavia, env);
  assert.deepEqual(
    wrong.map(({ text, cure }) => [text, cure]),
    [
      [`${state} has mode 755`, `run chmod 700 ${state}`],
      [`${sessions} has mode 644`, `run chmod 600 ${sessions}`],
    ],
  );
  chmodSync(state, 0o700);
  chmodSync(sessions, 0o600);
  writeFileSync(sessions, "{");
  assert.match(
    (await findings(octavia, env)).wrong[0]?.text ?? "",
    /this version cannot read the session file .*sessions\.json/,
  );
});

test("doctor: a configuration that cannot be read is a finding, not the end of it", async (t) => {
  const alice = person(t);
  keepLogin(join(alice.home, "state"), "corp");
  assert.equal((await alice.run(["setup", "aws", "deploy", "corp"])).code, 0);
  const config = join(alice.home, "config/coatcheck/config.json");
  chmodSync(config, 0o660);
  const { wrong } = await findings(alice);
  assert.deepEqual(
    wrong.map(({ check, cure }) => [check, cure]),
    [
      ["broker", `run chmod go-w ${config}`],
      ["file", `run chmod go-w ${config}`],
    ],
  );
});

test("doctor: why no browser would be used", async (t) => {
  const alice = person(t, { COATCHECK_ADDR: "http://127.0.0.1:1" });
  const seen = async (env: Record<string, string>) => (await findings(alice, env)).found.at(-1)?.text;
  assert.equal(
    await seen({ SSH_CONNECTION: "x" }),
    "none on this machine (SSH): logins show a code to enter on any device",
  );
  assert.equal(
    await seen({ COATCHECK_BROWSER: "none" }),
    "none on this machine: logins show a code to enter on any device",
  );
});

/** A home of its own on a file system of a few pages, full or read-only, which is gone with the process. */
function tiny(t: TestContext, state: "full" | "read-only", words: string) {
  const home = temporaryFolder(t);
  const setUp = {
    full: `mkdir -p ${home}/.config/coatcheck && head -c 65536 /dev/zero > ${home}/fill`,
    "read-only": `mount -o remount,ro ${home}`,
  }[state];
  const script = `mount -t tmpfs -o size=32k none ${home}; ${setUp} 2> ${home}-errors; exec "$0" "$@"`;
  const args = ["-rm", "sh", "-c", script, process.execPath, BIN];
  const env = { PATH: process.env.PATH, HOME: home, COATCHECK_ADDR: "http://127.0.0.1:1" };
  const { status, stdout, stderr } = spawnSync("unshare", [...args, ...words.split(" ")], { env, encoding: "utf8" });
  rmSync(`${home}-errors`, { force: true });
  return { home, status, stdout, stderr };
}

test("FC-66 a full disk, a read-only home: the file and the way out are named, and doctor notices", {
  skip: spawnSync("unshare", ["-rm", "true"]).status !== 0 && "unshare is missing, or may not be used here",
}, (t) => {
  const full = tiny(t, "full", "setup aws p l --undo");
  const lock = `${full.home}/.config/coatcheck/config.json.lock`;
  const text = `coatcheck: ${lock}: the disk is full: free some space, and run the command again\n`;
  assert.deepEqual([full.status, full.stderr.split("\n").slice(-2).join("\n")], [1, text]);
  const fixed = tiny(t, "read-only", "setup aws p l --undo");
  assert.match(fixed.stderr, /^coatcheck: \/\S+: the file system is read-only: set HOME, or XDG_STATE_HOME, .*\n$/);
  const { status, stdout } = tiny(t, "full", "doctor");
  assert.equal(status, 1);
  assert.match(stdout, /✗ error writable {2}\/\S+ cannot be written; the disk is full: free some space/);
});
