import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { CredentialState } from "../../../src/cli/operate/credentials.ts";
import { credentialCure, explain } from "../../../src/cli/operate/explain.ts";
import { oauthError } from "../../servers/faults.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { signedIn, startDemoStage } from "../../support/demo.ts";
import { importGrant, startDevice, startPair } from "../../support/misbehaving.ts";
import { person } from "../../support/person/person.ts";
import { soon } from "../../support/person/soon.ts";
import { ROOT_TOKEN, request } from "../../support/request.ts";

async function operatorOf(t: TestContext) {
  const { running } = await startCoatcheck(t);
  const alice = person(t);
  const as = (token: string) => ({ COATCHECK_ADDR: running.address, COATCHECK_OPERATOR_TOKEN: token });
  const run = (args: string[], input = "", token = ROOT_TOKEN) => alice.run(args, { env: as(token), input });
  return { ...alice, running, run };
}

test("write, read, list, delete: a transcript", async (t) => {
  const { run } = await operatorOf(t);
  const secret = await run(
    ["write", "oauth2/servers/gh", "provider=github", "client_id=ID", "client_secret=-"],
    "hush\n",
  );
  assert.deepEqual([secret.code, secret.out], [0, "done\n"], secret.err);
  const read = await run(["read", "oauth2/servers/gh"]);
  assert.match(read.out, /^client_id +ID\n/);
  assert.ok(!read.out.includes("hush"));
  assert.equal((await run(["read", "--field", "provider", "/oauth2/servers/gh"])).out, "github\n");
  assert.deepEqual(JSON.parse((await run(["list", "oauth2/servers", "--json"])).out).keys, ["gh"]);
  assert.equal((await run(["delete", "oauth2/servers/gh"])).code, 0);
  const gone = await run(["read", "oauth2/servers/gh", "--json"]);
  assert.equal(gone.code, 1);
  assert.equal(JSON.parse(gone.out).error.code, "not_found");
});

test("write shows the token that it makes; what that one may not do is said to be so, with how to look", async (t) => {
  const { run } = await operatorOf(t);
  const made = await run(["write", "auth/token/create", "policies=default"]);
  assert.match(made.out, /^client_token +hvs\.\S+\naccessor +\S+\npolicies +default\n/, made.err);
  const { out: token } = await run(["write", "auth/token/create", "policies=default", "--field", "client_token"]);
  const refused = await run(["server", "list"], "", token.trim());
  assert.match(refused.err, /its policies do not allow this \(coatcheck write sys\/capabilities-self paths=PATH/);
  const can = await run(["write", "sys/capabilities-self", "paths=auth/token/renew-self"], "", token.trim());
  assert.match(can.out, /^auth\/token\/renew-self +update$/m, can.err);
});

test("FC-71 a refusal of the broker is one sentence and its exit code; it names what was meant, or the setting", async (t) => {
  const { run } = await operatorOf(t);
  const bad = await run(["write", "oauth2/servers/x", "provider=gihtub", "client_id=a"]);
  assert.deepEqual([bad.code, bad.err], [1, 'coatcheck: provider "gihtub" does not exist (did you mean github?)\n']);
});

test("creds lists credentials with their state, filtered and in pages; status and why tell of one, a pending one with its code", async (t) => {
  const pair = await startPair(t);
  const alice = person(t, { COATCHECK_ADDR: pair.running.address, COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN });
  pair.as.tokens.accessLife = 300;
  await importGrant(pair, "team/bot");
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.pass(310_000);
  pair.as.behave();
  await importGrant(pair, "good");
  await startDevice(pair, "new");
  const run = (line: string) => alice.run(line.split(" "));
  const [all, failing, page, below, status, good, why, none] = await Promise.all([
    run("creds"),
    run("creds --status failing --all --json"),
    run("creds --limit 1 --server as"),
    run("creds nobody --server at"),
    run("status oauth2/creds/new"),
    run("status oauth2/creds/good --json"),
    run("why oauth2/creds/team/bot"),
    run("why oauth2/creds/nobody"),
  ]);
  assert.match(
    all.out,
    /^NAME +STATUS +SERVER +ACCOUNT +EXPIRES +TROUBLE\ngood +issued +as +.+\nnew +pending +as +.+\nteam\/bot +failed +as +invalid_grant\n$/,
  );
  const [found, ...more] = failing.out.trim().split("\n");
  assert.deepEqual(
    [more, JSON.parse(found ?? "")],
    [
      [],
      {
        credentials: [
          { name: "team/bot", status: "failed", server: "as", reason: "invalid_grant", fixed_by: "person" },
        ],
      },
    ],
  );
  assert.match(page.out, /^NAME .*\ngood .*\n$/);
  assert.equal(page.err, "There are more: coatcheck creds --server as --limit 1 --after good\n");
  assert.deepEqual(
    [below.code, below.out, below.err],
    [2, "", 'coatcheck: there is no server "at" (did you mean as?)\n'],
  );
  assert.equal(status.code, 4);
  assert.match(status.out, /^oauth2\/creds\/new: pending at as; waiting for approval at http:\S+; code [A-Z0-9-]+;/);
  const { path, next_task } = JSON.parse(good.out);
  assert.deepEqual([good.code, path, next_task], [0, "oauth2/creds/good", "refresh"]);
  assert.match(
    why.out,
    /^oauth2\/creds\/team\/bot: failed \(invalid_grant\)\n[\s\S]*\n {4}\S+Z \(.* ago\) {2}import {3}a new token\n[\s\S]* {2}refresh {2}refused \(invalid_grant\)[\s\S]*\n {2}to fix it: .*: coatcheck write oauth2\/creds\/team\/bot\/retry\n$/,
  );
  assert.deepEqual([none.code, none.err], [1, "coatcheck: there is no credential oauth2/creds/nobody\n"]);
});

test("without the operator's token, with a wrong one, with a broker that is not there", async (t) => {
  const alice = person(t);
  const { running } = await startCoatcheck(t);
  const env = { COATCHECK_ADDR: running.address };
  const none = await alice.run(["read", "oauth2/config"], { env });
  assert.deepEqual([none.code, /COATCHECK_OPERATOR_TOKEN or --token-file/.test(none.err)], [5, true]);
  const file = join(alice.home, "token");
  writeFileSync(file, `${ROOT_TOKEN}\n`, { mode: 0o600 });
  assert.equal((await alice.run(["server", "list", "--token-file", file], { env })).code, 0);
  const wrong = await alice.run(["server", "list"], { env: { ...env, COATCHECK_OPERATOR_TOKEN: "wrong" } });
  assert.equal(wrong.code, 5);
  assert.match(
    wrong.err,
    /^coatcheck: permission denied: the broker does not know the operator's token in COATCHECK_OPERATOR_TOKEN, or its policies do not allow this \(coatcheck write sys\/capabilities-self paths=PATH says .*the root token is .*COATCHECK_ROOT_TOKEN.* file root-token in its data folder\n$/,
  );
  const away = await soon("server list", () =>
    alice.run(["server", "list", "--addr", "http://127.0.0.1:1"], { env: { COATCHECK_OPERATOR_TOKEN: "x" } }),
  );
  assert.deepEqual([away.code, away.err], [7, "coatcheck: the broker at http://127.0.0.1:1 cannot be reached\n"]);
});

test("CLI-11 usage: unknown options and commands are one line with the nearest name; help goes to stdout, examples first", async (t) => {
  const alice = person(t);
  for (const [args, line] of [
    [["token", "--jsn"], "coatcheck: unknown option '--jsn' (Did you mean --json?)\n"],
    [["stats"], "coatcheck: unknown command 'stats' (Did you mean status?)\n"],
    [["server", "delete", "x"], "coatcheck: unknown command 'delete' (Did you mean rm?)\n"],
    [["read"], "coatcheck: missing required argument 'path'\n"],
    [["token", "--min-valid", "soon"], 'coatcheck: --min-valid "soon" is not a number of seconds\n'],
  ] as const) {
    const { code, out, err } = await alice.run(args, {
      env: { COATCHECK_SESSION: "x", COATCHECK_ADDR: "http://127.0.0.1:1" },
    });
    assert.deepEqual([code, out, err], [2, "", line]);
  }
  const help = await alice.run(["server", "add", "-h"]);
  assert.equal(help.code, 0);
  assert.match(help.out, /^Examples:\n {2}coatcheck server add github --provider github --client-id ID\n/);
  for (const top of [["-h"], ["--help"], ["server", "-h"]]) {
    const { code, out, err } = await alice.run(top);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^Examples:\n {2}coatcheck /);
  }
  const json = await alice.run(["token", "--nope", "--json"]);
  assert.deepEqual(JSON.parse(json.out).error.code, "usage");
});

test("CLI-8 --verbose says requests with a fingerprint instead of the token", async (t) => {
  const alice = person(t);
  const env = { COATCHECK_SESSION: "very-secret-session", COATCHECK_ADDR: "http://127.0.0.1:1" };
  const { err } = await alice.run(["token", "--verbose"], { env });
  assert.match(err, /GET http:\/\/127\.0\.0\.1:1\/session\/token \(bearer [0-9a-f]{8}\): no answer/);
  assert.ok(!err.includes("very-secret-session"));
  const read = await alice.run(["read", "sys/health", "--verbose"], {
    env: { COATCHECK_OPERATOR_TOKEN: "very-secret-token", COATCHECK_ADDR: "http://127.0.0.1:1" },
  });
  assert.match(read.err, /GET http:\/\/127\.0\.0\.1:1\/v1\/sys\/health \(bearer [0-9a-f]{8}\): no answer/);
  assert.ok(!read.err.includes("very-secret-token"));
});

test("--verbose says the requests of a login and of operators, too", async (t) => {
  const { person: alice, running } = await startDemoStage(t);
  const { code, err, out } = await alice.run(["login", "demo", "--no-wait", "--verbose"]);
  assert.equal(code, 8);
  assert.match(err, /^POST http:\S+\/sessions: 201, \d+ ms\n/);
  assert.ok(!err.includes("ccs_") && !out.includes("ccs_"));
  const again = await alice.run(["login", "--resume", "demo", "--no-wait", "--verbose", "--json"]);
  assert.match(again.err, /^GET http:\S+\/session \(bearer [0-9a-f]{8}\): 200, \d+ ms\n$/);
  const env = { COATCHECK_OPERATOR_TOKEN: running.rootToken };
  const listed = await alice.run(["server", "list", "--verbose"], { env });
  assert.match(listed.err, /^GET http:\S+\/v1\/oauth2\/servers\/ \(bearer [0-9a-f]{8}\): 200, \d+ ms\n$/);
});

test("why: all values stand below each other, and a blank before the longest label's", () => {
  const next_time = "2030-01-01T00:00:00Z";
  const credential = { status: "pending", server: "as", next_task: "poll", next_time } as CredentialState;
  const [, server = "", next = ""] = explain("oauth2/creds/x", credential, {});
  assert.match(next, /^ {2}next, it looks for approval {2}2030-01-01T00:00:00Z \(in /);
  assert.equal(server.indexOf("as"), next.indexOf("2030"));
});

test("FC-04 why: when the refresh token ends is told beside the token's own end", () => {
  const ends = { expire_time: "2030-01-01T00:00:00Z", refresh_expire_time: "2030-02-01T00:00:00Z" };
  const lines = explain("oauth2/creds/x", { status: "issued", server: "as", ...ends }, {});
  assert.match(
    lines.join("\n"),
    /^ {2}token expires +2030-01-01T00:00:00Z \(in .+\)\n {2}refresh token expires {2}2030-02-01T00:00:00Z \(in /m,
  );
  const without = explain("oauth2/creds/x", { status: "issued", server: "as" }, {});
  assert.doesNotMatch(without.join("\n"), /refresh token/);
});

test("why: who mends it decides what is to be done, whatever the reason is called", () => {
  const issued = { status: "issued", server: "as", reason: "later_code" } as const;
  const cure = (fixed_by?: "operator" | "time") =>
    credentialCure("a/b/creds/c/d", { ...issued, ...(fixed_by && { fixed_by }) });
  assert.equal(cure("operator"), "to fix it: set the server right: coatcheck read a/b/servers/as");
  assert.deepEqual([cure("time"), cure()], [undefined, undefined]);
});

test("CLI-10 why: dates, and for an operator every attempt", async (t) => {
  const { person } = await signedIn(t);
  const env = { COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN };
  assert.match(
    (await person.run(["why"])).out,
    /^demo: active\n {2}server +demo\n {2}account +octavia\n[\s\S]* {2}login started +\d{4}-/,
  );
  assert.match((await person.run(["why"], { env })).out, /Z \((in \d+ \w+|\d+ \w+ ago)\) {2}login by code +started\n/);
  await person.run(["token"]);
  assert.match(
    (await person.run(["session", "list"], { env })).out,
    /^ID .* LAST USED\nses_?\S+ +active +demo +octavia .*(in \d+ \w+|\d+ \w+ ago)\n$/,
  );
  const listed = JSON.parse((await person.run(["session", "list", "--json"], { env })).out);
  assert.match(listed.sessions[0].last_used_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
});

test("an operator ends all sessions of a range of time, and says which or is told how", async (t) => {
  const { person } = await signedIn(t, "bot");
  const env = { COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN };
  const end = (...words: string[]) => person.run(["session", "end", ...words], { env });
  for (const words of [[], ["ses_x", "--since", "2h"], ["ses_x", "--server", "demo"], ["--since", "yesterday"]]) {
    assert.equal((await end(...words)).code, 2, words.join(" "));
  }
  assert.equal((await end("--since", "1d", "--server", "other")).out, "0 sessions have ended\n");
  assert.equal((await end("--since", "2000-01-01T00:00:00Z", "--until", "1d")).out, "0 sessions have ended\n");
  assert.equal((await person.run(["token"])).code, 0);
  const ended = await end("--since", "1d", "--json");
  assert.equal(JSON.parse(ended.out).revoked, 1, ended.err);
  assert.notEqual((await person.run(["token"])).code, 0);
});

test("config plan tells what differs from the file (8), and apply writes that alone; what is not in it stays until it is named", async (t) => {
  const { run, running, home } = await operatorOf(t);
  const write = (name: string, body: object) => request(running.address, "PUT", `oauth2/servers/${name}`, body);
  await write("same", { provider: "github", client_id: "one" });
  await write("old", { provider: "github", client_id: "two" });
  const file = join(home, "serve.json");
  const same = { provider: "github", client_id: "one" };
  const servers = { same, gh: { ...same, client_secret_file: "secret" } };
  writeFileSync(file, JSON.stringify({ servers, audit: { log: { type: "file", file_path: "audit.log" } } }));
  writeFileSync(join(home, "secret"), "hush\n");
  const plan = await run(["config", "plan", file, "--json"]);
  const lines = plan.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(plan.code, 8, plan.err);
  assert.deepEqual(lines.slice(0, 4), [
    { mount: "oauth2", server: "same", action: "same", changes: [] },
    { mount: "oauth2", server: "gh", action: "create", changes: [] },
    { mount: "oauth2", server: "old", action: "undeclared", changes: [], credentials: 0, sessions: 0 },
    { device: "log", action: "create" },
  ]);
  assert.deepEqual(lines[4].error.next, ["coatcheck", "config", "apply", file]);
  const applied = await run(["config", "apply", file, "--delete", "old"]);
  assert.deepEqual([applied.code, applied.err], [0, ""]);
  assert.equal(
    applied.out,
    "+ create           audit log\n= same             same\n+ create           gh\n- deleted          old  0 credentials and 0 sessions are without a server\n",
  );
  const { body } = await request(running.address, "GET", "oauth2/servers?list=true");
  assert.deepEqual(body?.data?.keys, ["gh", "same"]);
  assert.match(readFileSync(join(home, "audit.log"), "utf8"), /"path":"oauth2\/servers\/gh"/);
});
