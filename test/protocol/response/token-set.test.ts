import assert from "node:assert/strict";
import { test } from "node:test";
import { processTokenResponse } from "../../../src/protocol/response/token-response.ts";
import { answer } from "../recording.ts";

/** The tokens of a 200 answer with a refresh token and these members. */
function read(members: Record<string, unknown>) {
  const outcome = processTokenResponse(
    answer(200, { access_token: "a", token_type: "Bearer", refresh_token: "r", ...members }),
  );
  assert.equal(outcome.kind, "tokens");
  return { ...outcome.tokens, oddities: outcome.oddities };
}

const plain = { accessToken: "a", tokenType: "Bearer", refreshToken: "r", oddities: [] as string[] };

const SHAPES: readonly [title: string, members: Record<string, unknown>, expected: Record<string, unknown>][] = [
  ["D12 nothing odd", {}, {}],
  ["FC-11 expires_in null", { expires_in: null }, {}],
  ["D12 expires_in negative", { expires_in: -1 }, { oddities: ["expires_in is not a number of seconds"] }],
  ["OA-08 expires_in as text", { expires_in: "3600" }, { expiresIn: 3600 }],
  ["OA-08 expires_in with a fraction", { expires_in: "3599.7" }, { expiresIn: 3599 }],
  ["OA-08 expires_in 0", { expires_in: 0 }, { expiresIn: 0 }],
  ["OA-08 expires_in of a thousand years", { expires_in: 3e10 }, { expiresIn: 315_360_000 }],
  ["OA-08 expires_in as a word", { expires_in: "soon" }, { oddities: ["expires_in is not a number of seconds"] }],
  ["D12 token_type missing", { token_type: undefined }, { oddities: ["token_type is missing"] }],
  ["D12 token_type null", { token_type: null }, { oddities: ["token_type is missing"] }],
  ["OA-05 token_type in another case", { token_type: "BEARER" }, {}],
  ["OA-05 token_type mac", { token_type: "mac" }, { tokenType: "MAC" }],
  ["OA-05 D12 token_type unusual", { token_type: "hawk" }, { tokenType: "hawk", oddities: ["token_type is unusual"] }],
  [
    "OA-05 token_type like a prototype's member",
    { token_type: "toString" },
    { tokenType: "toString", oddities: ["token_type is unusual"] },
  ],
  ["TX-02 token_type N_A", { token_type: "N_A" }, { tokenType: "N_A" }],
  ["OA-09 scope", { scope: "a  b" }, { scopes: ["a", "b"] }],
  ["OA-09 scope empty", { scope: "" }, {}],
  ["D12 scope as list", { scope: ["a", "b c", 1] }, { scopes: ["a", "b", "c"], oddities: ["scope is a list"] }],
  ["FC-11 scope null", { scope: null }, {}],
  ["FC-11 id_token null", { id_token: null }, {}],
  ["D12 scope of a number", { scope: 1 }, { oddities: ["scope is neither a string nor a list"] }],
  ["FC-04 refresh_expires_in", { refresh_expires_in: 1800 }, { refreshExpiresIn: 1_800 }],
  ["FC-04 refresh_token_expires_in", { refresh_token_expires_in: "1800" }, { refreshExpiresIn: 1_800 }],
  ["FC-04 x_refresh_token_expires_in", { x_refresh_token_expires_in: 1800.5 }, { refreshExpiresIn: 1_800 }],
  ["FC-04 refresh_expires_in 0 (Keycloak's offline tokens)", { refresh_expires_in: 0 }, {}],
  ["D12 id_token", { id_token: "e30.e30.c2ln" }, { idToken: "e30.e30.c2ln" }],
  ["D12 id_token malformed", { id_token: "nonsense" }, { oddities: ["id_token is malformed"] }],
  ["D12 access_token empty", { access_token: "" }, { accessToken: "", oddities: ["access_token is missing"] }],
  [
    "D12 access_token that would split a header",
    { access_token: "a\r\nx: y" },
    {
      accessToken: "",
      oddities: ["access_token contains characters that are not allowed in a header", "access_token is missing"],
    },
  ],
  ["OA-10 refresh_token empty", { refresh_token: "" }, { refreshToken: undefined }],
  ["TX-02 issued_token_type", { issued_token_type: "urn:x" }, { issuedTokenType: "urn:x" }],
];

for (const [title, members, expected] of SHAPES) {
  test(title, () => {
    const wanted = Object.entries({ ...plain, ...expected }).filter(([, value]) => value !== undefined);
    assert.deepEqual(read(members), Object.fromEntries(wanted));
  });
}

test("OA-06 ten thousand unknown members, nested ones, and names of a prototype", () => {
  const unknown = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`x${index}`, { deep: [index] }]));
  const body = JSON.stringify({ ...unknown, access_token: "a", token_type: "Bearer", refresh_token: "r" });
  const hostile = body.replace("{", '{"__proto__":{"expires_in":1},"constructor":{"prototype":{"scope":"x"}},');
  const outcome = processTokenResponse(answer(200, hostile));
  assert.deepEqual(outcome, {
    kind: "tokens",
    tokens: { accessToken: "a", tokenType: "Bearer", refreshToken: "r" },
    oddities: [],
  });
  assert.equal(Object.hasOwn(Object.prototype, "expires_in"), false);
});

test("OA-07 tokens of 16 KB and 8 KB", () => {
  const tokens = read({ access_token: "a".repeat(16_384), refresh_token: "r".repeat(8_192) });
  assert.equal(tokens.accessToken.length, 16_384);
  assert.equal(tokens.refreshToken?.length, 8_192);
});
