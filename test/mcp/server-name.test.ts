import assert from "node:assert/strict";
import { test } from "node:test";
import { isName } from "../../src/api/index.ts";
import { serverNameOf } from "../../src/mcp/server-name.ts";

test("a server record of an MCP server is named by host and path, and no two of them alike", () => {
  assert.equal(serverNameOf("https://mcp.example.com/mcp"), "mcp.example.com-mcp");
  assert.equal(serverNameOf("https://mcp.example.com/"), "mcp.example.com");
  assert.equal(serverNameOf("https://mcp.example.com:8443/v1/mcp/"), "mcp.example.com:8443-v1_mcp");
  assert.equal(serverNameOf("no URL"), "");
  const urls = [
    "https://h.example/a/b",
    "https://h.example/a_b",
    "https://h.example/a-b",
    "https://h.example/a//b",
    "http://h.example/a/b",
    "https://h.example/a/b?tenant=1",
    "https://h.example/a/b?tenant=2",
    "https://[::1]:8080/mcp",
    `https://h.example/${"x".repeat(300)}`,
    `https://h.example/${"x".repeat(301)}`,
  ];
  const names = urls.map(serverNameOf);
  assert.equal(new Set(names).size, urls.length, JSON.stringify(names));
  for (const name of names) assert.ok(isName(name) && /^[\w.:-]+$/.test(name) && name.length < 120, name);
});
