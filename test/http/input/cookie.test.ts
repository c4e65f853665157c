import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieOf } from "../../../src/http/input/cookie.ts";

test("a cookie is found by its whole name, the first of several, as it was sent", () => {
  const header = "xa=0; a=1=2;b=; a=3";
  assert.equal(cookieOf(header, "a"), "1=2");
  assert.equal(cookieOf(header, "b"), "");
  assert.equal(cookieOf(header, "c"), undefined);
  assert.equal(cookieOf(undefined, "a"), undefined);
});
