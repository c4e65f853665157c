import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Trouble } from "../../../src/credential/index.ts";
import {
  commitThenReset,
  cutAfter,
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
import { importGrant, type Pair, startPair } from "../../support/misbehaving.ts";
import { storedCredential } from "../../support/stored.ts";

/** What is stored of a trouble, and in how many seconds it is tried again. */
interface Expected {
  readonly kind: Trouble["kind"];
  readonly reason?: string;
  /** The token may be consumed. */
  readonly doubt?: boolean;
  readonly retry?: readonly [least: number, most: number];
}

const BASIC = { "www-authenticate": 'Basic realm="x"' };
const QUICK = [2, 2] as const;
const SECOND = [5, 20] as const;
const CONFIRM = [30, 60] as const;

const suspect: Expected = { kind: "suspect", retry: CONFIRM };
const lost: Expected = { kind: "dead", reason: "lost_in_rotation" };
const passing = (doubt: boolean, retry: Expected["retry"]): Expected => {
  return { kind: "temporary", reason: "temporarily_unavailable", doubt, ...(retry && { retry }) };
};
/** Nothing has been consumed for certain; the back-off doubles from 5 s. */
const untouched = [passing(false, [5, 10]), passing(true, SECOND)] as const;
const ambiguous = [passing(true, QUICK), passing(true, SECOND)] as const;
const throttled = [passing(true, [30, 30]), passing(true, [30, 30])] as const;
const operator = (reason: string) => {
  const fault = { kind: "operator", reason } as const;
  return [
    { ...fault, doubt: false, retry: [60, 60] },
    { ...fault, doubt: true, retry: [60, 120] },
  ] as const;
};
const verdict = [suspect, lost] as const;
/** In a server's own words: the grant here was refreshed before, by its import. */
const ownWords = [suspect, { ...suspect, doubt: true }] as const;

/** Nobody listens any more. */
const gone = "gone";

/** Every row of requirements.md section 2: the answer, what a fresh token's credential becomes, and one in doubt. */
const ROWS: readonly [string, Fault | typeof gone, readonly [Expected, Expected]][] = [
  ["CL-02 invalid_grant under 200", oauthError("invalid_grant", 200), verdict],
  ["CL-02 invalid_client under 200", oauthError("invalid_client", 200), operator("invalid_client")],
  ["CL-03 HTML under 200", html(200), ambiguous],
  ["CL-03 an empty 200", empty(200), ambiguous],
  ["CL-03 JSON without tokens", json(200, { ok: true }), ambiguous],
  ["CL-04 invalid_grant, 400", oauthError("invalid_grant"), verdict],
  ["CL-04 invalid_grant, 401", oauthError("invalid_grant", 401), verdict],
  ["CL-04 invalid_grant, 403", oauthError("invalid_grant", 403), verdict],
  ["CL-04 access_denied", oauthError("access_denied"), verdict],
  ["CL-05 invalid_client", oauthError("invalid_client", 401), operator("invalid_client")],
  ["CL-05 unauthorized_client", oauthError("unauthorized_client", 401), operator("invalid_client")],
  ["CL-05 a Basic challenge", empty(401, BASIC), operator("invalid_client")],
  ["CL-06 invalid_scope", oauthError("invalid_scope"), operator("invalid_scope")],
  ["CL-16 invalid_request", oauthError("invalid_request"), ownWords],
  ["CL-07 unsupported_grant_type", oauthError("unsupported_grant_type"), operator("unsupported_grant_type")],
  ["CL-07 invalid_target", oauthError("invalid_target"), operator("invalid_request")],
  ["CL-08 use_dpop_nonce", oauthError("use_dpop_nonce"), operator("invalid_request")],
  ["CL-09 temporarily_unavailable", oauthError("temporarily_unavailable"), ambiguous],
  ["CL-09 server_error", oauthError("server_error"), ambiguous],
  ["CL-09 500", html(500), ambiguous],
  ["CL-09 502", empty(502), ambiguous],
  ["CL-10 408", empty(408, { "retry-after": "30" }), throttled],
  ["CL-10 425", empty(425, { "retry-after": "30" }), throttled],
  ["CL-10 429 with invalid_grant", oauthErrorAfter("invalid_grant", 429), throttled],
  ["CL-10 503", empty(503, { "retry-after": "30" }), throttled],
  ["CL-11 404 HTML", html(404), untouched],
  ["CL-11 400 empty", empty(400), untouched],
  ["CL-11 403 HTML", html(403), untouched],
  ["CL-12 307", redirect(307, "http://127.0.0.1:1/"), untouched],
  ["CL-13 refused", gone, untouched],
  ["CL-14 reset", reset, ambiguous],
  ["CL-14 reset after the rotation", commitThenReset, ambiguous],
  ["CL-14 no answer in time", hang, ambiguous],
  ["CL-14 a body that breaks off", cutAfter(20), ambiguous],
  ["CL-16 an unknown error, 400", oauthError("weird"), ownWords],
  ["CL-16 unauthorized_client", oauthError("unauthorized_client"), ownWords],
  ["CL-15 an unknown error, 500", oauthError("weird", 500), ambiguous],
  ["CL-15 an unknown status", empty(799), ambiguous],
];

function oauthErrorAfter(error: string, status: number): Fault {
  return json(status, { error }, { "retry-after": "30" });
}

/** A credential whose next refresh is the first thing that happens; in doubt after one attempt without an answer. */
async function stage(t: TestContext, doubt: boolean): Promise<Pair> {
  const pair = await startPair(t);
  await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 600 });
  pair.as.tokens.accessLife = 3_600;
  await importGrant(pair);
  // Due 720 s before its end, or a little earlier.
  pair.clock.stand(2_880_000);
  if (doubt) {
    pair.as.reply("/token", reset);
    await pair.passUntil("an attempt without an answer", () => attempts(pair) === 2);
  }
  return pair;
}

const attempts = ({ as }: Pair) => as.to("/token").length;

const trouble = ({ data }: Pair): Trouble | undefined => {
  const state = storedCredential(data);
  assert.equal(state.status, "issued", "its access token lives");
  return state.status === "issued" ? state.trouble : undefined;
};

/** Lets the row happen; answers the trouble that it made, and when. */
async function happen(pair: Pair, fault: Fault | typeof gone) {
  const before = JSON.stringify(trouble(pair));
  if (fault === gone) await pair.as.close();
  else pair.as.reply("/token", fault);
  const settled = () => JSON.stringify(trouble(pair)) !== before;
  await pair.passUntil("it is settled", settled, 1_200_000);
  return { now: pair.clock.now(), after: trouble(pair) };
}

for (const [title, fault, [fresh, inDoubt]] of ROWS) {
  test(`P16 ${title}: fresh, and after an attempt in doubt`, async (t) => {
    for (const [doubt, expected] of [
      [false, fresh],
      [true, inDoubt],
    ] as const) {
      const pair = await stage(t, doubt);
      const { now, after } = await happen(pair, fault);
      assert.ok(after);
      const { kind, reason, doubt: doubtful, retryAt } = { reason: undefined, doubt: undefined, retryAt: 0, ...after };
      const { retry = [0, 0], ...exact } = expected;
      assert.deepEqual({ kind, reason, doubt: doubtful }, { reason: undefined, doubt: undefined, ...exact });
      const wait = kind === "dead" ? 0 : (retryAt - now) / 1000;
      assert.ok(wait >= retry[0] - 1 && wait <= retry[1], `again in ${wait} s`);
      const sent = new Set(pair.as.to("/token").map(({ form }) => form.get("refresh_token")));
      assert.ok(sent.size <= 2, "one token at the import, one since");
      assert.equal((await pair.read("oauth2/creds/me")).status, 200, "its access token lives");
    }
  });
}

test("P16 CL-01 tokens: fresh, and after an attempt in doubt; the history tells which", async (t) => {
  for (const doubt of [false, true]) {
    const pair = await stage(t, doubt);
    pair.as.reply("/token", proper({ expires_in: -5, scope: null }, 201));
    await pair.passUntil("it is refreshed", () => attempts(pair) === (doubt ? 3 : 2));
    await pair.pass(1_000);
    assert.equal(trouble(pair), undefined);
    const { body } = await pair.read("oauth2/creds/me/history");
    const told = body?.data?.attempts as { outcome: string }[];
    assert.equal(told.at(-1)?.outcome, doubt ? "recovered" : "issued");
  }
});

/** GitHub and Slack say their errors under 200; what readers are told then, one after the other, a minute apart. */
const TOLD: readonly [error: string, ...(readonly (readonly [status: number, reason: string])[])][] = [
  ["invalid_client", [503, "invalid_client"]],
  ["an_error_of_its_own", [503, "temporarily_unavailable"], [400, "invalid_grant"]],
  ["invalid_grant", [503, "temporarily_unavailable"], [400, "invalid_grant"]],
];

for (const [error, ...told] of TOLD) {
  test(`P16 CL-02 ${error} under 200: its first reader is told what came of it`, async (t) => {
    const pair = await startPair(t);
    await pair.write("oauth2/config", { tune_refresh_check_interval_seconds: 0 });
    await importGrant(pair);
    pair.clock.stand(3_600_000);
    const before = attempts(pair);
    pair.as.reply("/token", oauthError(error, 200));
    for (const [index, [status, reason]] of told.entries()) {
      const read = await pair.read("oauth2/creds/me");
      assert.deepEqual(
        [read.status, read.body?.data?.reason, read.body?.data?.provider_error],
        [status, reason, error],
        `reader ${index + 1}: ${JSON.stringify(read.body)}`,
      );
      assert.equal(attempts(pair), before + index + 1);
      pair.clock.stand(60_000);
    }
  });
}
