import assert from "node:assert/strict";
import test from "node:test";
import { isName } from "../../../src/api/index.ts";
import { prefixOf } from "../../../src/http/input/names.ts";

const GOOD = [
  "test",
  "foo/bar/baz",
  "test@REALM.EXAMPLE.COM",
  "test@REALM.EXAMPLE.COM:machine",
  "test@REALM.EXAMPLE.COM/sub",
  ":machine",
  "a b",
  "…",
  "...",
  "ü".repeat(256),
];
const BAD = [
  "foo/:/bar",
  "foo:/bar",
  "foo/bar:/baz",
  "foo/bar:",
  "",
  "a//b",
  "/a",
  "a/",
  ".",
  "a/../b",
  "a\u0000b",
  "a\nb",
  "a\u007f",
  "a\u0085",
  "x".repeat(513),
  "ü".repeat(257),
];

for (const name of GOOD) test(`C15 accepted: ${name.slice(0, 40)}`, () => assert.equal(isName(name), true));
for (const name of BAD)
  test(`C15 refused: ${JSON.stringify(name.slice(0, 40))}`, () => assert.equal(isName(name), false));

test("LIST a/b and LIST a/b/ are the same", () => {
  assert.equal(prefixOf({ params: { "*": "a/b" } }), "a/b/");
  assert.equal(prefixOf({ params: { "*": "a/b/" } }), "a/b/");
  assert.equal(prefixOf({ params: {} }), "");
  assert.throws(() => prefixOf({ params: { "*": "a//" } }), { statusCode: 404 });
});
