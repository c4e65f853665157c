import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { applyQuirks, PROVIDER_ERROR_MEMBER, type Quirks } from "../../src/protocol/quirks.ts";
import type { HttpResponse } from "../../src/protocol/response/http-response.ts";
import { processTokenResponse } from "../../src/protocol/response/token-response.ts";

const answer = (body: unknown, status = 200, type = "application/json"): HttpResponse => ({
  status,
  headers: { "content-type": type },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

const read = (given: HttpResponse, quirks: Quirks) => {
  const { status, body } = applyQuirks(given, quirks);
  return { status, members: JSON.parse(body) };
};

const FORM = "application/x-www-form-urlencoded; charset=utf-8";

test("DEV-21 CL-02 errorUnderOk: an error under 2xx comes out under 400; without the quirk, or empty, it does not", () => {
  assert.equal(read(answer({ error: "slow_down" }), { errorUnderOk: true }).status, 400);
  assert.equal(read(answer({ error: "slow_down" }, 201), { errorUnderOk: true }).status, 400);
  assert.equal(read(answer({ error: "slow_down" }), {}).status, 200);
  assert.equal(read(answer({ error: "" }), { errorUnderOk: true }).status, 200);
  assert.equal(read(answer({ error: "slow_down" }, 429), { errorUnderOk: true }).status, 429);
});

test("errorUnderOk: ok:true makes an error mean nothing, under 2xx only", () => {
  const members = { ok: true, error: "odd", access_token: "a" };
  assert.deepEqual(read(answer(members), { errorUnderOk: true }), {
    status: 200,
    members: { ok: true, access_token: "a" },
  });
  assert.equal(read(answer(members, 400), { errorUnderOk: true }).members.error, "odd");
});

test("CL-01 tokens beside an error keep their 2xx, so that they are salvaged", () => {
  const both = answer({ error: "odd", refresh_token: "r" });
  const outcome = processTokenResponse(applyQuirks(both, { errorUnderOk: true }));
  assert.equal(outcome.kind === "tokens" && outcome.tokens.refreshToken, "r");
});

test("OA-13 errorCodes: mapped under any status, the provider's own code kept, a forged one removed", () => {
  const quirks: Quirks = { errorCodes: { bad_refresh_token: "invalid_grant" } };
  for (const status of [200, 400, 401, 403]) {
    const { members } = read(answer({ error: "bad_refresh_token" }, status), quirks);
    assert.deepEqual(members, { error: "invalid_grant", [PROVIDER_ERROR_MEMBER]: "bad_refresh_token" });
  }
  const forged = { error: "invalid_grant", [PROVIDER_ERROR_MEMBER]: "forged" };
  assert.deepEqual(read(answer(forged, 400), quirks).members, { error: "invalid_grant" });
  assert.deepEqual(read(answer({ error: "toString" }, 400), quirks).members, { error: "toString" });
  const outcome = processTokenResponse(applyQuirks(answer({ error: "bad_refresh_token" }, 400), quirks));
  assert.deepEqual(outcome, {
    kind: "refused",
    error: { code: "invalid_grant", providerCode: "bad_refresh_token" },
  });
});

test("formAnswers: by Content-Type, and JSON under a form's type is still JSON", () => {
  const quirks: Quirks = { formAnswers: true };
  const form = answer("access_token=a%2Bb&scope=repo%2Cgist&expires_in=28800", 200, FORM);
  assert.deepEqual(read(form, quirks).members, { access_token: "a+b", scope: "repo,gist", expires_in: "28800" });
  assert.equal(applyQuirks(form, quirks).headers["content-type"], "application/json");
  assert.equal(applyQuirks(form, {}), form);
  assert.deepEqual(read(answer({ refresh_token: "r" }, 200, FORM), quirks).members, { refresh_token: "r" });
});

test("FC-06 tokens as a form under a text's type, or none, are read; a page or a sentence is not", () => {
  const quirks: Quirks = { formAnswers: true };
  for (const type of ["text/plain", "text/html; charset=utf-8", "Text/Plain;charset=UTF-8", ""]) {
    const form = answer("access_token=a%2Bb&token_type=bearer&expires_in=60\n", 200, type);
    assert.deepEqual(read(form, quirks).members, { access_token: "a+b", token_type: "bearer", expires_in: "60" });
    assert.equal(read(answer("error=access_denied", 400, type), quirks).members.error, "access_denied");
    assert.equal(read(answer("device_code=d&user_code=U", 200, type), quirks).members.device_code, "d");
    assert.equal(applyQuirks(form, {}), form, "not where the provider answers in JSON only");
  }
  const others = [
    "access_token=<b>&x=1",
    "see access_token=a for more",
    "<p>access_token=a",
    "a=b&c=d",
    "access_token",
  ];
  for (const body of others) {
    const given = answer(body, 200, "text/html");
    assert.equal(applyQuirks(given, quirks), given, body);
  }
  const image = answer("access_token=a", 200, "image/png");
  assert.equal(applyQuirks(image, quirks), image);
});

test("scopes: separator, other member", () => {
  assert.equal(read(answer({ scope: "repo,gist" }), { scopeSeparator: "," }).members.scope, "repo gist");
  assert.equal(read(answer({ scope: "repo,gist" }), {}).members.scope, "repo,gist");
  assert.equal(read(answer({ scopes: "a b" }), { scopeMember: "scopes" }).members.scope, "a b");
  assert.equal(read(answer({ scopes: "a", scope: "b" }), { scopeMember: "scopes" }).members.scope, "b");
  const both: Quirks = { scopeMember: "scopes", scopeSeparator: "+" };
  assert.equal(read(answer({ scopes: "a+b" }), both).members.scope, "a b");
});

test("tokenPath: the nested tokens alone count; without them those beside the object", () => {
  const quirks: Quirks = { tokenPath: "authed_user" };
  const bot = { access_token: "bot", refresh_token: "bot-r", expires_in: 1, scope: "b" };
  const nested = { ok: true, ...bot, authed_user: { id: "U1", access_token: "user", scope: "u" } };
  assert.deepEqual(read(answer(nested), quirks).members, { id: "U1", ok: true, access_token: "user", scope: "u" });
  assert.deepEqual(read(answer({ ...bot, authed_user: { id: "U1" } }), quirks).members, {
    ...bot,
    authed_user: { id: "U1" },
  });
  assert.deepEqual(read(answer(bot), quirks).members, bot);
  const refused = { error: "invalid_grant", authed_user: { access_token: "user" } };
  assert.equal(read(answer(refused, 400), quirks).members.error, "invalid_grant");
});

test("FC-10 tokenPath: a code to poll with and a refusal are read from the object too, also deeper", () => {
  const quirks: Quirks = { tokenPath: "data", errorUnderOk: true };
  assert.equal(read(answer({ code: 0, data: { access_token: "a" } }), quirks).members.access_token, "a");
  assert.equal(read(answer({ status: 0, data: { device_code: "d" } }), quirks).members.device_code, "d");
  const refused = read(answer({ data: { error: "invalid_grant" }, message: "error" }), quirks);
  assert.deepEqual([refused.status, refused.members.error], [400, "invalid_grant"]);
  const beside = { error: "access_denied", data: { error: "other" } };
  assert.equal(read(answer(beside, 400), quirks).members.error, "access_denied");
  const deep = { data: { tokens: { access_token: "a" } } };
  assert.equal(read(answer(deep), { tokenPath: "data.tokens" }).members.access_token, "a");
  for (const path of ["data.tokens.x", "none", "data.access_token"]) {
    assert.equal(read(answer(deep), { tokenPath: path }).members.access_token, undefined, path);
  }
});

test("DEV-06 verification_url stands in for a missing verification_uri", () => {
  const url = { verification_url: "https://a.example/d" };
  assert.equal(read(answer(url), { verificationUrl: true }).members.verification_uri, "https://a.example/d");
  assert.equal(read(answer(url), {}).members.verification_uri, undefined);
  const both = { ...url, verification_uri: "https://b.example/d" };
  assert.equal(read(answer(both), { verificationUrl: true }).members.verification_uri, "https://b.example/d");
});

test("tokenTypes: other names for Bearer", () => {
  assert.equal(read(answer({ token_type: "bot" }), { tokenTypes: ["bot"] }).members.token_type, "Bearer");
  assert.equal(read(answer({ token_type: "mac" }), { tokenTypes: ["bot"] }).members.token_type, "mac");
});

test("what is no JSON object is returned as it is, however deep", () => {
  const deep = `{"access_token":"a","x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  for (const body of ["", "<html>", "[1]", "null", "{", deep]) {
    const given = answer(body);
    assert.equal(applyQuirks(given, { errorUnderOk: true }), given);
  }
});

const code = fc.constantFrom("bad", "invalid_grant", "constructor", "__proto__", "");
const quirksArbitrary = fc.record(
  {
    errorUnderOk: fc.boolean(),
    verificationUrl: fc.boolean(),
    scopeSeparator: fc.constantFrom(",", "", " "),
    scopeMember: fc.constantFrom("scopes", "refresh_token", "__proto__"),
    tokenPath: fc.constantFrom("authed_user", "error", "__proto__"),
    formAnswers: fc.boolean(),
    tokenTypes: fc.constant(["bot"]),
    errorCodes: fc.dictionary(code, code),
  },
  { requiredKeys: [] },
);
const type = fc.constantFrom("application/json", FORM, "text/html", "");

test("applyQuirks is total, pure, and never turns an error into a success", () => {
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc.object().map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(body, type, fc.integer({ min: 100, max: 599 }), quirksArbitrary, (text, of, status, quirks) => {
      const given = answer(text, status, of);
      const copy = structuredClone(given);
      const first = applyQuirks(given, quirks);
      assert.deepEqual(given, copy);
      assert.deepEqual(applyQuirks(given, quirks), first);
      assert.ok(first.status === status || (first.status === 400 && status >= 200 && status < 300));
    }),
  );
});

test("OA-10 no quirk loses a refresh token, in JSON or in a form", () => {
  const token = fc.stringMatching(/^[!-~]{1,40}$/);
  const around = fc.record(
    { error: code, ok: fc.boolean(), scope: fc.string(), authed_user: fc.record({ id: fc.string() }) },
    { requiredKeys: [] },
  );
  const written = fc.constantFrom("beside", "nested", "form");
  fc.assert(
    fc.property(token, around, written, quirksArbitrary, (refreshToken, others, where, quirks) => {
      const tokens = { refresh_token: refreshToken };
      const given = {
        beside: answer({ ...others, ...tokens }),
        nested: answer({ ...others, authed_user: tokens }),
        form: answer(`x=1&${new URLSearchParams(tokens)}`, 200, FORM),
      }[where];
      const needed: Quirks = { ...quirks, tokenPath: "authed_user", formAnswers: true };
      const outcome = processTokenResponse(applyQuirks(given, needed));
      assert.equal(outcome.kind === "tokens" && outcome.tokens.refreshToken, refreshToken);
    }),
  );
});
