import assert from "node:assert/strict";
import test from "node:test";
import { createAuthenticator, hashToken, newToken } from "../../src/access/root-token.ts";

test("5 a new token is hvs. and 256 bits, printable, never the same", () => {
  const tokens = new Set(Array.from({ length: 100 }, newToken));
  assert.equal(tokens.size, 100);
  for (const token of tokens) assert.match(token, /^hvs\.[A-Za-z0-9_-]{43}$/);
});

test("only the very token is known, by its hash", async () => {
  const token = newToken();
  const authenticate = createAuthenticator(hashToken(token));
  const identity = await authenticate(token);
  assert.deepEqual(identity?.policies, ["root"]);
  assert.doesNotMatch(JSON.stringify(identity), new RegExp(token.slice(4)));
  for (const other of ["", token.slice(0, -1), `${token} `, token.toUpperCase(), newToken(), "x".repeat(1_000_000)]) {
    assert.equal(await authenticate(other), undefined);
  }
});
