import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isToolAllowed,
  LONGEST_PATTERN,
  messageProblem,
  patternProblem,
  withoutDeniedTools,
} from "../../src/mcp/tool-policy.ts";

test("MCP-G4 a tool is allowed by name or glob, denied whatever is allowed, and by the narrower of two policies", () => {
  const table = [
    [[], "anything", true],
    [[{}], "anything", true],
    [[{ allow: ["read_*"] }], "read_file", true],
    [[{ allow: ["read_*"] }], "xread_file", false],
    [[{ allow: ["read_*"] }], "Read_file", false],
    [[{ allow: [] }], "read_file", false],
    [[{ allow: ["*"], deny: ["*delete*"] }], "file_delete_all", false],
    [[{ deny: ["a?c"] }], "abc", false],
    [[{ deny: ["a?c"] }], "ac", true],
    [[{ allow: ["*"] }], "a*b", true],
    [[{ allow: ["a*b*c"] }], "axxbyybzc", true],
    [[{ allow: ["a*b*c"] }], "axxbyybz", false],
    [[{ allow: ["a.c"] }], "abc", false],
    [[{ allow: ["read_*"] }, { allow: ["*_file"] }], "read_file", true],
    [[{ allow: ["read_*"] }, { allow: ["*_file"] }], "read_dir", false],
  ] as const;
  for (const [policies, name, expected] of table) {
    assert.equal(isToolAllowed(policies, name), expected, `${JSON.stringify(policies)} ${name}`);
  }
});

test("MCP-G4 a pattern of many stars takes no time that anybody notices", () => {
  const before = process.cpuUsage();
  assert.equal(isToolAllowed([{ allow: [`${"a*".repeat(60)}b`] }], "a".repeat(10_000)), false);
  assert.ok(process.cpuUsage(before).user < 2_000_000);
});

test("MCP-G4 a list loses what is not allowed, what has no name too, and nothing else", () => {
  const result = {
    tools: [{ name: "read" }, { name: "write" }, { title: "nameless" }, 7],
    nextCursor: "n",
    _meta: { a: 1 },
  };
  const only = withoutDeniedTools([{ allow: ["read"] }], result);
  assert.deepEqual(only, { tools: [{ name: "read" }], nextCursor: "n", _meta: { a: 1 } });
  assert.equal(withoutDeniedTools([], result), result);
  for (const odd of [undefined, null, 7, "tools", {}, { tools: { name: "write" } }]) {
    assert.equal(withoutDeniedTools([{ allow: [] }], odd), odd);
  }
});

test("MCP-G4 what can be no pattern is said", () => {
  assert.equal(patternProblem("get_*"), undefined);
  assert.equal(patternProblem("a".repeat(LONGEST_PATTERN)), undefined);
  for (const bad of ["", "a b", "é", "a".repeat(LONGEST_PATTERN + 1)])
    assert.match(patternProblem(bad) ?? "", /^(must|may)/);
});

test("ST-47 a message that a server could read as the call of a denied tool is no message", () => {
  const call = (params: string, more = '"id":1,') =>
    `{"jsonrpc":"2.0",${more}"method":"tools/call","params":${params}}`;
  const refused = [
    call('{"name":"drop"}'),
    call('{"name":"drop"}', ""),
    call('{"name":"drop"}', '"id":null,'),
    call('{"name":"drop"}', '"id":{},'),
    call('{"name":"drop","name":"get"}'),
    call('{"name":"get","Name":"drop"}'),
    call('{"name":"get","n\\u0061me":"drop"}'),
    call('{"name":["drop"]}'),
    call('{"name":{"toString":"drop"}}'),
    call("{}"),
    call('["drop"]'),
    call('{"name":"get"},"params":{"name":"drop"}'),
    call('{"name":"get"},"Params":{"name":"drop"}'),
    call('{"name":"get"},"param\u017f":{"name":"drop"}'),
    call('{"name":"get"}', '"method":"ping","id":1,'),
    call('{"name":"get"}', '"METHOD":"ping","id":1,'),
    `[${call('{"name":"get","NAME":"drop"}')}]`,
  ];
  const allowed = [
    call('{"name":"get","arguments":{"name":"drop","Name":1,"method":"x","name":"twice"}}'),
    call('{"name":"get","_meta":{"id":1,"ID":2}},"extra":{"name":1,"name":2}'),
    '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"name":"drop"}}',
    '{"jsonrpc":"2.0","id":1,"result":{"a\\"b":"}","name":1,"Name":2}}',
  ];
  const problemOf = (policy: object, json: string) => messageProblem([policy], [JSON.parse(json)].flat()[0], json);
  for (const json of refused) assert.ok(problemOf({ deny: ["drop"] }, json), json);
  for (const json of allowed) assert.equal(problemOf({ deny: ["drop"] }, json), undefined, json);
  for (const json of [...refused, ...allowed]) assert.equal(problemOf({}, json), undefined, json);
});
