import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { hang, json, oauthError, proper, reset } from "../servers/faults.ts";
import { eventually } from "../support/eventually.ts";
import { configure, DEVICE, importGrant, type Pair, startDevice, startPair } from "../support/misbehaving.ts";
import { turns } from "../support/turns.ts";

/** An OpenID provider's record `op`. */
async function openid(t: TestContext, options: Record<string, unknown> = {}): Promise<Pair> {
  const pair = await startPair(t);
  const provider_options = { issuer_url: pair.as.issuer, ...options };
  await pair.write("oauth2/servers/op", { provider: "oidc", client_id: "client", provider_options });
  return pair;
}

const idToken = (pair: Pair, claims = {}) => pair.as.idTokens.make(Math.floor(pair.clock.now() / 1000), claims);

async function link(pair: Pair, more: Record<string, unknown>) {
  const made = await pair.write("oauth2/auth-code-url", { server: "op", ...more });
  const query = new URL(String(made.body?.data?.url)).searchParams;
  const state = query.get("state") ?? "";
  const back = () => {
    const parameters = new URLSearchParams({ code: `code-of-${state}`, state, iss: pair.as.issuer });
    return fetch(`${pair.running.address}/v1/oauth2/callback?${parameters}`, { redirect: "manual" });
  };
  return { state, nonce: query.get("nonce"), back };
}

/** How many links and one-time values the store keeps. */
function flowsOf({ data }: Pair): number {
  const database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true });
  const found = database.prepare("SELECT count(*) AS count FROM row WHERE kind = 'flow'").get();
  database.close();
  return Number(found?.count);
}

const reaped = (pair: Pair, event = "reaped") =>
  pair.logged.map((line) => JSON.parse(line)).filter((line) => line.event === event);

test("A23 C34 BCP-16 the nonce of a link is checked at the callback", async (t) => {
  const pair = await openid(t);
  const wrong = await link(pair, { name: "wrong" });
  pair.as.tokens.extra = { id_token: idToken(pair, { nonce: "of somebody else" }) };
  await wrong.back();
  const { body } = await pair.read("oauth2/creds/wrong");
  assert.deepEqual(
    [body?.data?.reason, body?.errors],
    ["id_token_invalid", ["exchange failed: oidc: nonce does not match"]],
  );
  const right = await link(pair, { name: "right" });
  pair.as.tokens.extra = { id_token: idToken(pair, { nonce: right.nonce }) };
  await right.back();
  assert.equal((await pair.read("oauth2/creds/right")).status, 200);
});

test("C34 a caller's nonce is checked at the write of a code, and neither stored nor returned", async (t) => {
  const pair = await openid(t);
  const write = (nonce: string, code: string) =>
    pair.write("oauth2/creds/me", {
      server: "op",
      code,
      redirect_url: "https://a.example/",
      provider_options: { nonce },
    });
  pair.as.tokens.extra = { id_token: idToken(pair, { nonce: "n-1" }) };
  assert.deepEqual((await write("n-2", "c1")).body?.errors, ["exchange failed: oidc: nonce does not match"]);
  assert.equal((await write("n-1", "c2")).status, 204);
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 200);
  assert.doesNotMatch(JSON.stringify(read.body), /n-1/);
});

test("PKCE-02 OA-14 a link works once: its verifier is gone after the code was redeemed, and when it has run out", async (t) => {
  const pair = await openid(t);
  const used = await link(pair, { name: "me" });
  pair.as.tokens.extra = { id_token: idToken(pair, { nonce: used.nonce }) };
  await used.back();
  assert.equal(flowsOf(pair), 0);
  pair.clock.stand(200_000);
  assert.equal((await used.back()).status, 400, "also when nobody holds it any more");
  const late = await link(pair, { name: "late" });
  assert.equal(flowsOf(pair), 1);
  await pair.pass(601_000);
  assert.equal(flowsOf(pair), 0);
  assert.equal((await late.back()).status, 400);
  assert.equal(pair.as.to("/token").length, 1);
});

test("OA-19 C28 a refresh token that comes with client credentials is ignored; what was asked for is read back", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secret: "secret-of-the-client" });
  pair.as.tokens.accessLife = 60;
  pair.as.reply("/token", proper({ refresh_token: "unwanted" }));
  const options = { tenant: "t" };
  const asked = { server: "as", scopes: "a,b", token_url_params: { resource: "r" }, provider_options: options };
  assert.equal((await pair.write("oauth2/self/me", asked)).status, 204);
  const { data } = (await pair.read("oauth2/self/me")).body ?? {};
  assert.deepEqual([data?.token_url_params, data?.provider_options], [{ resource: "r" }, options]);
  pair.clock.advance(58_000);
  await pair.read("oauth2/self/me");
  assert.deepEqual(
    pair.as.to("/token").map(({ form }) => form.get("grant_type")),
    ["client_credentials", "client_credentials"],
  );
});

test("DEV-20 the life of a code counts from before it was asked for", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.deviceLife = 60;
  let answer = () => {};
  pair.as.reply("/device", async (exchange) => {
    await new Promise<void>((done) => {
      answer = done;
    });
    return proper()(exchange);
  });
  const from = pair.clock.now();
  const writing = startDevice(pair);
  await eventually("it is asked for", () => pair.as.to("/device").length === 1);
  await pair.pass(20_000);
  answer();
  const { body } = await writing;
  assert.ok(Date.parse(String(body?.data?.expire_time)) <= from + 60_000);
});

test("DEV-03 after a denial no second code is asked for", async (t) => {
  const pair = await startPair(t);
  await startDevice(pair);
  pair.as.reply("/token", oauthError("access_denied"));
  await pair.pass(600_000);
  const next = await pair.restart();
  await next.pass(60_000);
  assert.equal(pair.as.to("/device").length, 1);
  assert.equal(pair.as.to("/token").length, 1);
});

test("DEV-08 DEV-09 DEV-29 the code stands beside the complete URI, the device code nowhere, and both go when the flow ends", async (t) => {
  const pair = await startPair(t);
  const written = await startDevice(pair);
  const pending = await pair.read("oauth2/creds/me");
  for (const { body } of [written, pending]) {
    assert.match(String(body?.data?.verification_uri_complete), /USER-/);
    assert.match(String(body?.data?.user_code), /^USER-/);
    assert.ok(body?.data?.verification_uri);
    assert.doesNotMatch(JSON.stringify(body), /device-code/);
  }
  pair.as.reply("/token", oauthError("access_denied"));
  await pair.pass(6_000);
  assert.doesNotMatch(JSON.stringify((await pair.read("oauth2/creds/me")).body), /USER-|activate/);
});

test("DEV-23 while a poll hangs there is no second one, however many intervals pass", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_provider_timeout_seconds: 60 });
  await startDevice(pair);
  pair.as.reply("/token", hang);
  await pair.pass(50_000);
  assert.equal(pair.as.to("/token").length, 1);
});

test("C26 C27 pending under 401 is pending", async (t) => {
  const pair = await startPair(t);
  await startDevice(pair);
  pair.as.reply("/token", oauthError("authorization_pending", 401), proper());
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  assert.equal((await pair.read("oauth2/creds/me")).body?.data?.status, "pending");
  await pair.pass(6_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("A21 a stranger's tokens are handed to nobody, and revoked", async (t) => {
  const pair = await openid(t);
  pair.as.tokens.accessLife = 100;
  pair.as.tokens.extra = { id_token: idToken(pair, { sub: "alice" }) };
  await pair.write("oauth2/creds/me", { server: "op", refresh_token: pair.as.tokens.grant() });
  pair.as.tokens.extra = { id_token: idToken(pair, { sub: "mallory" }) };
  await pair.passUntil("it is refreshed", () => pair.as.to("/token").length === 2);
  await pair.pass(5_000);
  assert.equal((await pair.read("oauth2/creds/me")).body?.data?.reason, "subject_changed");
  assert.equal(pair.as.to("/revoke").length, 1);
});

test("C33 C35 extra data come as asked for, and stay when a refresh brings no id_token", async (t) => {
  const pair = await openid(t, { extra_data_fields: "id_token,id_token_claims" });
  pair.as.tokens.accessLife = 100;
  const token = idToken(pair);
  pair.as.tokens.extra = { id_token: token };
  await pair.write("oauth2/creds/me", { server: "op", refresh_token: pair.as.tokens.grant() });
  const before = (await pair.read("oauth2/creds/me")).body?.data?.extra_data as Record<string, unknown>;
  assert.equal(before.id_token, token);
  pair.as.tokens.extra = {};
  await pair.passUntil("it is refreshed", () => pair.as.to("/token").length === 2);
  await pair.pass(2_000);
  assert.deepEqual((await pair.read("oauth2/creds/me")).body?.data?.extra_data, before);
});

test("C16 C19 C21 C24 C30 no expiry, options kept, the cap, and the least life a reader wants", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 0 });
  pair.as.tokens.accessLife = undefined;
  await pair.write("oauth2/creds/plain", { server: "as", code: "c", redirect_url: "https://a.example/" });
  const plain = await pair.read("oauth2/creds/plain");
  assert.deepEqual(
    [plain.body?.data?.type, plain.body?.data?.expire_time, plain.body?.lease_duration],
    ["Bearer", undefined, 0],
  );
  const provider_options = { tenant: "t" };
  await importGrant(pair, "capped", { maximum_expiry_seconds: 100, provider_options });
  const life = async (name: string) => (await pair.read(`oauth2/creds/${name}`)).body?.lease_duration ?? 0;
  assert.ok((await life("capped")) <= 100 && (await life("capped")) >= 99);
  pair.as.tokens.accessLife = 40;
  await importGrant(pair, "short", { maximum_expiry_seconds: 100, provider_options });
  assert.ok((await life("short")) <= 40, "the provider's own expiry is earlier");
  pair.clock.advance(38_000);
  const refreshed = await pair.read("oauth2/creds/short");
  assert.deepEqual([refreshed.status, refreshed.body?.data?.provider_options], [200, provider_options]);
  assert.equal(refreshed.body?.data?.maximum_expiry_seconds, 100);
  pair.clock.advance(25_000);
  const sent = pair.as.to("/token").length;
  assert.equal((await pair.read("oauth2/creds/short?minimum_seconds=10")).status, 200);
  assert.equal(pair.as.to("/token").length, sent, "below what is left: reused");
  assert.equal((await pair.read("oauth2/creds/short?minimum_seconds=30")).status, 200);
  assert.equal(pair.as.to("/token").length, sent + 1, "above what is left: refreshed");
  const never = await pair.read("oauth2/creds/short?minimum_seconds=500");
  assert.deepEqual([never.status, never.body?.data?.reason], [400, "token_too_short"]);
});

test("C7 C8 C9 C10 a server is read without its secret, listed in order, and each credential uses its own client", async (t) => {
  const pair = await startPair(t);
  assert.equal((await pair.read("oauth2/servers/none")).status, 404);
  for (const name of ["z", "b", "a"]) {
    await configure(pair, pair.as, { client_id: `client-${name}`, client_secret: `secret-of-${name}` }, name);
  }
  const { data } = (await pair.read("oauth2/servers/z")).body ?? {};
  assert.equal(data?.provider_version, 2);
  assert.doesNotMatch(JSON.stringify(data), /secret-of/);
  assert.deepEqual((await pair.read("oauth2/servers?list=true")).body?.data?.keys, ["a", "as", "b", "z"]);
  for (const server of ["z", "a"]) await importGrant(pair, server, { server });
  assert.deepEqual(
    pair.as.to("/token").map(({ form, headers }) => [form.get("client_id"), headers.authorization === undefined]),
    [
      [null, false],
      [null, false],
    ],
  );
  const clients = pair.as.to("/token").map(({ headers }) => atob(String(headers.authorization).slice(6)).split(":")[0]);
  assert.deepEqual(clients, ["client-z", "client-a"]);
});

test("C36 C38 8.3 a background refresh is cut after the provider timeout, one for an expired token later", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_provider_timeout_seconds: 20, tune_refresh_check_interval_seconds: 10 });
  pair.as.tokens.accessLife = 100;
  await importGrant(pair);
  pair.as.reply("/token", hang);
  await pair.passUntil("a refresh hangs", () => pair.as.to("/token").length === 2, 200_000);
  const began = pair.as.to("/token")[1]?.at ?? 0;
  await pair.passUntil("it is cut", () => pair.as.holding.size === 0, 60_000);
  const lasted = (pair.clock.now() - began) / 1000;
  assert.ok(lasted >= 19.5 && lasted <= 23, `${lasted} s`);
});

/** How long the one request that hangs now is waited for. Seconds. */
async function lasts({ as, clock }: Pair): Promise<number> {
  await eventually("a request hangs", () => as.holding.size === 1);
  const began = clock.now();
  while (as.holding.size > 0) {
    clock.advance(500);
    await turns(10);
  }
  return (clock.now() - began) / 1000;
}

test("C37 C39 8.3 a refresh of an expired token may take longer by the leeway; not with a leeway of 1, nor where nothing expires", async (t) => {
  for (const [leeway, longest] of [
    [1.5, 30],
    [1, 20],
  ] as const) {
    const pair = await startPair(t);
    await pair.write("oauth2/config", {
      tune_provider_timeout_seconds: 20,
      tune_provider_timeout_expiry_leeway_factor: leeway,
      tune_refresh_check_interval_seconds: 0,
    });
    pair.as.tokens.accessLife = 100;
    await importGrant(pair);
    pair.as.reply("/token", hang);
    const writing = pair.write("oauth2/creds/you", { server: "as", refresh_token: pair.as.tokens.grant() });
    const nothing = await lasts(pair);
    assert.ok(Math.abs(nothing - 20) <= 1, `${nothing} s where no token is at stake`);
    assert.equal((await writing).body?.data?.reason, "outcome_unknown");
    pair.as.behave("/token");
    await importGrant(pair, "they");
    pair.as.reply("/token", hang);
    pair.clock.advance(81_000);
    const reading = pair.read("oauth2/creds/me");
    const expired = await lasts(pair);
    assert.ok(Math.abs(expired - longest) <= 1, `${expired} s with a leeway of ${leeway}`);
    assert.equal((await reading).status, 503);
  }
});

test("C40 C41 each kind of reaping, with its reason; a dry run only says so", async (t) => {
  const reap = { tune_reap_check_interval_seconds: 30, tune_quarantine_seconds: 0 };
  const cases: readonly [string, Record<string, unknown>, (pair: Pair) => Promise<unknown>, RegExp][] = [
    [
      "a failed flow",
      { tune_reap_revoked_seconds: 60 },
      async (pair) => {
        await startDevice(pair);
        pair.as.reply("/token", oauthError("access_denied"));
      },
      /^token revoked: .*access_denied/,
    ],
    [
      "without refresh token",
      { tune_reap_non_refreshable_seconds: 60 },
      async (pair) => {
        pair.as.reply("/token", json(200, { access_token: "at", token_type: "Bearer", expires_in: 30 }));
        await pair.write("oauth2/creds/me", { server: "as", code: "c", redirect_url: "https://a.example/" });
      },
      /^token expired$/,
    ],
    [
      "server gone",
      { tune_reap_server_deleted_seconds: 60 },
      async (pair) => {
        pair.as.tokens.accessLife = 30;
        await importGrant(pair);
        await pair.delete("oauth2/servers/as");
      },
      /^server "as" has configuration problems/,
    ],
    [
      "only trouble",
      { tune_reap_transient_error_attempts: 2, tune_reap_transient_error_seconds: 60 },
      async (pair) => {
        pair.as.tokens.accessLife = 30;
        await importGrant(pair);
        pair.as.reply("/token", reset);
      },
      /^transient errors exceeded limits/,
    ],
  ];
  for (const [title, settings, make, reason] of cases) {
    for (const dry of [false, true]) {
      const pair = await startPair(t);
      await pair.write("oauth2/config", { ...reap, ...settings, tune_reap_dry_run: dry });
      await make(pair);
      await pair.pass(50_000);
      assert.equal(reaped(pair).length + reaped(pair, "would_reap").length, 0, `${title}: not before its time`);
      await pair.pass(400_000);
      const lines = reaped(pair, dry ? "would_reap" : "reaped");
      assert.ok(lines.length >= 1, `${title}, dry: ${dry}`);
      assert.match(lines[0].reason, reason);
      assert.equal((await pair.read("oauth2/creds?list=true")).status, dry ? 200 : 404, `${title}, dry: ${dry}`);
    }
  }
});

test("TX-05 an exchanged token does not outlive its subject", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  await importGrant(pair);
  pair.as.reply("/token", proper({ expires_in: 5_000 }));
  const read = await pair.read("oauth2/sts/me?audience=x");
  assert.ok((read.body?.lease_duration ?? 0) <= 100);
});

test("RES-01 a resource with a fragment is refused before anything is sent", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  const read = await pair.read(`oauth2/sts/me?resource=${encodeURIComponent("https://a.example/x#y")}`);
  assert.deepEqual([read.status, read.body?.data?.reason], [400, "invalid_target"]);
  assert.equal(pair.as.to("/token").length, 1);
});

test("A20 the body of an odd answer reaches no writer either", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secret: "secret-of-the-client" });
  const odd = json(500, { secret: "INTERNAL", trace: "at line 1" });
  for (const path of ["/token", "/device"]) pair.as.reply(path, odd);
  const answers = [
    await pair.write("oauth2/creds/a", { server: "as", code: "c", redirect_url: "https://a.example/" }),
    await pair.write("oauth2/creds/a", { server: "as", grant_type: DEVICE }),
    await pair.write("oauth2/self/a", { server: "as" }),
  ];
  for (const { status, body } of answers) {
    assert.ok(status === 400 || status === 502);
    assert.doesNotMatch(JSON.stringify(body), /INTERNAL|trace/);
  }
});

test("C18 a device request whose every secret is refused names each refusal", async (t) => {
  const pair = await startPair(t);
  const secrets = { client_secrets: ["one", "two"], token_endpoint_auth_method: "client_secret_post" };
  await configure(pair, pair.as, secrets);
  pair.as.reply("/device", oauthError("invalid_client", 401));
  const { status, body } = await startDevice(pair);
  const line = "\n\t\t* device code authorization request failed: server rejected request: invalid_client";
  assert.deepEqual([status, body?.errors], [400, [`provider request failed for all client secrets:${line}${line}`]]);
});
