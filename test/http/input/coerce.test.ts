import assert from "node:assert/strict";
import test from "node:test";
import type { VaultType } from "../../../src/api/index.ts";
import { coerce } from "../../../src/http/input/coerce.ts";
import { parseJson } from "../../../src/http/input/parse-json.ts";

/** Type, JSON text, result; `undefined` = as if it had not been sent. One row per cell of vault-http.md 1.5. */
const ACCEPTED: readonly [VaultType, string, unknown][] = [
  ["String", '"a"', "a"],
  ["String", "1.0", "1.0"],
  ["String", "12345678901234567890", "12345678901234567890"],
  ["String", "1e3", "1e3"],
  ["String", "true", "1"],
  ["String", "false", "0"],
  ["String", "null", ""],
  ["LowerCaseString", '"CI"', "ci"],
  ["LowerCaseString", "true", "1"],
  ["Int", "30", 30],
  ["Int", "-3", -3],
  ["Int", '"30"', 30],
  ["Int", '"0x1f"', 31],
  ["Int", '"0b1"', 1],
  ["Int", '"0o17"', 15],
  ["Int", '"1_000"', 1000],
  ["Int", '"010"', 8],
  ["Int", '"-5"', -5],
  ["Int", '""', 0],
  ["Int", "true", 1],
  ["Int", "false", 0],
  ["Int", "null", undefined],
  ["Float", "1.5", 1.5],
  ["Float", '"1.5"', 1.5],
  ["Float", '"1e2"', 100],
  ["Float", '""', 0],
  ["Float", "true", 1],
  ["Bool", "true", true],
  ["Bool", '"t"', true],
  ["Bool", '"TRUE"', true],
  ["Bool", '"False"', false],
  ["Bool", "1", true],
  ["Bool", "0", false],
  ["Bool", '""', false],
  ["DurationSecond", "30", 30],
  ["DurationSecond", '"30"', 30],
  ["DurationSecond", '"30s"', 30],
  ["DurationSecond", '"1h30m"', 5400],
  ["DurationSecond", '"1m0s"', 60],
  ["DurationSecond", '"1.5h"', 5400],
  ["DurationSecond", '"4.35m"', 261],
  ["DurationSecond", '"300ms"', 0],
  ["DurationSecond", '"1999ms"', 1],
  ["DurationSecond", '"2000000000ns"', 2],
  ["DurationSecond", '"3000000us"', 3],
  ["DurationSecond", '"3000000µs"', 3],
  ["DurationSecond", '"7d"', 604_800],
  ["DurationSecond", '""', 0],
  ["DurationSecond", "null", undefined],
  ["Time", '"2026-11-22T12:00:00Z"', Date.UTC(2026, 10, 22, 12)],
  ["Time", '"2026-11-22T12:00:00.5+01:00"', Date.UTC(2026, 10, 22, 11, 0, 0, 500)],
  ["Time", "1795345200", 1_795_345_200_000],
  ["Time", '"1795345200"', 1_795_345_200_000],
  ["StringSlice", '["a"," b "]', ["a", "b"]],
  ["StringSlice", '"a,b "', ["a,b"]],
  ["StringSlice", "7", ["7"]],
  ["StringSlice", '""', []],
  ["CommaStringSlice", '"a, b,c"', ["a", "b", "c"]],
  ["CommaStringSlice", '""', []],
  ["CommaStringSlice", '["a,b"," c "]', ["a,b", "c"]],
  ["CommaStringSlice", "1.10", ["1.10"]],
  ["KVPairs", '{"a":"b","n":1.0,"t":true,"z":null}', { a: "b", n: "1.0", t: "1", z: "" }],
  ["KVPairs", '"k=v"', { k: "v" }],
  ["KVPairs", '"issuer_url=https://x?a=b"', { issuer_url: "https://x?a=b" }],
  ["KVPairs", '["a=1","b=2","a=3"]', { a: "3", b: "2" }],
  ["KVPairs", '[{"a":"1"},{"b":"2","a":"3"}]', { a: "3", b: "2" }],
  ["KVPairs", "null", {}],
  ["Map", '{"a":[1]}', { a: parseJson("[1]") }],
  ["Map", '[{"a":"1"},{"b":"2"}]', { a: "1", b: "2" }],
  ["Map", "null", {}],
];

const REFUSED: readonly [VaultType, string, RegExp][] = [
  ["String", "{}", /expected a string, got a map/],
  ["String", '["a"]', /expected a string, got a list/],
  ["LowerCaseString", "[]", /expected a string/],
  ["Int", "1.5", /expected an integer/],
  ["Int", '"1.5"', /expected an integer/],
  ["Int", '"30s"', /expected an integer/],
  ["Int", '"_1"', /expected an integer/],
  ["Int", '"09"', /expected an integer/],
  ["Int", '"99999999999999999999"', /expected an integer/],
  ["Int", "[1]", /expected an integer, got a list/],
  ["Float", '"x"', /expected a number/],
  ["Float", '"NaN"', /expected a number/],
  ["Float", '"inf"', /expected a number/],
  ["Float", "1e999", /expected a number/],
  ["Float", "{}", /expected a number/],
  ["Bool", '"yes"', /expected a boolean/],
  ["Bool", "2", /expected a boolean/],
  ["Bool", "[]", /expected a boolean/],
  ["DurationSecond", "1.5", /a fraction/],
  ["DurationSecond", '"1.5"', /expected a duration/],
  ["DurationSecond", '"1 h"', /expected a duration/],
  ["DurationSecond", '"1x"', /expected a duration/],
  ["DurationSecond", '"1.5d"', /expected a duration/],
  ["DurationSecond", "true", /expected a duration/],
  ["DurationSecond", '["1"]', /expected a duration/],
  ["DurationSecond", "99999999999", /expected a duration/],
  ["DurationSecond", "-1", /^cannot provide negative value '-1'$/],
  ["DurationSecond", '"-1h"', /^cannot provide negative value '-3600'$/],
  ["Time", '"yesterday"', /RFC 3339/],
  ["Time", '"2026-13-99T00:00:00Z"', /RFC 3339/],
  ["StringSlice", "[{}]", /list of strings/],
  ["CommaStringSlice", '{"a":1}', /list of strings/],
  ["CommaStringSlice", "[[]]", /list of strings/],
  ["KVPairs", '""', /^invalid key pair ""$/],
  ["KVPairs", '"abc"', /^invalid key pair "abc"$/],
  ["KVPairs", '"=v"', /^invalid key pair "=v"$/],
  ["KVPairs", '"{\\"a\\":\\"b=c\\"}"', /^invalid key pair: JSON text/],
  ["KVPairs", '{"a":{}}', /value of "a" must be a string/],
  ["KVPairs", '["a=1",7]', /key=value pairs/],
  ["KVPairs", "true", /key=value pairs/],
  ["Map", '"a=b"', /expected a map/],
  ["Map", '""', /expected a map/],
];

for (const [type, json, expected] of ACCEPTED) {
  test(`1.5 ${type} accepts ${json}`, () => {
    assert.deepEqual(coerce(type, parseJson(json)), expected);
  });
}

for (const [type, json, message] of REFUSED) {
  test(`1.5 ${type} refuses ${json}`, () => {
    assert.throws(() => coerce(type, parseJson(json)), { name: "InputRefusal", message });
  });
}

test("decisions: provider_options may hold maps, which count as their JSON text", () => {
  const value = parseJson('{"client_metadata":{"client_name":"x","n":1},"base_url":"https://x"}');
  assert.deepEqual(coerce("KVPairs", value, { jsonValues: true }), {
    client_metadata: '{"client_name":"x","n":1}',
    base_url: "https://x",
  });
});

test("a pair named __proto__ is a pair and changes no prototype", () => {
  const value = coerce("KVPairs", parseJson('{"__proto__":"x"}'));
  assert.deepEqual(Object.entries(value as object), [["__proto__", "x"]]);
});

test("no refusal repeats a value that may be a secret", () => {
  const kinds: VaultType[] = ["Int", "Float", "Bool", "DurationSecond", "Time", "Map"];
  for (const kind of kinds) {
    assert.throws(
      () => coerce(kind, "hunter2-secret"),
      (error: Error) => !error.message.includes("hunter2"),
    );
  }
});
