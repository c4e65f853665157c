import assert from "node:assert/strict";
import { test } from "node:test";
import { bearerChallenge, parseChallenges } from "../../../src/protocol/resource/challenges.ts";

const read = (text: string) => bearerChallenge(parseChallenges(text) ?? []);

test("MCP-D1 every challenge is read: several in one field, token68, quoted strings, any order and case", () => {
  const field = [
    'Negotiate dG9rZW4=, Basic realm="a, b=\\"c\\"", charset=UTF-8',
    'bEaReR   error = "invalid_token" ,, SCOPE="a b" , Resource_Metadata="https://h.example/.well-known/x"',
    "DPoP algs=ES256",
  ].join(", ");
  assert.deepEqual(
    parseChallenges(field)?.map(({ scheme }) => scheme),
    ["negotiate", "basic", "bearer", "dpop"],
  );
  assert.equal(parseChallenges(field)?.[1]?.parameters.realm, 'a, b="c"');
  const expected = { resourceMetadata: "https://h.example/.well-known/x", scope: "a b", error: "invalid_token" };
  assert.deepEqual(read(field), expected);
});

test("MCP-D1 the first Bearer with resource_metadata counts, else the first Bearer, and none is none", () => {
  assert.deepEqual(
    read('Bearer scope="a", Bearer resource_metadata="https://h/1", Bearer resource_metadata="https://h/2"'),
    {
      resourceMetadata: "https://h/1",
    },
  );
  assert.deepEqual(read('Bearer scope="a", Bearer scope="b"'), { scope: "a" });
  assert.deepEqual(read("Bearer"), {});
  assert.equal(read("Basic realm=x"), undefined);
  assert.equal(read(""), undefined);
  assert.deepEqual(read('Bearer scope="a", scope="b"'), { scope: "a" }, "of a parameter that comes twice the first");
});

test("MCP-D1 more than 16 challenges, more than 8 KiB and what is no challenge are not read", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `Scheme${index} a=b`).join(", ");
  assert.equal(parseChallenges(many(16))?.length, 16);
  for (const odd of [
    many(17),
    `Bearer scope="${"x".repeat(8_200)}"`,
    'Bearer scope="open',
    "Bearer a=b c=d",
    "=",
    "é",
  ]) {
    assert.equal(parseChallenges(odd), undefined, odd.slice(0, 40));
  }
});
