import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import vault from "node-vault";
import { hang } from "../../servers/faults.ts";
import type { Coatcheck } from "../../support/coatcheck.ts";
import { startAfterCrash } from "../../support/crash.ts";
import { DEVICE, type Pair, startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { call, child, policy } from "../access/stage.ts";

const OAUTHAPP = { type: "oauthapp" };

/** As the operator; answers the status and what was said. */
async function ask(broker: Coatcheck, method: string, path: string, body?: unknown) {
  const { status, errors, data } = await call(broker, ROOT_TOKEN, method, path, body);
  return { status, said: errors.join(), data };
}

async function done(broker: Coatcheck, method: string, path: string, body?: unknown): Promise<void> {
  assert.deepEqual(await ask(broker, method, path, body), { status: 204, said: "", data: {} }, `${method} ${path}`);
}

/** A broker with a mount that the API made, which has a server `as` and a login `me`. */
async function mounted(t: TestContext, path = "team/b", more = {}): Promise<Pair> {
  const pair = await startPair(t, more);
  await done(pair, "POST", `sys/mounts/${path}`, OAUTHAPP);
  await fill(pair, path);
  return pair;
}

async function fill(pair: Pair, path: string): Promise<void> {
  const { issuer } = pair.as;
  const provider_options = {
    auth_code_url: `${issuer}/authorize`,
    token_url: `${issuer}/token`,
    device_code_url: `${issuer}/device`,
    revocation_url: `${issuer}/revoke`,
  };
  await done(pair, "PUT", `${path}/servers/as`, { provider: "custom", client_id: "client", provider_options });
  await done(pair, "PUT", `${path}/creds/me`, { server: "as", refresh_token: pair.as.tokens.grant() });
}

const tokenOf = async (broker: Coatcheck, path: string) =>
  (await ask(broker, "GET", `${path}/creds/me`)).data.access_token;

const NONE = (path: string) => ({
  status: 404,
  said: `no handler for route "${path}". route entry not found.`,
  data: {},
});

test("4 node-vault, unmodified, mounts, writes, reads, moves and unmounts", async (t) => {
  const pair = await startPair(t);
  const client = vault({ endpoint: pair.running.address, token: ROOT_TOKEN });
  await client.mount({ mount_point: "ours", type: "oauthapp", description: "of one team" });
  const { data } = await client.mounts();
  assert.deepEqual(Object.keys(data), ["oauth2/", "ours/"]);
  const { type, description, options } = data["ours/"];
  const callback = "http://127.0.0.1:8200/v1/ours/callback";
  assert.deepEqual([type, description, options], ["oauthapp", "of one team", { callback_url: callback }]);
  await fill(pair, "ours");
  const { access_token } = (await client.read("ours/creds/me")).data;
  assert.equal(typeof access_token, "string");
  assert.deepEqual((await client.list("ours/creds")).data.keys, ["me"]);
  await client.remount({ from: "ours", to: "team/theirs" });
  assert.equal((await client.read("team/theirs/creds/me")).data.access_token, access_token);
  await assert.rejects(client.read("ours/creds/me"), /no handler for route/);
  await client.unmount({ mount_point: "team/theirs" });
  await assert.rejects(client.read("team/theirs/creds/me"), /no handler for route/);
  assert.deepEqual(Object.keys((await client.mounts()).data), ["oauth2/"]);
});

test("a move is one write: what a mount keeps, its accessor and its logins go with it, and nothing stays", async (t) => {
  const pair = await mounted(t, "a");
  const before = await ask(pair, "GET", "sys/mounts/a");
  await done(pair, "PUT", "a/config", { tune_pending_status_code: 400 });
  const device = await ask(pair, "PUT", "a/creds/pending", { server: "as", grant_type: DEVICE });
  assert.equal(device.data.status, "pending");
  const moved = await ask(pair, "POST", "sys/remount", { from: "a/", to: "team/deep/c" });
  assert.equal(moved.status, 200);
  const told = await ask(pair, "GET", `sys/remount/status/${moved.data.migration_id}`);
  const info = { source_mount: "a", target_mount: "team/deep/c", status: "success" };
  assert.deepEqual(told.data, { migration_id: moved.data.migration_id, migration_info: info });
  assert.equal((await ask(pair, "GET", "sys/remount/status/none")).status, 404);
  const { data } = await ask(pair, "GET", "sys/mounts/team/deep/c");
  assert.deepEqual([data.accessor, data.uuid], [before.data.accessor, before.data.uuid]);
  assert.deepEqual(data.options, { callback_url: "http://127.0.0.1:8200/v1/team/deep/c/callback" });
  assert.deepEqual(await ask(pair, "GET", "a/creds/me"), NONE("a/creds/me"));
  assert.equal((await ask(pair, "GET", "team/deep/c/config")).data.tune_pending_status_code, 400);
  // The status of its errors is that of its own settings.
  assert.equal((await ask(pair, "GET", "team/deep/c/creds/pending")).status, 400);
  const link = await ask(pair, "PUT", "team/deep/c/auth-code-url", { server: "as", name: "by-link" });
  const back = new URL(new URL(String(link.data.url)).searchParams.get("redirect_uri") ?? "");
  assert.equal(back.pathname, "/v1/team/deep/c/callback");
  const { state } = link.data;
  const page = await fetch(`${pair.running.address}${back.pathname}?state=${state}&error=access_denied`, {
    redirect: "manual",
  });
  assert.deepEqual([page.status, page.headers.get("location")], [303, "/v1/team/deep/c/callback/failed"]);
  // A login that was waiting when it moved comes about where it is now.
  pair.as.tokens.approved = true;
  await pair.passUntil("the device login comes about", () => /"name":"pending".*"issued"/.test(pair.logged.join("")));
  assert.equal((await ask(pair, "GET", "team/deep/c/creds/pending")).status, 200);
  const back2 = await pair.restart();
  assert.equal((await ask(back2, "GET", "team/deep/c/creds/me")).status, 200);
  assert.deepEqual(await ask(back2, "GET", "a/creds/me"), NONE("a/creds/me"));
});

test("reads that are answered before the routes follow a mount that moves, goes, and is made anew", async (t) => {
  const pair = await mounted(t, "team/b");
  const first = await tokenOf(pair, "team/b");
  for (let times = 0; times < 4; times++) assert.equal(await tokenOf(pair, "team/b"), first);
  assert.equal((await ask(pair, "POST", "sys/remount", { from: "team/b", to: "c" })).status, 200);
  assert.deepEqual(await ask(pair, "GET", "team/b/creds/me"), NONE("team/b/creds/me"));
  for (let times = 0; times < 4; times++) assert.equal(await tokenOf(pair, "c"), first);
  // Another one at the path of the first.
  await done(pair, "POST", "sys/mounts/team/b", OAUTHAPP);
  assert.equal((await ask(pair, "GET", "team/b/creds/me")).status, 404);
  await fill(pair, "team/b");
  for (let times = 0; times < 4; times++) assert.notEqual(await tokenOf(pair, "team/b"), first);
  await done(pair, "DELETE", "sys/mounts/c");
  assert.deepEqual(await ask(pair, "GET", "c/creds/me"), NONE("c/creds/me"));
});

test("a disabled mount is gone at once; its logins are revoked, also after a crash, and then nothing of it is left", async (t) => {
  const pair = await mounted(t, "team/b");
  await done(pair, "PUT", "team/b/creds/other", { server: "as", refresh_token: pair.as.tokens.grant() });
  await done(pair, "PUT", "team/b/config", { tune_pending_status_code: 400 });
  await ask(pair, "PUT", "team/b/creds/pending", { server: "as", grant_type: DEVICE });
  await ask(pair, "PUT", "team/b/auth-code-url", { server: "as", name: "by-link" });
  assert.equal(pair.as.tokens.revoked, 0);
  // The queue finds nobody who answers, and then the broker is killed.
  pair.as.reply("/revoke", hang);
  await done(pair, "DELETE", "sys/mounts/team/b/");
  for (const path of ["creds/me", "servers/as", "config"]) {
    assert.deepEqual(await ask(pair, "GET", `team/b/${path}`), NONE(`team/b/${path}`));
  }
  pair.as.behave();
  const again = await startAfterCrash(t, pair, pair.as);
  await again.passUntil("its logins are revoked", () => pair.as.tokens.revoked === 2);
  // A new one of its path sees nothing of it, while it is emptied and after.
  await done(again, "POST", "sys/mounts/team/b", OAUTHAPP);
  const isEmpty = async () => {
    for (const path of ["creds", "servers", "self"]) {
      assert.equal((await ask(again, "GET", `team/b/${path}?list=true`)).status, 404, path);
    }
    assert.equal((await ask(again, "GET", "team/b/config")).status, 404);
  };
  await isEmpty();
  await again.passUntil("nothing is left", () => again.logged.join("").includes('"mount_removed"'));
  await isEmpty();
  const log = again.logged.join("");
  assert.doesNotMatch(log, /"mount":"sys/);
  assert.equal(pair.as.tokens.revoked, 2);
  // Its data key is destroyed; the new one has another.
  const { data: keys } = await ask(again, "GET", "sys/keys");
  assert.equal(JSON.stringify(keys).match(/sys\/mounts\//g)?.length ?? 0, 0);
  await again.restart(() => {
    const database = new DatabaseSync(join(again.data, "coatcheck.db"));
    const rows = database.prepare("SELECT mount, name FROM row WHERE mount LIKE 'sys/mounts%' OR mount LIKE 'sys/un%'");
    assert.deepEqual(
      rows.all().map(({ mount, name }) => [mount, name]),
      [["sys/mounts", "team/b"]],
    );
    const ofMounts = database.prepare("SELECT name FROM row WHERE name LIKE 'data-key/%/sys/mounts/%'").all();
    assert.equal(ofMounts.length, 1);
    database.close();
  });
});

test("mounts of the configuration stay there, and a path that is in the way of another is refused with the reason", async (t) => {
  const pair = await mounted(t, "team/b", { mounts: ["oauth2", "a"] });
  for (const [method, path, body] of [
    ["DELETE", "sys/mounts/a", undefined],
    ["POST", "sys/mounts/a/tune", { description: "x" }],
    ["POST", "sys/remount", { from: "oauth2", to: "x" }],
  ] as const) {
    const { status, said } = await ask(pair, method, path, body);
    assert.equal(status, 400);
    assert.match(said, /is named where the broker is started \(serve --mounts/);
  }
  const refused = [
    ["a", /^path is already in use at a\/$/],
    ["team/b", /^path is already in use at team\/b\/$/],
    ["team", /^existing mount at team\/b\//],
    ["team/b/c", /^existing mount at team\/b\//],
    ["a/b", /^existing mount at a\//],
    ["sys/x", /not a valid name/],
    ["x/creds", /not a valid name/],
    ["x%20y", /not a valid name/],
    ["x".repeat(129), /at most 128 characters/],
  ] as const;
  for (const [path, reason] of refused) {
    assert.match((await ask(pair, "POST", `sys/mounts/${path}`, OAUTHAPP)).said, reason, path);
    const to = decodeURIComponent(path);
    assert.match((await ask(pair, "POST", "sys/remount", { from: "team/b", to })).said, reason, path);
  }
  assert.match((await ask(pair, "POST", "sys/mounts/x", { type: "kv" })).said, /^plugin not found in the catalog: kv$/);
  assert.match(
    (await ask(pair, "POST", "sys/remount", { from: "none", to: "x" })).said,
    /^no matching mount at "none\/"/,
  );
  assert.match((await ask(pair, "POST", "sys/remount", { from: "auth/a", to: "auth/b" })).said, /cannot be moved/);
  assert.match((await ask(pair, "POST", "sys/remount", { from: "team/b" })).said, /both from and to are needed/);
  assert.match((await ask(pair, "POST", "sys/mounts/x/tune", {})).said, /^no matching mount at "x\/"/);
  await done(pair, "DELETE", "sys/mounts/none");
  assert.equal((await ask(pair, "GET", "team/b/creds/me")).status, 200);
  // What the configuration names later must not hide what is there.
  await assert.rejects(
    pair.restart(undefined, { mounts: ["oauth2", "team"] }),
    /team\/b\/ is a mount that was made by the API/,
  );
});

test("a mount is tuned, and what was not sent stays", async (t) => {
  const pair = await startPair(t);
  const config = { default_lease_ttl: "1h", max_lease_ttl: "0s", force_no_cache: false };
  await done(pair, "POST", "sys/mounts/b", { ...OAUTHAPP, description: "one", config });
  await done(pair, "POST", "sys/mounts/b/tune", { max_lease_ttl: "2h" });
  const { data } = await ask(pair, "GET", "sys/mounts/b/tune");
  assert.deepEqual([data.default_lease_ttl, data.max_lease_ttl, data.description], [3_600, 7_200, "one"]);
  await done(pair, "POST", "sys/mounts/b/tune", { description: "two" });
  const one = await ask(pair, "GET", "sys/mounts/b");
  assert.deepEqual([one.data.description, (one.data.config as typeof data).max_lease_ttl], ["two", 7_200]);
  const wrong = await ask(pair, "POST", "sys/mounts/b/tune", { default_lease_ttl: "3h" });
  assert.match(wrong.said, /default_lease_ttl is greater than max_lease_ttl/);
  assert.match(
    (await ask(pair, "POST", "sys/mounts/c", { ...OAUTHAPP, config: { default_lease_ttl: "x" } })).said,
    /duration/,
  );
});

test("whoever moves a mount needs sudo; help, preflight and 405 are those of any mount", async (t) => {
  const pair = await mounted(t, "team/b");
  await policy(
    pair,
    "m",
    'path "sys/remount" { capabilities = ["update"] } path "team/b/*" { capabilities = ["read"] }',
  );
  const { client_token: token } = await child(pair, { policies: ["m"] });
  const move = await call(pair, token, "POST", "sys/remount", { from: "team/b", to: "c" });
  assert.equal(move.status, 403);
  const seen = await call(pair, token, "GET", "sys/internal/ui/mounts");
  assert.deepEqual(Object.keys(seen.data.secret ?? {}), ["team/b/"]);
  const preflight = await call(pair, token, "GET", "sys/internal/ui/mounts/team/b/creds/me");
  assert.equal(preflight.data.path, "team/b/");
  const help = await call(pair, token, "GET", "team/b?help=1");
  assert.match(String(help.data.help), /^\/v1\/team\/b\/.*creds/s);
  assert.doesNotMatch(String(help.data.help), /:mount/);
  assert.equal((await ask(pair, "DELETE", "team/b/sts/x")).status, 405);
  assert.match((await ask(pair, "GET", "team/b/nothing")).said, /unsupported path/);
  assert.equal((await call(pair, token, "GET", "team/none/creds/me")).status, 403);
  // A slash that was encoded is none between segments.
  assert.equal((await ask(pair, "GET", "team%2Fb/creds/me")).status, 404);
  assert.equal((await ask(pair, "GET", "te%61m/b/creds/me")).status, 200);
});
