import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import {
  commitThen,
  commitThenHang,
  commitThenReset,
  hang,
  html,
  oauthError,
  proper,
  redirect,
  reset,
} from "../servers/faults.ts";
import type { Fault } from "../servers/misbehaving.ts";
import { configure, importGrant, type Pair, startPair } from "../support/misbehaving.ts";
import { failedLookups, failNextLookup, NAME, noSuchName, notNow, silence, type Unresolved } from "./names.ts";

type Rotation = "strict" | "reusable";

/** What a reader is told once the provider behaves again. */
type Outcome = "works" | "lost_in_rotation";

const WORKS = { strict: "works", reusable: "works" } as const;

/** The provider rotated, and its answer went astray. */
const ASTRAY = { strict: "lost_in_rotation", reusable: "works" } as const;

/** Makes one answer to a refresh a bad one. */
type Trouble = (pair: Pair) => void;

const answering =
  (fault: Fault): Trouble =>
  ({ as }) =>
    as.reply("/token", fault, proper());

const resolving =
  (how: Unresolved): Trouble =>
  ({ clock }) =>
    failNextLookup(how, clock);

/** One bad answer to a refresh, and the outcome under each rule of rotation. */
export const ANSWERS: readonly (readonly [string, Trouble, Readonly<Record<Rotation, Outcome>>])[] = [
  ["DNS: no such name", resolving(noSuchName), WORKS],
  ["DNS: server failure", resolving(notNow), WORKS],
  ["DNS: no answer in time", resolving(silence), WORKS],
  ["hang", answering(hang), WORKS],
  ["hang after processing", answering(commitThenHang), ASTRAY],
  ["reset", answering(reset), WORKS],
  ["reset after processing", answering(commitThenReset), ASTRAY],
  ["500", answering(html(500)), WORKS],
  ["500 after processing", answering(commitThen(500)), ASTRAY],
  ["429", answering(oauthError("slow_down", 429)), WORKS],
  ["503", answering(html(503)), WORKS],
  ["HTML with 200", answering(html(200)), WORKS],
  ["HTML with 200 after processing", answering(commitThen(200)), ASTRAY],
  ["307", answering(redirect(307, "http://127.0.0.1:1/token")), WORKS],
];

/** Long enough for every back-off and confirmation after one bad answer; the token lives longer. Milliseconds. */
const AFTER_MS = 240_000;

/** One row of the table: a bad answer, then good ones. Answers what became of the credential. */
export async function badAnswer(t: TestContext, trouble: Trouble, rotation: Rotation): Promise<string> {
  const pair = await startPair(t);
  const { as } = pair;
  as.tokens.rotation = rotation;
  as.tokens.accessLife = 300;
  const { port } = new URL(as.issuer);
  await configure(pair, as, { provider_options: { token_url: `http://${NAME}:${port}/token` } });
  await importGrant(pair);
  const requests = () => as.to("/token").length + failedLookups();
  const before = requests();
  trouble(pair);
  await pair.passUntil("it is refreshed", () => requests() > before, 300_000);
  as.tokens.accessLife = 3_600;
  await pair.pass(AFTER_MS);
  const { status, body } = await pair.read("oauth2/creds/me?minimum_seconds=1800");
  const presented = as.to("/token").map(({ form }) => form.get("refresh_token"));
  const most = Math.max(...[...Map.groupBy(presented, (token) => token).values()].map(({ length }) => length));
  assert.ok(most <= 2, `a refresh token was presented ${most} times after one bad answer`);
  assert.equal(as.tokens.revoked, as.tokens.replays);
  return status === 200 ? "works" : String(body?.data?.reason);
}

/** All rows, by their bad answers: what came of each under each rule of rotation. */
export async function badAnswers(t: TestContext): Promise<Readonly<Record<string, string>>> {
  const table: Record<string, string> = {};
  for (const [name, trouble, expected] of ANSWERS) {
    const strict = await badAnswer(t, trouble, "strict");
    const reusable = await badAnswer(t, trouble, "reusable");
    assert.deepEqual({ strict, reusable }, expected, name);
    table[name] = `${strict} (strict) / ${reusable} (reusable)`;
  }
  return table;
}
