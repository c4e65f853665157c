import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import { empty, json, oauthError } from "../../servers/faults.ts";
import {
  type HomeserverPair,
  startHomeserverPair,
  WHOAMI,
  writeHomeserver,
} from "../../support/matrix/homeserver-pair.ts";
import { ask } from "../../support/sessions.ts";

interface Bot extends HomeserverPair {
  token(): Promise<string>;
  /** The program tells that an API refused its current token. */
  reject(): Promise<unknown>;
  session(): Promise<Record<string, unknown>>;
  refreshes(): number;
}

/** A session whose token is ten minutes old and has hours to live. */
async function bot(t: TestContext, life?: number): Promise<Bot> {
  const pair = await startHomeserverPair(t);
  if (life !== undefined) pair.as.tokens.accessLife = life;
  await writeHomeserver(pair, pair.as, {}, { allow_sessions: true });
  const started = await ask(pair, "POST", "/sessions", { body: { server: "mx" } });
  const bearer = String(started.body.session_id);
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  if (life === undefined) await pair.pass(600_000);
  const token = async () => String((await ask(pair, "GET", "/session/token", { bearer })).body.access_token);
  return {
    ...pair,
    token,
    reject: async () => {
      const body = {
        token_sha256: createHash("sha256")
          .update(await token())
          .digest("hex"),
      };
      return (await ask(pair, "POST", "/session/rejected", { bearer, body })).body.refreshed;
    },
    session: async () => (await ask(pair, "GET", "/session", { bearer })).body,
    refreshes: () => pair.as.to("/token").filter(({ form }) => form.get("grant_type") === "refresh_token").length,
  };
}

const refused = (errcode: string, soft_logout: boolean) => json(401, { errcode, soft_logout });

for (const soft of [true, false]) {
  test(`MX-U1 MX-U3 a 401 is first a refresh, whatever soft_logout says (${soft}); of a new token whoami decides`, async (t) => {
    const pair = await bot(t);
    const first = await pair.token();
    pair.as.reply(WHOAMI, refused("M_UNKNOWN_TOKEN", soft));
    assert.equal(await pair.reject(), true);
    assert.notEqual(await pair.token(), first);
    const asked = pair.as.to(WHOAMI).length;
    assert.equal(await pair.reject(), false);
    assert.equal(pair.as.to(WHOAMI).length, asked + 1);
    for (let i = 0; i < 4; i++) assert.equal(await pair.reject(), false);
    assert.equal(pair.as.to(WHOAMI).length, asked + 1, "asked once");
    assert.equal(pair.refreshes(), 1, "no loop");
    const { status, reason, error_description } = await pair.session();
    assert.deepEqual([status, reason], ["active", "temporarily_unavailable"]);
    assert.equal(error_description, "the account's server refuses even a new token (M_UNKNOWN_TOKEN)");
    await pair.pass(3_600_000);
    assert.ok(pair.refreshes() >= 2, "the next one is tried");
    assert.equal((await pair.session()).reason, undefined);
  });
}

test("MX-U3 a new token that whoami takes is good: nothing is refreshed and nothing is said", async (t) => {
  const pair = await bot(t);
  assert.equal(await pair.reject(), true);
  assert.equal(await pair.reject(), false);
  assert.equal(pair.refreshes(), 1);
  assert.equal((await pair.session()).reason, undefined);
  await pair.pass(61_000);
  assert.equal(await pair.reject(), true, "later it may have died");
});

test("MX-U3 without the server record nobody can be asked: the answer is no", async (t) => {
  const pair = await bot(t);
  await pair.reject();
  await pair.delete("oauth2/servers/mx");
  assert.equal(await pair.reject(), false);
});

test("MX-U2 FC-91 a dead grant: no more requests, the record stays, and the old device is offered to a new login", async (t) => {
  const pair = await bot(t);
  const deviceId = pair.deviceId();
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.reject();
  await pair.pass(61_000);
  assert.equal(pair.refreshes(), 2, "confirmed once");
  const { reason, error_description } = await pair.session();
  assert.equal(reason, "invalid_grant");
  assert.match(
    String(error_description),
    new RegExp(`; a new login may request the same device \\(device_id=${deviceId}\\)$`),
  );
  await pair.pass(3_600_000);
  assert.equal(pair.refreshes(), 2);
  const ended = await pair.session();
  assert.deepEqual([ended.status, ended.error_description], ["failed", error_description]);
  const where = { homeserver: pair.as.issuer, user_id: "@alice:example.org", device_id: deviceId };
  assert.deepEqual(ended.extra_data, where, "FC-91 a program need not read it out of a sentence");
});

test("MX-U4 a locked account: told, no refresh for an hour, and well again by itself", async (t) => {
  const pair = await bot(t);
  await pair.reject();
  pair.as.reply(WHOAMI, refused("M_USER_LOCKED", true));
  assert.equal(await pair.reject(), false);
  assert.match(String((await pair.session()).error_description), /\(M_USER_LOCKED\): the account is locked$/);
  await pair.pass(3_500_000);
  assert.equal(pair.refreshes(), 1);
  pair.as.behave(WHOAMI);
  await pair.pass(150_000);
  assert.equal(pair.refreshes(), 2);
  assert.equal((await pair.session()).reason, undefined);
});

test("MX-U5 a homeserver that cannot ask its authorization server says nothing about the token", async (t) => {
  const pair = await bot(t);
  await pair.reject();
  for (const fault of [json(503, { errcode: "M_UNKNOWN" }), empty(502)]) {
    pair.as.reply(WHOAMI, fault);
    assert.equal(await pair.reject(), false);
    assert.equal((await pair.session()).reason, undefined);
  }
  assert.equal(pair.refreshes(), 1);
});

for (const [errcode, told] of [
  ["M_USER_LOCKED", /: the account is locked$/],
  ["M_UNKNOWN_TOKEN", /refuses even a new token/],
] as const) {
  test(`FC-88 tokens of a minute and ${errcode}: one refresh, one whoami, then told`, async (t) => {
    const pair = await bot(t, 60);
    const asked = pair.as.to(WHOAMI).length;
    pair.as.reply(WHOAMI, refused(errcode, true));
    await pair.pass(24_000);
    const before = pair.refreshes();
    for (let n = 0; n < 12; n++) {
      await pair.reject();
      await pair.pass(500);
    }
    assert.deepEqual([pair.refreshes() - before, pair.as.to(WHOAMI).length - asked], [1, 1]);
    assert.match(String((await pair.session()).error_description), told);
  });
}
