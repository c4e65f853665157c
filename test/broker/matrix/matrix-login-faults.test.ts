import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { ProfileName } from "../../../src/dev/matrix/profile.ts";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import {
  commitThen,
  commitThenHang,
  commitThenReset,
  cutAfter,
  empty,
  hang,
  html,
  json,
  oauthError,
  proper,
  reset,
} from "../../servers/faults.ts";
import type { Fault } from "../../servers/misbehaving.ts";
import { inItsOwn } from "../../support/in-its-own.ts";
import { type ProfilePair, startProfile } from "../../support/matrix/profile-pair.ts";

const FAULTS = {
  "breaks before it is committed": reset,
  "breaks after it was committed": commitThenReset,
  "hangs before it is committed": hang,
  "hangs after it was committed": commitThenHang,
  "is a gateway's 502 after it was committed": commitThen(502),
  "is a gateway's 503 instead": html(503),
  "is a page": html(200),
  "is cut off": cutAfter(30),
  "is Matrix's 429": json(429, { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 3_000 }),
  "is Matrix's 401": json(401, { errcode: "M_UNKNOWN_TOKEN", soft_logout: false }),
  "is a server error": json(500, { error: "server_error" }),
  "is a bare 403": json(403, {}),
  "is a bare 404": empty(404),
  "is slow_down": oauthError("slow_down"),
  "is invalid_grant": oauthError("invalid_grant"),
  "has no scope": proper({ scope: undefined }),
  "has its life as a text": proper({ expires_in: "300" }),
} as const satisfies Readonly<Record<string, Fault>>;

const PATHS = [
  "/_matrix/client/v1/auth_metadata",
  "/oauth2/registration",
  "/oauth2/device",
  "/oauth2/token",
  "/_matrix/client/v3/account/whoami",
  "/oauth2/revoke",
];

const anyLogin = fc.record({
  name: fc.constantFrom(...(Object.keys(PROFILES) as ProfileName[])),
  faults: fc.array(
    fc.record({
      path: fc.constantFrom(...PATHS),
      answers: fc.array(fc.constantFrom(...(Object.keys(FAULTS) as (keyof typeof FAULTS)[])), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

/** A login can hang: time passes until it is answered. */
async function startLogin(pair: ProfilePair) {
  let answered = false;
  const login = pair.login().finally(() => {
    answered = true;
  });
  await pair.passUntil("the login is answered", () => answered, 120_000);
  return login;
}

async function judge(pair: ProfilePair): Promise<void> {
  const { status, body } = await pair.read("oauth2/creds/bot");
  if (status !== 200) {
    assert.equal(status, 400, JSON.stringify(body));
    assert.ok(body?.data?.reason, JSON.stringify(body));
    return;
  }
  assert.equal(await pair.accepts(body?.data?.access_token), true, "what is issued works");
  const asked = pair.homeserver.to("/oauth2/device").at(-1)?.form.get("scope") ?? "";
  const extra = body?.data?.extra_data as Readonly<Record<string, unknown>>;
  assert.equal(extra.device_id, /device:(\S+)/.exec(asked)?.[1]);
}

test("MX-W1 a login among faults is refused, or says why it failed, or works: nothing in between stays", async (t: TestContext) => {
  const property = fc.asyncProperty(anyLogin, ({ name, faults }) =>
    inItsOwn(t, async (inner) => {
      const pair = await startProfile(inner, PROFILES[name]);
      for (const { path, answers } of faults) {
        const [first, ...rest] = answers.map((answer) => FAULTS[answer]);
        if (first) pair.homeserver.reply(path, first, ...rest, proper());
      }
      const started = await startLogin(pair);
      if (started.status !== 200) {
        assert.ok([400, 502, 503].includes(started.status), JSON.stringify(started));
        assert.equal((await pair.read("oauth2/creds/bot")).status, 404, "nothing is stored");
        return;
      }
      pair.homeserver.deviceCodes.approve(String(started.body?.data?.user_code), "alice");
      await pair.pass(55_000);
      pair.homeserver.behave();
      await pair.pass(130_000);
      await judge(pair);
    }),
  );
  await fc.assert(property, { numRuns: 25, endOnFailure: true });
});
