import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJsonObject } from "../../../src/protocol/response/json.ts";
import { oauthErrorText, readOAuthError, withoutSecrets } from "../../../src/protocol/response/oauth-error.ts";
import { answer } from "../recording.ts";

function read(members: Record<string, unknown>) {
  const given = answer(400, members);
  return readOAuthError(parseJsonObject(given.body) ?? {}, given);
}

test("OA-12 code, description, URI, in one sentence", () => {
  const error = read({
    error: "invalid_scope",
    error_description: "no such scope",
    error_uri: "https://as.example/e?1",
  });
  assert.ok(error);
  assert.equal(
    oauthErrorText(error),
    "server rejected request: invalid_scope: no such scope (see https://as.example/e?1)",
  );
});

test("OA-12 control characters, other scripts and length", () => {
  const error = read({ error: "e", error_description: `a\u001b[31m\r\nb ü ${"x".repeat(900)}` });
  assert.match(error?.description ?? "", /^a \[31m b x+$/);
  assert.equal(error?.description?.length, 500);
});

test("FC-12 a description of 350 characters keeps its last sentence, which says what to do (Hydra)", () => {
  const error_description = `${"The request is missing something. ".repeat(9)} Make sure that the client may do so.`;
  assert.match(read({ error: "e", error_description })?.description ?? "", /Make sure that the client may do so\.$/);
});

test("OA-12 a code has 64 harmless characters at most", () => {
  const error = read({ error: `<b>"bad" code</b>\n${"x".repeat(100)}` });
  assert.match(error?.code ?? "", /^[A-Za-z0-9_.:-]{64}$/);
});

for (const uri of ["http://as.example/", "javascript:alert(1)", "https://u:p@as.example/", "nonsense", 5]) {
  test(`OA-12 error_uri ${uri} is left out`, () => assert.equal(read({ error: "e", error_uri: uri })?.uri, undefined));
}

test("OA-12 an error that is no text is none", () => {
  for (const error of [undefined, null, "", 5, {}, ["e"]]) assert.equal(read({ error }), undefined);
});

test("DEV-14 the interval of a slow_down", () => {
  assert.equal(read({ error: "slow_down", interval: 10 })?.interval, 10);
  assert.equal(read({ error: "slow_down", interval: "7.2" })?.interval, 8);
  assert.equal(read({ error: "slow_down", interval: 0 })?.interval, undefined);
  assert.equal(read({ error: "slow_down", interval: 1e12 })?.interval, 86_400);
});

test("CL-10 Retry-After comes with a refusal too", () => {
  assert.equal(readOAuthError({ error: "slow_down" }, answer(400, "", { "retry-after": "9" }))?.retryAfter, 9);
});

const SECRET = "0.AVEA-secret_refresh.token";

test("OA-12 a part that repeats a secret of the request is left out", () => {
  const error = { code: "invalid_grant", providerCode: "invalid_grant" };
  const text = (more: object) => oauthErrorText(withoutSecrets({ ...error, ...more }, ["", SECRET]));
  assert.equal(text({ description: `token ${SECRET} is dead` }), "server rejected request: invalid_grant");
  assert.equal(text({ uri: `https://as.example/?t=${SECRET}` }), "server rejected request: invalid_grant");
  assert.equal(text({ description: "dead" }), "server rejected request: invalid_grant: dead");
  assert.equal(text({ code: SECRET, providerCode: SECRET }), "server rejected request: unknown_error");
});

test("OA-12 an error code that is a secret is shown in no spelling, cut or cleaned", () => {
  for (const secret of [SECRET, "CLIENT+SECRET/VALUE", `${"s".repeat(50)}${"t".repeat(50)}`]) {
    const error = read({ error: secret });
    assert.ok(error);
    const { code, providerCode } = withoutSecrets(error, [secret]);
    assert.deepEqual([code, providerCode], ["unknown_error", "unknown_error"], secret);
  }
});

test("OA-12 a secret cut by the length of the description is left out too", () => {
  const description = read({ error: "e", error_description: `${"x".repeat(480)} ${SECRET}` })?.description;
  assert.ok(description !== undefined && !description.includes(SECRET));
  const error = withoutSecrets({ code: "e", providerCode: "e", description }, [SECRET]);
  assert.equal(oauthErrorText(error), "server rejected request: e");
});
