import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { commitThenHang, hang, json, oauthError, proper } from "../../servers/faults.ts";
import type { Fault, Misbehaving } from "../../servers/misbehaving.ts";
import { startServer } from "../../servers/watched.ts";
import { type Coatcheck, startCoatcheck } from "../../support/coatcheck.ts";
import { startAfterCrash } from "../../support/crash.ts";
import { eventually } from "../../support/eventually.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { configure, DEVICE } from "../../support/misbehaving.ts";
import { turns } from "../../support/turns.ts";

interface Stage {
  readonly as: Misbehaving;
  readonly broker: Coatcheck;
  /** A broker that starts from what is on the disk now, as after kill -9. */
  crashed(): Promise<Coatcheck>;
}

/** An OpenID provider `op`, and the same one as `as` without id_tokens. */
async function stage(t: TestContext): Promise<Stage> {
  let clock = new FakeClock();
  const as = await startServer(t, () => clock.now());
  const broker = await startCoatcheck(t, { clock });
  const server = { provider: "oidc", client_id: "client", provider_options: { issuer_url: as.issuer } };
  assert.equal((await broker.write("oauth2/servers/op", server)).status, 204);
  await configure(broker, as);
  const crashed = async () => {
    const next = await startAfterCrash(t, broker, as);
    clock = next.clock;
    return next;
  };
  return { as, broker, crashed };
}

/** Answers carry an id_token from now on, and its verification hangs: what has come stays in escrow. */
function holdInEscrow({ as, broker }: Stage): void {
  as.tokens.extra = { id_token: as.idTokens.make(Math.floor(broker.clock.now() / 1000)) };
  as.reply("/jwks", hang);
}

function discoveryFails(as: Misbehaving): void {
  as.behave();
  for (const name of ["openid-configuration", "oauth-authorization-server"]) {
    as.reply(`/.well-known/${name}`, json(503, {}));
  }
}

test("A9 D02 an answer in escrow outlives a crash also when discovery fails at the next start", async (t) => {
  for (const kind of ["refresh", "poll"] as const) {
    const on = await stage(t);
    const { as, broker } = on;
    as.tokens.accessLife = 600;
    as.tokens.approved = true;
    if (kind === "refresh") {
      await broker.write("oauth2/creds/me", { server: "op", refresh_token: as.tokens.grant() });
    } else await broker.write("oauth2/creds/me", { server: "op", grant_type: DEVICE });
    holdInEscrow(on);
    await broker.passUntil("it is in escrow", () => as.to("/jwks").length === 1, 3_600_000);
    discoveryFails(as);
    const next = await on.crashed();
    await next.pass(10_000);
    as.behave();
    as.tokens.accessLife = 3_600;
    await next.pass(60_000);
    assert.equal((await next.read("oauth2/creds/me")).status, 200, kind);
    assert.equal(as.tokens.replays, 0, kind);
  }
});

test("A9 an answer in escrow waits for a server that was deleted", async (t) => {
  const on = await stage(t);
  const { as, broker } = on;
  as.tokens.accessLife = 600;
  await broker.write("oauth2/creds/me", { server: "op", refresh_token: as.tokens.grant() });
  holdInEscrow(on);
  await broker.passUntil("it is in escrow", () => as.to("/jwks").length === 1, 3_600_000);
  const next = await on.crashed();
  await next.delete("oauth2/servers/op");
  await next.pass(90_000);
  as.behave();
  const server = { provider: "oidc", client_id: "client", provider_options: { issuer_url: as.issuer } };
  await next.write("oauth2/servers/op", server);
  await next.pass(60_000);
  assert.equal((await next.read("oauth2/creds/me")).status, 200);
  assert.equal(as.tokens.replays, 0);
});

test("FC-08 A9 a login whose refresh has an answer in escrow lends no refresh token to the next one: that one is spent", async (t) => {
  const on = await stage(t);
  const { as, broker } = on;
  as.tokens.accessLife = 600;
  as.tokens.approved = true;
  const idToken = () => as.idTokens.make(Math.floor(broker.clock.now() / 1000));
  as.tokens.extra = { id_token: idToken() };
  await broker.write("oauth2/creds/me", { server: "op", grant_type: DEVICE });
  await broker.passUntil("it is there", () => as.to("/jwks").length === 1);
  as.tokens.extra = {};
  as.idTokens.rotate("k2");
  holdInEscrow(on);
  await broker.passUntil("it is in escrow", () => as.to("/jwks").length === 2, 3_600_000);
  discoveryFails(as);
  const next = await on.crashed();
  await next.pass(10_000);
  as.behave();
  as.tokens.extra = { id_token: idToken(), refresh_token: undefined };
  await next.write("oauth2/creds/me", { server: "op", grant_type: DEVICE });
  await next.pass(10_000);
  assert.equal((await next.read("oauth2/creds/me")).status, 200);
  as.tokens.extra = {};
  await next.pass(700_000);
  assert.equal(as.tokens.replays, 0);
});

test("A9 REV-06 an import that is repeated after a crash is not revoked by the recovery of the first", async (t) => {
  const on = await stage(t);
  const { as, broker } = on;
  as.tokens.rotation = "none";
  holdInEscrow(on);
  const refresh_token = as.tokens.grant();
  void broker.write("oauth2/creds/me", { server: "op", refresh_token }).catch(() => {});
  await eventually("it is in escrow", () => as.to("/jwks").length === 1);
  await turns();
  as.behave();
  const next = await on.crashed();
  assert.equal((await next.write("oauth2/creds/me", { server: "op", refresh_token })).status, 204);
  await next.pass(60_000);
  assert.ok(next.logged.some((line) => line.includes("redemption_recovered")));
  assert.ok(as.tokens.isGood(refresh_token));
  assert.equal((await next.read("oauth2/creds/me")).status, 200);
});

test("A9 an import whose process was stopped beyond its lease is finished once, and revoked never", async (t) => {
  const on = await stage(t);
  const { as, broker } = on;
  as.tokens.extra = { id_token: as.idTokens.make(Math.floor(broker.clock.now() / 1000)) };
  let verify = () => {};
  as.reply("/jwks", async (exchange) => {
    await new Promise<void>((done) => {
      verify = done;
    });
    return json(200, as.idTokens.jwks)(exchange);
  });
  const writing = broker.write("oauth2/creds/me", { server: "op", refresh_token: as.tokens.grant() });
  await eventually("it is being verified", () => as.to("/jwks").length === 1);
  await turns();
  broker.clock.stand(25_000);
  await broker.pass(2_000);
  verify();
  assert.equal((await writing).status, 204);
  await broker.pass(30_000);
  assert.equal((await broker.read("oauth2/creds/me")).status, 200);
  assert.equal(as.to("/revoke").length, 0);
});

test("A9 I2 an import that another instance gave up while this one slept is stored all the same", async (t) => {
  const { as, broker } = await stage(t);
  as.reply("/token", (exchange) => {
    const elsewhere = new DatabaseSync(join(broker.data, "coatcheck.db"));
    assert.equal(elsewhere.prepare("DELETE FROM row WHERE kind = 'flow'").run().changes, 1);
    elsewhere.close();
    return proper()(exchange);
  });
  const written = await broker.write("oauth2/creds/me", { server: "as", refresh_token: as.tokens.grant() });
  assert.equal(written.status, 204);
  assert.equal((await broker.read("oauth2/creds/me")).status, 200, "what was acknowledged is there");
  assert.equal(as.to("/revoke").length, 0);
});

test("A9 a write that was held up until its row was taken over says so, and has sent nothing", async (t) => {
  const { as, broker } = await stage(t);
  const elsewhere = new DatabaseSync(join(broker.data, "coatcheck.db"));
  elsewhere.exec(`CREATE TRIGGER taken AFTER INSERT ON row WHEN NEW.kind = 'flow' BEGIN
    UPDATE row SET claim = 'of-another-instance', claim_until = NEW.due_at + 20000 WHERE id = NEW.id; END`);
  elsewhere.close();
  const written = await broker.write("oauth2/creds/me", { server: "as", refresh_token: as.tokens.grant() });
  assert.equal(written.status, 503);
  assert.match(String(written.body?.errors), /nothing was sent: try again/);
  assert.equal(as.to("/token").length, 0);
});

test("A9 D09 a store that is blocked longer than a lease while a code is stored costs nothing", async (t) => {
  const { as, broker } = await stage(t);
  const link = await broker.write("oauth2/auth-code-url", { server: "op", name: "me" });
  const url = new URL(String(link.body?.data?.url));
  const nonce = url.searchParams.get("nonce");
  as.tokens.extra = { id_token: as.idTokens.make(Math.floor(broker.clock.now() / 1000), { nonce }) };
  const blocker = new DatabaseSync(join(broker.data, "coatcheck.db"));
  as.reply("/jwks", (exchange) => {
    if (!blocker.isTransaction) blocker.exec("BEGIN IMMEDIATE");
    return json(200, as.idTokens.jwks)(exchange);
  });
  const query = new URLSearchParams({ code: "abc", state: url.searchParams.get("state") ?? "", iss: as.issuer });
  const page = fetch(`${broker.running.address}/v1/oauth2/callback?${query}`);
  await eventually("it is verified", () => as.to("/jwks").length === 1);
  await turns(100);
  for (let i = 0; i < 10; i++) {
    broker.clock.advance(5_000);
    await turns(6);
  }
  blocker.close();
  await broker.pass(20_000);
  assert.match(await (await page).text(), /You are signed in/);
  assert.equal((await broker.read("oauth2/creds/me")).status, 200);
  assert.equal(as.to("/revoke").length, 0);
});

test("D11 what is asked for while the broker stops is refused before anything is sent", async (t) => {
  const { as, broker } = await stage(t);
  let discover = () => {};
  as.reply("/.well-known/openid-configuration", async (exchange) => {
    await new Promise<void>((done) => {
      discover = done;
    });
    return proper()(exchange);
  });
  as.reply("/.well-known/oauth-authorization-server", json(404, {}));
  const next = await broker.restart();
  const refresh_token = as.tokens.grant();
  const writing = next.write("oauth2/creds/me", { server: "op", refresh_token }).catch(() => undefined);
  await eventually("discovery is under way", () => as.to("/.well-known/openid-configuration").length > 0);
  const closed = next.running.close();
  await turns();
  discover();
  const answer = await writing;
  await closed;
  assert.equal(as.to("/token").length, 0);
  if (answer) assert.deepEqual([answer.status, answer.body?.errors], [503, ["the broker is stopping"]]);
});

test("OA-16 a code whose redemption was cut off by a crash is not sent again when the browser reloads", async (t) => {
  const { as, broker, crashed } = await stage(t);
  const link = await broker.write("oauth2/auth-code-url", { server: "as", name: "me" });
  const url = new URL(String(link.body?.data?.url));
  as.reply("/token", hang);
  const path = `/v1/oauth2/callback?code=abc&state=${url.searchParams.get("state")}&iss=${encodeURIComponent(as.issuer)}`;
  void fetch(broker.running.address + path).catch(() => {});
  await eventually("the code was sent", () => as.to("/token").length === 1);
  await turns();
  as.behave();
  const next = await crashed();
  const page = await fetch(next.running.address + path);
  assert.equal(page.status, 400);
  assert.equal(as.to("/token").length, 1);
});

test("DEV-11 I8 a poll that was under way at a crash counts: the next one is an interval away", async (t) => {
  const { as, broker, crashed } = await stage(t);
  as.tokens.interval = 30;
  await broker.write("oauth2/creds/me", { server: "as", grant_type: DEVICE });
  as.reply("/token", hang);
  await broker.passUntil("it was polled", () => as.to("/token").length === 1, 60_000);
  as.behave();
  const next = await crashed();
  await next.pass(70_000);
  const [first = 0, second = 0] = as.to("/token").map(({ at }) => at);
  assert.ok(second - first >= 30_000, `${second - first} ms`);
});

test("A2 a slow_down that comes while the server is written is not lost", async (t) => {
  const { as, broker } = await stage(t);
  await broker.write("oauth2/creds/me", { server: "as", grant_type: DEVICE });
  as.reply(
    "/token",
    async (exchange) => {
      await broker.write("oauth2/config", { tune_refresh_check_interval_seconds: 30 });
      await configure(broker, as);
      return oauthError("slow_down")(exchange);
    },
    oauthError("authorization_pending"),
  );
  await broker.pass(30_000);
  const [first = 0, second = 0] = as.to("/token").map(({ at }) => at);
  assert.ok(second - first >= 10_000, `${second - first} ms`);
});

test("A11 invariant 6: after a crash a token in doubt goes out with the secret it went out with before", async (t) => {
  const { as, broker, crashed } = await stage(t);
  const secrets = { client_secrets: ["one", "two"], token_endpoint_auth_method: "client_secret_post" };
  await configure(broker, as, secrets);
  as.tokens.accessLife = 100;
  const onlyTwo: Fault = (exchange) =>
    (exchange.form.get("client_secret") === "two" ? proper() : oauthError("invalid_client", 401))(exchange);
  as.reply("/token", onlyTwo);
  await broker.write("oauth2/creds/me", { server: "as", refresh_token: as.tokens.grant() });
  as.reply("/token", hang);
  await broker.passUntil("a refresh hangs", () => as.to("/token").length === 3);
  const next = await crashed();
  as.reply("/token", onlyTwo);
  await next.pass(60_000);
  const sent = as.to("/token").map(({ form }) => form.get("client_secret"));
  assert.deepEqual(sent.slice(0, 4), ["one", "two", "two", "two"]);
});

/** Ways to start issuing to `me` by something that works once; each resolves when it has been sent. */
const ISSUING: Readonly<Record<string, (on: Stage, server: string) => Promise<void>>> = {
  "device code": async ({ as, broker }, server) => {
    as.tokens.approved = true;
    await broker.write("oauth2/creds/me", { server, grant_type: DEVICE });
    await broker.passUntil("it was polled", () => as.to("/token").length === 1, 60_000);
  },
  "code that is written": async ({ as, broker }, server) => {
    const write = { server, code: "c-1", redirect_url: "https://app.example/cb" };
    void broker.write("oauth2/creds/me", write).catch(() => {});
    await eventually("the code was sent", () => as.to("/token").length === 1);
  },
  "code at the callback": async ({ as, broker }, server) => {
    const link = await broker.write("oauth2/auth-code-url", { server, name: "me" });
    const { searchParams: query } = new URL(String(link.body?.data?.url));
    const claims = { nonce: query.get("nonce") };
    if (server === "op") as.tokens.extra = { id_token: idToken(broker, as, claims) };
    const back = new URLSearchParams({ code: "c-1", state: query.get("state") ?? "", iss: as.issuer });
    void fetch(`${broker.running.address}/v1/oauth2/callback?${back}`).catch(() => {});
    await eventually("the code was sent", () => as.to("/token").length === 1);
  },
  "imported refresh token": async ({ as, broker }, server) => {
    void broker.write("oauth2/creds/me", { server, refresh_token: as.tokens.grant() }).catch(() => {});
    await eventually("the token was sent", () => as.to("/token").length === 1);
  },
};

function idToken(broker: Coatcheck, as: Misbehaving, claims: Record<string, unknown> = {}): string {
  return as.idTokens.make(Math.floor(broker.clock.now() / 1000), claims);
}

for (const [what, start] of Object.entries(ISSUING)) {
  test(`A9 killed with the answer (${what}) in escrow: the next start makes the credential of it`, async (t) => {
    const on = await stage(t);
    const { as } = on;
    holdInEscrow(on);
    await start(on, "op");
    await eventually("it is in escrow", () => as.to("/jwks").length === 1);
    await turns();
    as.behave();
    const next = await on.crashed();
    await next.pass(40_000);
    const read = await next.read("oauth2/creds/me");
    assert.equal(read.status, 200, JSON.stringify(read.body));
    assert.equal(as.to("/token").length, 1, "what works once is not sent twice");
    assert.equal(as.to("/revoke").length, 0);
    const { data } = read.body ?? {};
    await next.passUntil("it is refreshed like any other", () => as.to("/token").length === 2, 3_600_000);
    await next.pass(5_000);
    assert.notEqual((await next.read("oauth2/creds/me")).body?.data?.access_token, data?.access_token);
  });

  test(`A9 killed with its answer lost (${what}): nothing is handed out or sent twice`, async (t) => {
    const on = await stage(t);
    const { as } = on;
    as.reply("/token", commitThenHang);
    await start(on, "as");
    await turns();
    as.behave();
    const next = await on.crashed();
    await next.pass(700_000);
    const read = await next.read("oauth2/creds/me");
    const honest: Record<string, unknown> = {
      "device code": [400, "outcome_unknown"],
      "code at the callback": [400, "outcome_unknown"],
    };
    assert.deepEqual([read.status, read.body?.data?.reason], honest[what] ?? [404, undefined]);
    // A device code is polled on: only so the broker learns that it was used.
    assert.equal(as.to("/token").length, what === "device code" ? 2 : 1);
  });
}

test("A9 killed before anything was sent: the flow goes on, and a link can still be used", async (t) => {
  const on = await stage(t);
  const { as, broker } = on;
  await broker.write("oauth2/creds/me", { server: "as", grant_type: DEVICE });
  const link = await broker.write("oauth2/auth-code-url", { server: "as", name: "you" });
  const state = new URL(String(link.body?.data?.url)).searchParams.get("state") ?? "";
  const next = await on.crashed();
  as.tokens.approved = true;
  assert.equal((await next.read("oauth2/creds/me")).status, 503);
  await next.pass(7_000);
  assert.equal((await next.read("oauth2/creds/me")).status, 200);
  await fetch(`${next.running.address}/v1/oauth2/callback?code=c-1&state=${state}`);
  assert.equal((await next.read("oauth2/creds/you")).status, 200);
});

/** A way back from the authorization server is cut off by a crash; answers the broker that comes after it. */
async function cutCallback(on: Stage, fault: Fault, claims: Record<string, unknown> = {}): Promise<Coatcheck> {
  const { as, broker } = on;
  const link = await broker.write("oauth2/auth-code-url", { server: "op", name: "me" });
  const { searchParams: query } = new URL(String(link.body?.data?.url));
  as.tokens.extra = { id_token: idToken(broker, as, { nonce: query.get("nonce"), ...claims }) };
  as.reply("/token", fault);
  const back = new URLSearchParams({ code: "c-1", state: query.get("state") ?? "", iss: as.issuer });
  void fetch(`${broker.running.address}/v1/oauth2/callback?${back}`).catch(() => {});
  await eventually("the code was sent", () => as.to("/token").length === 1);
  await turns(100);
  as.behave();
  return on.crashed();
}

test("A9 a code whose answer was lost ends the credential that waits for it, as soon as that is known", async (t) => {
  const next = await cutCallback(await stage(t), commitThenHang);
  assert.equal((await next.read("oauth2/creds/me")).body?.data?.status, "pending");
  await next.pass(30_000);
  const { body } = await next.read("oauth2/creds/me");
  assert.equal(body?.data?.reason, "outcome_unknown");
  assert.deepEqual(body?.errors, ["exchange failed: no definite answer from the authorization server"]);
});

test("A8 A9 what was written since is not ended by a code whose answer was lost", async (t) => {
  const on = await stage(t);
  const next = await cutCallback(on, commitThenHang);
  await next.write("oauth2/creds/me", { server: "as", grant_type: DEVICE });
  await next.pass(30_000);
  assert.equal((await next.read("oauth2/creds/me")).body?.data?.status, "pending");
  on.as.tokens.approved = true;
  await next.pass(10_000);
  assert.equal((await next.read("oauth2/creds/me")).status, 200);
});

test("A9 an answer in escrow that nobody may have ends the credential that waits for it", async (t) => {
  const on = await stage(t);
  on.as.reply("/jwks", hang);
  const next = await cutCallback(on, proper(), { nonce: "of somebody else" });
  await next.pass(30_000);
  assert.equal((await next.read("oauth2/creds/me")).body?.data?.reason, "id_token_invalid");
});
