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
} from "../../src/dev/faults.ts";
import type { Fault } from "../../src/dev/misbehaving.ts";
import { importGrant, startPair } from "../support/misbehaving.ts";

const ROTATIONS = ["strict", "reusable"] as const;

type Rotation = (typeof ROTATIONS)[number];

/** What a reader is told once the provider behaves again. */
type Outcome = "works" | "lost_in_rotation";

const WORKS = { strict: "works", reusable: "works" } as const;

/** The provider rotated, and its answer went astray. */
const ASTRAY = { strict: "lost_in_rotation", reusable: "works" } as const;

/** One bad answer to a refresh, and the outcome under each rule of rotation. */
export const ANSWERS: readonly (readonly [string, Fault, Readonly<Record<Rotation, Outcome>>])[] = [
  ["hang", hang, WORKS],
  ["hang after processing", commitThenHang, ASTRAY],
  ["reset", reset, WORKS],
  ["reset after processing", commitThenReset, ASTRAY],
  ["500", html(500), WORKS],
  ["500 after processing", commitThen(500), ASTRAY],
  ["429", oauthError("slow_down", 429), WORKS],
  ["503", html(503), WORKS],
  ["HTML with 200", html(200), WORKS],
  ["HTML with 200 after processing", commitThen(200), ASTRAY],
  ["307", redirect(307, "http://127.0.0.1:1/token"), WORKS],
];

/** Long enough for every back-off and confirmation after one bad answer; the token lives longer. Milliseconds. */
const AFTER_MS = 240_000;

/** One row of the table: a bad answer, then good ones. Answers what became of the credential. */
export async function badAnswer(t: TestContext, fault: Fault, rotation: Rotation): Promise<string> {
  const pair = await startPair(t);
  const { as } = pair;
  as.tokens.rotation = rotation;
  as.tokens.accessLife = 300;
  await importGrant(pair);
  as.reply("/token", fault, proper());
  await pair.passUntil("it is refreshed", () => as.to("/token").length === 2, 300_000, 5_000);
  as.tokens.accessLife = 3_600;
  await pair.pass(AFTER_MS, 2_000);
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
  for (const [name, fault, expected] of ANSWERS) {
    const outcomes = await Promise.all(ROTATIONS.map((rotation) => badAnswer(t, fault, rotation)));
    assert.deepEqual(outcomes, [expected.strict, expected.reusable], name);
    table[name] = `${outcomes[0]} (strict) / ${outcomes[1]} (reusable)`;
  }
  return table;
}
