import assert from "node:assert/strict";
import { test } from "node:test";
import { parseServerInput } from "../../../src/protocol/ladder/server-input.ts";

const parse = (text: string, allowHttp = false) => parseServerInput(text, allowHttp);

for (const [input, name, host] of [
  ["example.org", "example.org", "example.org"],
  ["  Example.ORG ", "example.org", "example.org"],
  ["example.org:8448", "example.org:8448", "example.org"],
  ["@alice:example.org", "example.org", "example.org"],
  ["@alice:example.org:8448", "example.org:8448", "example.org"],
  ["@a:b:[2001:db8::1]:8448", undefined, undefined],
  ["@alice:[2001:db8::1]:8448", "[2001:db8::1]:8448", "[2001:db8::1]"],
  ["[2001:db8::1]", "[2001:db8::1]", "[2001:db8::1]"],
  ["192.0.2.7", "192.0.2.7", "192.0.2.7"],
  ["localhost", "localhost", "localhost"],
] as const) {
  test(`MX-D1 ${input} names ${name}`, () => {
    assert.deepEqual(parse(input), name === undefined ? undefined : { kind: "name", name, host });
  });
}

for (const [input, baseUrl] of [
  ["https://matrix.example.org", "https://matrix.example.org"],
  ["https://matrix.example.org/", "https://matrix.example.org"],
  ["https://matrix.example.org:8448/hs/", "https://matrix.example.org:8448/hs"],
] as const) {
  test(`MX-D1 MX-D3 ${input} is a base URL`, () => {
    assert.deepEqual(parse(input), { kind: "url", baseUrl });
  });
}

for (const bad of [
  "",
  "@alice",
  "@alice:",
  "exa mple.org",
  "user@example.org",
  "example.org/path",
  "example.org\\evil",
  "example.org?x",
  "example.org#x",
  "example.org:0",
  "example.org:70000",
  "example.org:",
  "127.1",
  "0x7f.1",
  "2130706433",
  "exämple.org",
  "-example.org",
  `${"a.".repeat(200)}org`,
  "http://matrix.example.org",
  "https://u:p@matrix.example.org",
  "https://matrix.example.org/?q",
  "https://matrix.example.org/#f",
  "https://",
  "ftp://example.org",
  "file:///etc/passwd",
]) {
  test(`MX-D1 ${JSON.stringify(bad.slice(0, 40))} names nothing`, () => {
    assert.equal(parse(bad), undefined);
  });
}

test("MX-V4 http is for loopback under the test switch, which the guarded fetch judges", () => {
  assert.deepEqual(parse("http://127.0.0.1:8008", true), { kind: "url", baseUrl: "http://127.0.0.1:8008" });
});
