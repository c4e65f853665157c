import assert from "node:assert/strict";
import test from "node:test";
import { parseJson } from "../../../src/http/input/parse-json.ts";

/** With numbers as numbers, as JSON.parse has them, and U+FFFD for half a surrogate pair. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replace(/\\ud[89a-f]../g, "\ufffd"));

const GOOD = [
  "0",
  "-0",
  "[1.50e+3,-2E-1,10]",
  ' { "a" : [ ] , "b" : { } } ',
  "\t[true,\r\nfalse , null]\n",
  '{"a":1,"b":2,"a":3}',
  '{"2":"b","1":"a","__proto__":{"x":1}}',
  '["\\"","\\\\","\\\\\\"","\\u00e9\\n\\/","𝄞"]',
  '{"":""}',
  `${"[".repeat(100)}${"]".repeat(100)}`,
];
const BAD = [
  ..."{[\"tn-},:]'".split(""),
  ...[
    "",
    " ",
    "01",
    "1.",
    ".5",
    "+1",
    "1e",
    "0x1",
    "NaN",
    "tru",
    "nulls",
    "1 2",
    '"a',
    '"\\"',
    '"\t"',
    '"\\x"',
    "\ufeff1",
  ],
  ...[
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1}",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    "{a:1}",
    "{1:1}",
    '{"a":1"b":2}',
    "[]]",
    "\u00a01",
  ],
];

test("1.2 a body is read as JSON.parse reads it, and what that refuses is refused", () => {
  for (const text of GOOD) assert.deepEqual(plain(parseJson(text)), plain(JSON.parse(text)), text);
  for (const text of BAD) {
    assert.throws(() => JSON.parse(text), text);
    assert.throws(() => parseJson(text), SyntaxError, text);
  }
  // Every text that lacks a character, or has one twice.
  for (const text of GOOD) {
    for (let at = 0; at < text.length; at++) {
      for (const changed of [text.slice(0, at) + text.slice(at + 1), text.slice(0, at + 1) + text.slice(at)]) {
        assert.deepEqual(
          outcome(() => plain(parseJson(changed))),
          outcome(() => plain(JSON.parse(changed))),
          changed,
        );
      }
    }
  }
});

function outcome(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch {
    return "refused";
  }
}

test("ST-5 no value of a body is read twice, and nothing nested without end", (t) => {
  const parse = t.mock.method(JSON, "parse");
  const most = `{"a":[${"0,".repeat(524_000)}{"b":"c"}]}`;
  assert.equal(((parseJson(most) as { a: unknown[] }).a ?? []).length, 524_001);
  // Of the strings alone, and never with a reviver, which costs microseconds for each value.
  assert.deepEqual(
    parse.mock.calls.map(({ arguments: given }) => given),
    [['"a"'], ['"b"'], ['"c"']],
  );
  assert.throws(() => parseJson("[".repeat(500_000)), RangeError);
  assert.throws(() => parseJson('{"a":'.repeat(500_000)), RangeError);
});
