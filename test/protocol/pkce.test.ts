import assert from "node:assert/strict";
import { test } from "node:test";
import { codeChallenge, generateNonce, generateState, generateVerifier } from "../../src/protocol/pkce.ts";

test("PKCE-04 the vector of RFC 7636 appendix B", async () => {
  const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  assert.equal(await codeChallenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
});

for (const [title, generate] of [
  ["PKCE-01 PKCE-02 verifiers", generateVerifier],
  ["OA-14 states", generateState],
  ["nonces", generateNonce],
] as const) {
  test(`${title} are 32 octets as base64url, new each time`, () => {
    const values = Array.from({ length: 50 }, generate);
    for (const value of values) assert.match(value, /^[A-Za-z0-9_-]{43}$/);
    assert.equal(new Set(values).size, 50);
  });
}
