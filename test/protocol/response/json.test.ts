import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJsonObject, secondsOf } from "../../../src/protocol/response/json.ts";

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

test("N16 depth 32 is read, 33 and 200,000 are not", () => {
  assert.notEqual(parseJsonObject(nested(32)), undefined);
  assert.equal(parseJsonObject(nested(33)), undefined);
  assert.equal(parseJsonObject(nested(200_000)), undefined);
  assert.equal(parseJsonObject(`{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`), undefined);
});

test("T18 no prototype, no __proto__, no constructor, at any depth", () => {
  const parsed = parseJsonObject('{"__proto__":{"x":1},"a":{"constructor":{"y":1},"b":[{"__proto__":{"z":1}}]}}');
  assert.equal(JSON.stringify(parsed), '{"a":{"b":[{}]}}');
  assert.equal(Object.getPrototypeOf(parsed), null);
});

test("N16 the last of a repeated name counts, a number beyond all is absent", () => {
  assert.deepEqual({ ...parseJsonObject('{"a":1,"a":2,"b":1e999}') }, { a: 2, b: undefined });
});

test("N16 only an object is an object", () => {
  for (const text of ["", "null", "[]", '"x"', "1", "{", "<html>"])
    assert.equal(parseJsonObject(text), undefined, text);
});

test("OA-08 what counts as seconds", () => {
  const given = [0, 5, 5.5, "5", " 5 ", "5.5", "", "5s", "0x5", "-5", -5, null, true, Number.NaN, [5], {}];
  assert.deepEqual(given.map(secondsOf), [0, 5, 5.5, 5, 5, 5.5, ...Array.from({ length: 10 }, () => undefined)]);
});
