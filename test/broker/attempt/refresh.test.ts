import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import {
  commitThen,
  commitThenReset,
  echo,
  empty,
  hang,
  html,
  json,
  oauthError,
  proper,
  redirect,
  reset,
} from "../../servers/faults.ts";
import type { Fault } from "../../servers/misbehaving.ts";
import { startServer } from "../../servers/watched.ts";
import { eventually } from "../../support/eventually.ts";
import { configure, importGrant, startDevice, startPair } from "../../support/misbehaving.ts";
import { turns } from "../../support/turns.ts";

test("a token is refreshed before it expires without a read; a rotated refresh token replaces the old", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  const before = (await pair.read("oauth2/creds/me")).body?.data?.access_token;
  await pair.pass(540_000);
  const after = (await pair.read("oauth2/creds/me")).body;
  assert.notEqual(after?.data?.access_token, before);
  await pair.pass(3_600_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  assert.equal(pair.as.tokens.replays, 0);
  assert.equal(pair.as.tokens.revoked, 0);
});

test("C22 only what is in the window is refreshed, C23 a new interval acts at once and 0 stops", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 1_000;
  await importGrant(pair);
  const count = () => pair.as.to("/token").length;
  await pair.pass(500_000);
  assert.equal(count(), 1);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 600 });
  await pair.pass(2_000);
  assert.equal(count(), 2);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 0 });
  await pair.pass(2_000_000);
  assert.equal(count(), 2);
});

test("I4 500 readers at expiry cause one refresh", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 0 });
  pair.as.tokens.accessLife = 60;
  await importGrant(pair);
  pair.clock.advance(59_000);
  const reads = await Promise.all(Array.from({ length: 500 }, () => pair.read("oauth2/creds/me")));
  assert.ok(reads.every(({ status }) => status === 200));
  assert.equal(new Set(reads.map(({ body }) => body?.data?.access_token)).size, 1);
  assert.equal(pair.as.to("/token").length, 2);
  assert.equal(pair.as.tokens.replays, 0);
});

test("A15 a read of a valid token never waits for a refresh, nor for a hung provider", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  pair.as.reply("/token", hang);
  await pair.passUntil("the refresh hangs", () => pair.as.to("/token").length === 2);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("a read that needs a refresh waits 9 s, then says so; the refresh goes on", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 0 });
  pair.as.tokens.accessLife = 60;
  await importGrant(pair);
  pair.clock.advance(55_000);
  let release = () => {};
  pair.as.reply("/token", async (exchange) => {
    await new Promise<void>((done) => {
      release = done;
    });
    return proper()(exchange);
  });
  const reading = pair.read("oauth2/creds/me");
  await eventually("the refresh is under way", () => pair.as.to("/token").length === 2);
  await pair.pass(9_500);
  const read = await reading;
  assert.equal(read.status, 503);
  assert.equal(read.body?.data?.reason, "refresh_in_progress");
  assert.equal(read.headers.get("retry-after"), "2");
  release();
  await turns();
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("A10 a caller that hangs up does not abort a refresh", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 0 });
  pair.as.tokens.accessLife = 60;
  await importGrant(pair);
  pair.clock.advance(55_000);
  let release = () => {};
  pair.as.reply("/token", async (exchange) => {
    await new Promise<void>((done) => {
      release = done;
    });
    return proper()(exchange);
  });
  const gone = new AbortController();
  const headers = { "x-vault-token": "hvs.test-root-token-of-the-suite" };
  const reading = fetch(`${pair.running.address}/v1/oauth2/creds/me`, { headers, signal: gone.signal });
  await eventually("the refresh is under way", () => pair.as.to("/token").length === 2);
  gone.abort();
  await assert.rejects(reading);
  await turns(300);
  assert.equal(pair.as.holding.size, 1, "the provider sees nothing of it");
  release();
  pair.as.behave();
  const read = await eventually("the new token", async () => {
    const answer = await pair.read("oauth2/creds/me");
    return answer.status === 200 ? answer : undefined;
  });
  assert.equal(pair.as.to("/token").length, 2);
  assert.ok(read.body?.data?.access_token);
});

test("A11 after an ambiguous failure no other secret and no other method is tried", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secrets: ["one", "two"], token_endpoint_auth_method: "client_secret_post" });
  await importGrant(pair);
  pair.as.reply("/token", commitThenReset, commitThenReset, commitThenReset, commitThenReset);
  await pair.pass(3_600_000);
  const secrets = new Set(pair.as.to("/token").map(({ form }) => form.get("client_secret")));
  assert.deepEqual([...secrets], ["one"]);
});

test("C17 secrets in order, the third works and is remembered", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, {
    client_secrets: ["one", "two", "three"],
    token_endpoint_auth_method: "client_secret_post",
  });
  const onlyThree = (exchange: Parameters<ReturnType<typeof proper>>[0]) =>
    (exchange.form.get("client_secret") === "three" ? proper() : oauthError("invalid_client", 401))(exchange);
  pair.as.reply("/token", onlyThree);
  await importGrant(pair);
  await importGrant(pair, "other");
  const tried = pair.as.to("/token").map(({ form }) => form.get("client_secret"));
  assert.deepEqual(tried, ["one", "two", "three", "three"]);
});

test("C18 all secrets refused: the combined text; another code ends the search", async (t) => {
  const pair = await startPair(t);
  const two = { client_secrets: ["one", "two"], token_endpoint_auth_method: "client_secret_post" };
  await configure(pair, pair.as, two);
  const write = () => pair.write("oauth2/creds/me", { server: "as", refresh_token: "x" });
  pair.as.reply("/token", oauthError("invalid_client", 401));
  const all = await write();
  const each = "refresh failed: server rejected request: invalid_client";
  assert.deepEqual(all.body?.errors, [`provider request failed for all client secrets:\n\t\t* ${each}\n\t\t* ${each}`]);
  const before = pair.as.to("/token").length;
  pair.as.reply("/token", oauthError("invalid_grant"));
  assert.deepEqual((await write()).body?.errors, ["refresh failed: server rejected request: invalid_grant"]);
  assert.equal(pair.as.to("/token").length, before + 1);
});

test("A12 mixed 503 and invalid_client over several secrets stays retryable", async (t) => {
  const pair = await startPair(t);
  const two = { client_secrets: ["one", "two"], token_endpoint_auth_method: "client_secret_post" };
  await configure(pair, pair.as, two);
  pair.as.reply("/token", oauthError("invalid_client", 401), empty(503));
  const written = await pair.write("oauth2/creds/me", { server: "as", refresh_token: pair.as.tokens.grant() });
  assert.equal(written.status, 502);
});

test("A13 invalid_client never leads to a deletion, and a server write ends it", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  pair.as.reply("/token", oauthError("invalid_client", 401));
  await pair.pass(3 * 86_400_000);
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 503);
  assert.equal(read.body?.data?.reason, "invalid_client");
  pair.as.behave();
  await configure(pair, pair.as);
  await pair.pass(2_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("A14 CL-04 a dead grant is confirmed once, then causes no upstream call until rewritten", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  const token = await importGrant(pair);
  assert.ok(token);
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.passUntil("the grant is suspected", () => pair.as.to("/token").length === 2);
  const suspect = await pair.read("oauth2/creds/me");
  assert.equal(suspect.status, 200);
  assert.match(String(suspect.body?.warnings?.[0]), /^1 attempt to refresh this token failed, most recently: /);
  const suspected = pair.clock.now();
  await pair.passUntil("it is confirmed", () => pair.as.to("/token").length === 3);
  assert.ok(pair.clock.now() - suspected >= 29_000, "not at once");
  await pair.pass(140_000);
  const dead = await pair.read("oauth2/creds/me");
  assert.equal(dead.status, 400);
  assert.equal(dead.body?.data?.reason, "invalid_grant");
  await pair.pass(1_800_000);
  await Promise.all(Array.from({ length: 20 }, () => pair.read("oauth2/creds/me")));
  assert.equal(pair.as.to("/token").length, 3);
});

test("a dead grant whose access token still lives is served with a warning", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 3_600;
  await importGrant(pair);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 600 });
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.pass(3_000_000);
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 200);
  assert.match(String(read.body?.warnings?.[0]), /^token will expire: refresh failed: /);
});

test("a refresh in doubt is repeated within the grace its server is said to have", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { provider_options: { rotation: "grace:30" } });
  pair.as.tokens.accessLife = 600;
  pair.as.tokens.rotation = "reusable";
  await importGrant(pair);
  // After so many failures the back-off alone would wait for minutes.
  const refusals = Array<Fault>(8).fill(oauthError("invalid_scope"));
  pair.as.reply("/token", oauthError("invalid_scope"), ...refusals, commitThenReset);
  await pair.passUntil("its answer is lost", () => pair.as.to("/token").length === 11, 36_000_000);
  const lost = pair.clock.now();
  const recovers: Fault = (exchange) => (pair.clock.now() - lost > 20_000 ? proper() : reset)(exchange);
  pair.as.reply("/token", recovers);
  await pair.pass(30_000);
  const { body } = await pair.read("oauth2/creds/me/history");
  const attempts = body?.data?.attempts as { outcome: string }[];
  assert.equal(attempts.at(-1)?.outcome, "recovered");
});

test("lost_in_rotation: the provider rotated, the answer was lost, the replay is refused", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  pair.as.reply("/token", commitThenReset, proper());
  await pair.pass(3_600_000);
  const read = await pair.read("oauth2/creds/me");
  assert.equal(read.status, 400);
  assert.equal(read.body?.data?.reason, "lost_in_rotation");
});

test("a provider that keeps the old token loses nothing by a lost answer", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  pair.as.tokens.rotation = "reusable";
  await importGrant(pair);
  pair.as.reply("/token", commitThenReset, commitThen(500), proper());
  await pair.pass(1_200_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("I6 5xx, HTML, redirects and 429 are never terminal", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  pair.as.tokens.rotation = "reusable";
  await importGrant(pair);
  pair.as.reply(
    "/token",
    html(500),
    html(403),
    html(200),
    redirect(307, "http://127.0.0.1:1/"),
    empty(429, { "retry-after": "5" }),
    json(200, {}),
    proper(),
  );
  await pair.pass(7_200_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("CL-10 slow_down to a refresh is a throttle, not a fault that an operator would have to mend", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  await importGrant(pair);
  pair.as.reply("/token", json(429, { error: "slow_down" }, { "retry-after": "90" }), proper());
  await pair.passUntil("a refresh is throttled", () => pair.as.to("/token").length === 2);
  await pair.pass(88_000);
  assert.equal(pair.as.to("/token").length, 2, "it is left alone as long as it asked");
  const read = await pair.read("oauth2/creds/me");
  assert.deepEqual([read.status, read.body?.data?.reason], [503, "temporarily_unavailable"]);
  await pair.pass(6_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("A18 discovery ends within the provider timeout", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_provider_timeout_seconds: 5 });
  pair.as.reply("/.well-known/openid-configuration", hang);
  const writing = pair.write("oauth2/servers/slow", {
    provider: "oidc",
    client_id: "c",
    provider_options: { issuer_url: pair.as.issuer },
  });
  await eventually("discovery is asked", () => pair.as.to("/.well-known/openid-configuration").length === 1);
  await pair.pass(5_500);
  const written = await writing;
  assert.equal(written.status, 502);
  assert.match(String(written.body?.errors?.[0]), /^option "issuer_url": error creating OIDC provider/);
  assert.equal((await pair.read("oauth2/servers/slow")).status, 404);
});

test("A19 N17 no secret follows a redirect, to its own origin or another", async (t) => {
  const sink = await startServer(t);
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secret: "s3cret-value" });
  for (const status of [301, 302, 303, 307, 308]) {
    for (const origin of [pair.as.issuer, sink.issuer]) {
      pair.as.reply("/token", redirect(status, `${origin}/elsewhere`));
      pair.as.reply("/device", redirect(status, `${origin}/elsewhere`));
      const written = await pair.write("oauth2/creds/me", { server: "as", refresh_token: "rt" });
      assert.ok(written.status >= 400);
      assert.ok((await startDevice(pair)).status >= 400);
    }
  }
  assert.equal(pair.as.to("/elsewhere").length, 0);
  assert.equal(sink.requests.length, 0);
});

test("A19 discovery asks no other origin, whatever redirects there; a server is not written by what a redirect names", async (t) => {
  const sink = await startServer(t);
  const pair = await startPair(t);
  pair.as.reply("/elsewhere", json(200, { issuer: pair.as.issuer, token_endpoint: `${sink.issuer}/token` }));
  const server = {
    provider: "oidc",
    client_id: "c",
    client_secret: "s",
    provider_options: { issuer_url: pair.as.issuer },
  };
  for (const origin of [pair.as.issuer, sink.issuer]) {
    for (const name of ["openid-configuration", "oauth-authorization-server"]) {
      pair.as.reply(`/.well-known/${name}`, redirect(307, `${origin}/elsewhere`));
    }
    assert.equal((await pair.write("oauth2/servers/op", server)).status, 400);
  }
  assert.equal((await pair.read("oauth2/servers/op")).status, 404);
  const looks = pair.as.to("/elsewhere");
  assert.deepEqual(
    looks.map(({ method, form }) => [method, form.size]),
    [["GET", 0]],
    "once, for the issuer that the error names (FC-39)",
  );
  assert.equal(sink.requests.length, 0);
});

test("A20 no upstream body, and no secret it echoes, reaches a reader", async (t) => {
  const pair = await startPair(t);
  for (const fault of [html(500), html(200), html(404), echo("invalid_grant"), echo("invalid_scope")]) {
    pair.as.reply("/token", fault);
    const written = await pair.write("oauth2/creds/me", { server: "as", refresh_token: "very-secret-refresh-token" });
    const text = JSON.stringify(written.body);
    assert.ok(!text.includes("Gateway") && !text.includes("very-secret-refresh-token"), text);
  }
});

test("A24 too short and expired are told apart", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 0 });
  pair.as.tokens.accessLife = 600;
  await pair.write("oauth2/creds/me", { server: "as", code: "c1", redirect_url: "https://x.example/" });
  const short = await pair.read("oauth2/creds/me?minimum_seconds=900");
  assert.equal(short.status, 400);
  assert.equal(short.body?.data?.reason, "token_too_short");
  assert.match(String(short.body?.errors?.[0]), /^token is valid for 600 s, less than the 900 s asked for$/);
  assert.equal(pair.as.to("/token").length, 1, "an unattainable minimum refreshes nothing");
  pair.as.reply("/token", proper({ refresh_token: undefined }));
  await pair.write("oauth2/creds/you", { server: "as", code: "c2", redirect_url: "https://x.example/" });
  pair.clock.advance(595_000);
  const expired = await pair.read("oauth2/creds/you");
  assert.equal(expired.status, 400);
  assert.deepEqual(expired.body?.errors, ["token expired"]);
  assert.equal(expired.body?.data?.reason, "token_expired");
});

test("A24 too short a token of a dead grant says that there will be no other", async (t) => {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 600 });
  pair.as.tokens.accessLife = 3_600;
  await importGrant(pair);
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.passUntil("the death is confirmed", () => pair.as.to("/token").length === 3, 3_600_000);
  const short = await pair.read("oauth2/creds/me?minimum_seconds=3000");
  assert.equal(short.status, 400);
  const { reason, status, provider_error } = short.body?.data ?? {};
  assert.deepEqual(
    { reason, status, provider_error },
    {
      reason: "token_too_short",
      status: "issued",
      provider_error: "invalid_grant",
    },
  );
  assert.match(
    String(short.body?.errors),
    /^token is valid for \d+ s, less than the 3000 s asked for; token will expire: refresh failed: .*invalid_grant$/,
  );
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
});

test("C25 server deleted: its text after expiry; created again with another client: works", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  await pair.delete("oauth2/servers/as");
  const valid = await pair.read("oauth2/creds/me");
  const text = 'server "as" has configuration problems: server configuration does not exist (was it deleted?)';
  assert.deepEqual(valid.body?.warnings, [text]);
  await pair.pass(700_000);
  const gone = await pair.read("oauth2/creds/me");
  assert.equal(gone.status, 503);
  assert.deepEqual(gone.body?.errors, [text]);
  await configure(pair, pair.as, { client_id: "another" });
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  assert.equal(pair.as.to("/token").at(-1)?.form.get("client_id"), "another");
});

test("I7 delete wins: a refresh that ends after the delete is revoked, and nothing comes back", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  let release = () => {};
  pair.as.reply("/token", async (exchange) => {
    const rotated = exchange.proper();
    await new Promise<void>((done) => {
      release = done;
    });
    return json(rotated.status, rotated.body)(exchange);
  });
  await pair.passUntil("the refresh is under way", () => pair.as.to("/token").length === 2);
  const deleted = await pair.delete("oauth2/creds/me");
  assert.ok(deleted.status === 204 || deleted.status === 200);
  release();
  const revoked = () => new Set(pair.as.to("/revoke").map(({ form }) => form.get("token"))).size;
  await pair.passUntil("the old and the new token are revoked", () => revoked() === 2, 600_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 404);
});

test("I7 a reader whose refresh waited for a place while the credential was deleted is told that there is none", async (t) => {
  const pair = await startPair(t);
  const names = ["1", "2", "3", "4", "5", "6", "7", "8", "me"];
  pair.as.tokens.accessLife = 100;
  for (const name of names) await importGrant(pair, name);
  pair.clock.advance(10_000);
  const [refreshes, revocations] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const heldUntil =
    ({ promise }: { promise: Promise<void> }): Fault =>
    async (exchange) => {
      await promise;
      return proper()(exchange);
    };
  pair.as.reply("/token", heldUntil(refreshes));
  pair.as.reply("/revoke", heldUntil(revocations));
  const reads = names.map((name) => pair.read(`oauth2/creds/${name}?minimum_seconds=95`));
  await eventually("every place is taken", () => pair.as.to("/token").length === names.length + 6);
  const deleted = pair.delete("oauth2/creds/me");
  await eventually("it is deleted, and its revocation is under way", () => pair.as.to("/revoke").length === 1);
  refreshes.resolve();
  assert.deepEqual(
    (await Promise.all(reads)).map(({ status }) => status),
    [...names.slice(1).map(() => 200), 404],
  );
  revocations.resolve();
  assert.equal((await deleted).status, 204);
});

test("REV-03 REV-05 a revocation that fails for now is tried again from the store", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  pair.as.reply("/revoke", empty(503), empty(503), proper());
  const deleted = await pair.delete("oauth2/creds/me");
  assert.equal(deleted.status, 200);
  assert.match(String(deleted.body?.warnings?.[0]), /^credential removed, revocation will be tried again: /);
  const again = await pair.restart();
  await again.pass(600_000);
  assert.equal(pair.as.to("/revoke").length, 3);
});

test("OA-10 OA-11 BCP-07 no refresh token in the answer keeps the old one, and no scope is asked for", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  pair.as.tokens.rotation = "none";
  const token = await importGrant(pair);
  await pair.pass(1_800_000);
  const sent = pair.as.to("/token").map(({ form }) => form.get("refresh_token"));
  assert.ok(sent.length >= 3);
  assert.deepEqual([...new Set(sent)], [token]);
  assert.equal(pair.as.to("/token").at(-1)?.form.get("scope"), null, "OA-11 a refresh asks for no scope");
});

test("D09 the store fails just after the provider answered: the answer is committed when it can be written again", async (t) => {
  for (const start of ["refresh", "poll", "import"] as const) {
    const pair = await startPair(t);
    pair.as.tokens.accessLife = 600;
    pair.as.tokens.approved = true;
    const blocker = new DatabaseSync(join(pair.data, "coatcheck.db"), { timeout: 0 });
    const answerThenBlock: Fault = (exchange) => {
      blocker.exec("BEGIN IMMEDIATE");
      return proper()(exchange);
    };
    if (start === "refresh") await importGrant(pair);
    const before = pair.as.to("/token").length;
    pair.as.reply("/token", answerThenBlock);
    const token = pair.as.tokens.grant();
    const writing =
      start === "import"
        ? pair.write("oauth2/creds/me", { server: "as", refresh_token: token })
        : start === "poll" && (await startDevice(pair));
    await pair.passUntil("the provider has answered", () => pair.as.to("/token").length > before);
    await turns();
    pair.as.behave();
    blocker.exec("ROLLBACK");
    blocker.close();
    await pair.pass(10_000);
    await writing;
    const read = await pair.read("oauth2/creds/me");
    assert.equal(read.status, 200, `${start}: ${JSON.stringify(read.body)}`);
    assert.equal(pair.as.to("/token").length, before + 1, `${start}: nothing is asked twice`);
    assert.ok(
      pair.logged.some((line) => line.includes("escrow_failed")),
      start,
    );
  }
});
