import assert from "node:assert/strict";
import { test } from "node:test";
import { headersOfCall, headerValue, paramHeaders } from "../../src/mcp/param-headers.ts";
import { requestHeaders } from "../../src/mcp/request-headers.ts";

const schema = (properties: object) => ({ type: "object", properties });

test("MCP-B8 values of annotated properties become headers: at their exact path, and none for null and what is absent", () => {
  const headers = paramHeaders(
    schema({
      region: { type: "string", "x-mcp-header": "Region" },
      limit: { type: "integer", "x-mcp-header": "Limit" },
      dry: { type: "boolean", "x-mcp-header": "Dry" },
      where: schema({ city: { type: "string", "x-mcp-header": "City" } }),
      // Names of properties, not annotations.
      "x-mcp-header": { type: "string" },
      properties: { type: "string", "x-mcp-header": "Odd" },
    }),
  );
  assert.ok(typeof headers !== "string", String(headers));
  assert.deepEqual(headersOfCall(headers, { region: "us-west1", limit: -7, dry: false, where: { city: "" } }), {
    "Mcp-Param-Region": "us-west1",
    "Mcp-Param-Limit": "-7",
    "Mcp-Param-Dry": "false",
    "Mcp-Param-City": "",
  });
  assert.deepEqual(headersOfCall(headers, { region: null, where: [], properties: "x" }), { "Mcp-Param-Odd": "x" });
  assert.deepEqual(headersOfCall(headers, undefined), {});
});

test("MCP-B8 a value that a header would change goes in Base64, as the documented examples do", () => {
  const values = ["us-west1", "Hello, 世界", " padded ", "line1\nline2", "=?base64?literal?=", "a b", "\t", ""];
  assert.deepEqual(values.map(headerValue), [
    "us-west1",
    "=?base64?SGVsbG8sIOS4lueVjA==?=",
    "=?base64?IHBhZGRlZCA=?=",
    "=?base64?bGluZTEKbGluZTI=?=",
    "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=",
    "a b",
    "=?base64?CQ==?=",
    "",
  ]);
});

test("MCP-B8 a tool with a bad annotation says why it may not be used, wherever the annotation stands", () => {
  const text = { type: "string", "x-mcp-header": "A" };
  const bad: readonly (readonly [object, RegExp])[] = [
    [schema({ a: { type: "string", "x-mcp-header": "" } }), /empty/],
    [schema({ a: { type: "string", "x-mcp-header": 7 } }), /no text/],
    [schema({ a: { type: "string", "x-mcp-header": "a b" } }), /no name of a header/],
    [schema({ a: { type: "string", "x-mcp-header": "a\r\nb" } }), /no name of a header/],
    [schema({ a: text, b: { type: "string", "x-mcp-header": "a" } }), /twice/],
    [schema({ a: { type: "number", "x-mcp-header": "A" } }), /not at a string/],
    [schema({ a: { type: ["string", "null"], "x-mcp-header": "A" } }), /not at a string/],
    [schema({ a: { type: "object", "x-mcp-header": "A" } }), /not at a string/],
    [schema({ a: { type: "array", items: text } }), /property of its own/],
    [{ type: "object", oneOf: [schema({ a: text })] }, /property of its own/],
    [{ type: "object", $defs: { a: text } }, /property of its own/],
    [{ type: "object", if: schema({ a: text }) }, /property of its own/],
    [{ "x-mcp-header": "A", type: "string" }, /property of its own/],
  ];
  for (const [one, why] of bad) assert.match(String(paramHeaders(one)), why, JSON.stringify(one));
  assert.deepEqual(paramHeaders(schema({ a: { $ref: "https://127.0.0.1:1/schema" } })), []);
  assert.deepEqual(paramHeaders(schema({ a: { const: text, default: text, enum: [text], examples: [text] } })), []);
  let deep: object = text;
  for (let level = 0; level < 100_000; level++) deep = { items: deep };
  assert.match(String(paramHeaders(deep)), /property of its own/);
});

test("MCP-B8 version, method and name are headers of a modern request, all out of its body", () => {
  const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
  const headers = (method: string, params: object) =>
    requestHeaders({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } });
  const version = { "mcp-protocol-version": "2026-07-28" };
  assert.deepEqual(headers("tools/call", { name: "a" }), { ...version, "mcp-method": "tools/call", "mcp-name": "a" });
  assert.deepEqual(headers("resources/read", { uri: "file:///ä" })["mcp-name"], "=?base64?ZmlsZTovLy/DpA==?=");
  assert.deepEqual(headers("prompts/get", { name: "p" })["mcp-name"], "p");
  assert.deepEqual(headers("tools/list", { name: "a" }), { ...version, "mcp-method": "tools/list" });
});
