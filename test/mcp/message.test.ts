import assert from "node:assert/strict";
import { test } from "node:test";
import { eraOf, isModernError } from "../../src/mcp/era.ts";
import { onOneLine, parseMessages, troubleOf } from "../../src/mcp/message.ts";

test("MCP-B1 what is a message and what is not", () => {
  const good = [
    '{"jsonrpc":"2.0","id":1,"method":"a"}',
    '{"jsonrpc":"2.0","method":"a","params":{}}',
    '{"jsonrpc":"2.0","id":"x","result":{}}',
    '{"jsonrpc":"2.0","error":{"code":1,"message":"m"}}',
    '[{"jsonrpc":"2.0","id":1,"method":"a"}]',
  ];
  for (const text of good) assert.ok(parseMessages(text), text);
  const bad = [
    "",
    "x",
    "{}",
    "[]",
    "[1]",
    '{"method":7}',
    '{"method":"a","params":[]}',
    '{"id":{},"method":"a"}',
    '{"id":1}',
  ];
  for (const text of bad) assert.equal(parseMessages(text), undefined, text);
});

test("MCP-B1 JSON on one line is the same JSON: numbers that no double holds, and the characters of texts", () => {
  const pretty = '{\r\n  "n": 12345678901234567890.10,\n  "t": "a\\nb"\n}\n';
  assert.equal(onOneLine(pretty), '{   "n": 12345678901234567890.10,   "t": "a\\nb" }');
  assert.equal(onOneLine('{"a":1}'), '{"a":1}');
});

test("MCP-B13 an error of ours has one code, a reason and the next command", () => {
  assert.deepEqual(troubleOf(7, { reason: "broker_unreachable", message: "it is away", next: "coatcheck doctor" }), {
    jsonrpc: "2.0",
    id: 7,
    error: {
      code: -32603,
      message: "it is away. To go on, run: coatcheck doctor",
      data: { coatcheck: { reason: "broker_unreachable", next: "coatcheck doctor" } },
    },
  });
});

test("MCP-B11 the era of a message, and the errors that only a modern server answers", () => {
  const meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
  const of = (method: string, params: object) => eraOf({ jsonrpc: "2.0", id: 1, method, params: { ...params } });
  assert.deepEqual(
    [of("initialize", {}), of("tools/list", { _meta: meta }), of("tools/list", {})],
    ["legacy", "modern", undefined],
  );
  const codes = [-32020, -32021, -32022, -32000, -32601];
  assert.deepEqual(
    codes.map((code) => isModernError({ jsonrpc: "2.0", error: { code, message: "" } })),
    [true, true, true, false, false],
  );
});
