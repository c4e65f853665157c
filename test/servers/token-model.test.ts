import assert from "node:assert/strict";
import { test } from "node:test";
import { type RotationRule, TokenModel } from "./token-model.ts";

function model(rotation: RotationRule) {
  const time = { now: 0 };
  const tokens = new TokenModel(() => time.now);
  tokens.rotation = rotation;
  const refresh = (token: string): string | undefined => {
    const { body } = tokens.token(new URLSearchParams({ grant_type: "refresh_token", refresh_token: token }));
    return body.refresh_token as string | undefined;
  };
  return { tokens, refresh, time, first: tokens.grant() };
}

test("strict: a token is used once, and reuse ends its family", () => {
  const { tokens, refresh, first } = model("strict");
  const next = refresh(first) ?? "";
  assert.equal(tokens.isGood(next), true);
  assert.equal(refresh(first), undefined);
  assert.equal(tokens.isGood(next), false);
  assert.deepEqual([tokens.replays, tokens.revoked], [1, 1]);
});

test("grace: a used token brings another pair for 30 s, and ends its family after that", () => {
  const { tokens, refresh, time, first } = model("grace");
  const one = refresh(first) ?? "";
  time.now = 30_000;
  const other = refresh(first) ?? "";
  assert.deepEqual([tokens.isGood(one), tokens.isGood(other)], [true, true]);
  time.now = 30_001;
  assert.equal(refresh(first), undefined);
  assert.deepEqual([tokens.isGood(one), tokens.isGood(other)], [false, false]);
});

test("until-successor-used: a used token stays good until its newest successor is used, and harms nobody after that", () => {
  const { tokens, refresh, first } = model("until-successor-used");
  const late = refresh(first) ?? "";
  const next = refresh(first) ?? "";
  assert.deepEqual([tokens.isGood(late), tokens.isGood(next)], [false, true]);
  const newest = refresh(next) ?? "";
  assert.equal(refresh(first), undefined);
  assert.equal(tokens.isGood(newest), true);
  assert.equal(tokens.revoked, 0);
});
