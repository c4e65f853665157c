import assert from "node:assert/strict";
import { test } from "node:test";
import { processDeviceAuthorizationResponse } from "../../src/protocol/device-authorization.ts";
import { applyQuirks } from "../../src/protocol/quirks.ts";
import type { HttpResponse } from "../../src/protocol/response/http-response.ts";
import { processTokenResponse } from "../../src/protocol/response/token-response.ts";
import { expandProvider, findProvider } from "../../src/providers/index.ts";

/** Answers as the providers' documentation prints them, through the provider's quirks and the process halves. */
function standard(id: string, given: HttpResponse, options: Record<string, string>): HttpResponse {
  const provider = findProvider(id);
  assert.ok(provider, id);
  return applyQuirks(given, expandProvider(provider, options, {}).quirks);
}

const json = (members: object, status = 200): HttpResponse => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(members),
});
const form = (body: string): HttpResponse => ({
  status: 200,
  headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
  body,
});

function tokensOf(id: string, given: HttpResponse, options: Record<string, string> = {}) {
  const outcome = processTokenResponse(standard(id, given, options));
  assert.ok(outcome.kind === "tokens", outcome.kind);
  return outcome.tokens;
}

function errorOf(id: string, given: HttpResponse) {
  const outcome = processTokenResponse(standard(id, given, {}));
  assert.ok(outcome.kind === "refused", outcome.kind);
  return outcome.error;
}

function deviceOf(id: string, given: HttpResponse) {
  const outcome = processDeviceAuthorizationResponse(standard(id, given, {}));
  assert.ok(outcome.kind === "device", outcome.kind);
  return outcome.device;
}

const codesOf = (id: string, error: string, status: number) => {
  const { code, providerCode } = errorOf(id, json(id === "slack" ? { ok: false, error } : { error }, status));
  return [code, providerCode];
};

test("GitHub: device codes and tokens, in JSON and in a form", () => {
  const device = {
    device_code: "3584d83530557fdd1f46af8289938c8ef79f9dc5",
    user_code: "WDJB-MJHT",
    verification_uri: "https://github.com/login/device",
    expires_in: 900,
    interval: 5,
  };
  const expected = {
    deviceCode: device.device_code,
    userCode: device.user_code,
    verificationUri: device.verification_uri,
    expiresIn: 900,
    interval: 5,
  };
  assert.deepEqual(deviceOf("github", json(device)), expected);
  const { device_code, user_code } = device;
  const text = `device_code=${device_code}&expires_in=900&interval=5&user_code=${user_code}&verification_uri=https%3A%2F%2Fgithub.com%2Flogin%2Fdevice`;
  assert.deepEqual(deviceOf("github", form(text)), expected);
  const token = "gho_16C7e42F292c6912E7710c838347Ae178B4a";
  const tokens = { accessToken: token, tokenType: "Bearer", scopes: ["repo", "gist"] };
  assert.deepEqual(tokensOf("github", json({ access_token: token, token_type: "bearer", scope: "repo,gist" })), tokens);
  assert.deepEqual(tokensOf("github", form(`access_token=${token}&scope=repo%2Cgist&token_type=bearer`)), tokens);
});

test("GitHub: tokens of an App that expire, also in a form", () => {
  const body = "access_token=ghu_a&expires_in=28800&refresh_token=ghr_b&refresh_token_expires_in=15897600&scope=";
  assert.deepEqual(tokensOf("github", form(`${body}&token_type=bearer`)), {
    accessToken: "ghu_a",
    refreshToken: "ghr_b",
    refreshExpiresIn: 15_897_600,
    expiresIn: 28_800,
    tokenType: "Bearer",
  });
});

test("DEV-14 DEV-21 GitHub: slow_down under 200 with its new interval, in JSON and in a form", () => {
  const slowDown = errorOf("github", json({ error: "slow_down", error_description: "Too fast", interval: 10 }));
  assert.deepEqual([slowDown.code, slowDown.interval], ["slow_down", 10]);
  assert.equal(errorOf("github", form("error=slow_down&interval=10")).interval, 10);
  assert.equal(errorOf("github", json({ error: "authorization_pending" })).code, "authorization_pending");
});

test("OA-13 GitHub: its error codes, under status 200", () => {
  assert.deepEqual(codesOf("github", "bad_verification_code", 200), ["invalid_grant", "bad_verification_code"]);
  assert.deepEqual(codesOf("github", "bad_refresh_token", 200), ["invalid_grant", "bad_refresh_token"]);
  assert.deepEqual(codesOf("github", "incorrect_device_code", 200), ["invalid_grant", "incorrect_device_code"]);
  const client = ["invalid_client", "incorrect_client_credentials"];
  assert.deepEqual(codesOf("github", "incorrect_client_credentials", 200), client);
  assert.deepEqual(codesOf("github", "device_flow_disabled", 200), ["unauthorized_client", "device_flow_disabled"]);
  assert.deepEqual(codesOf("github", "redirect_uri_mismatch", 200), ["redirect_uri_mismatch", "redirect_uri_mismatch"]);
});

const SLACK = {
  ok: true,
  access_token: "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzbqgy",
  token_type: "bot",
  scope: "commands,incoming-webhook",
  bot_user_id: "U0KRQLJ9H",
  app_id: "A0KRD7HC3",
  team: { name: "Slack Softball Team", id: "T9TK3CUKW" },
  enterprise: { name: "slack-sports", id: "E12345678" },
  authed_user: { id: "U1234", scope: "chat:write", access_token: "xoxp-1234", token_type: "user" },
};
const USER = { token: "user" };

test("Slack v2: bot and user token out of one answer", () => {
  assert.deepEqual(tokensOf("slack", json(SLACK)), {
    accessToken: SLACK.access_token,
    tokenType: "Bearer",
    scopes: ["commands", "incoming-webhook"],
  });
  assert.deepEqual(tokensOf("slack", json(SLACK), USER), {
    accessToken: "xoxp-1234",
    tokenType: "Bearer",
    scopes: ["chat:write"],
  });
});

test("Slack with token rotation: each kind keeps its own refresh token, at the exchange and at a refresh", () => {
  const rotating = {
    ...SLACK,
    refresh_token: "xoxe-1-bot",
    expires_in: 43_200,
    authed_user: { ...SLACK.authed_user, refresh_token: "xoxe-1-user", expires_in: 43_200 },
  };
  assert.equal(tokensOf("slack", json(rotating)).refreshToken, "xoxe-1-bot");
  assert.equal(tokensOf("slack", json(rotating), USER).refreshToken, "xoxe-1-user");
  const onlyBotRotates = { ...rotating, authed_user: SLACK.authed_user };
  assert.equal(tokensOf("slack", json(onlyBotRotates), USER).refreshToken, undefined);
  const refreshed = { ok: true, access_token: "xoxe.xoxp-2", token_type: "user", refresh_token: "xoxe-2" };
  const { tokenType, refreshToken } = tokensOf("slack", json(refreshed), USER);
  assert.deepEqual([tokenType, refreshToken], ["Bearer", "xoxe-2"]);
});

test("Slack: a bot's token is not taken for a user's", () => {
  const { authed_user: _, ...botOnly } = SLACK;
  assert.equal(tokensOf("slack", json({ ...botOnly, authed_user: { id: "U1234" } }), USER).tokenType, "bot");
});

test("OA-13 Slack: ok:false under status 200", () => {
  for (const error of ["invalid_code", "code_already_used", "invalid_refresh_token", "token_revoked"]) {
    assert.deepEqual(codesOf("slack", error, 200), ["invalid_grant", error]);
  }
  for (const error of ["bad_client_secret", "invalid_client_id"]) {
    assert.deepEqual(codesOf("slack", error, 200), ["invalid_client", error]);
  }
});

test("CL-09 Slack: its own trouble is no verdict about a grant", () => {
  for (const error of ["internal_error", "fatal_error", "service_unavailable", "ratelimited"]) {
    assert.equal(processTokenResponse(standard("slack", json({ ok: false, error }), {})).kind, "ambiguous", error);
  }
});

test("DEV-06 Google: verification_url; pending under 428, denied and too fast under 403", () => {
  const device = deviceOf(
    "google",
    json({
      device_code: "4/4-GMMhmHCXhWEzkobqIHGG_EnNYYsAkukHspeYUk9E8",
      user_code: "GQVQ-JKEC",
      verification_url: "https://www.google.com/device",
      expires_in: 1800,
      interval: 5,
    }),
  );
  assert.equal(device.verificationUri, "https://www.google.com/device");
  const pending = { error: "authorization_pending", error_description: "Precondition Required" };
  assert.equal(errorOf("google", json(pending, 428)).code, "authorization_pending");
  assert.equal(errorOf("google", json({ error: "slow_down", error_description: "Forbidden" }, 403)).code, "slow_down");
  assert.equal(errorOf("google", json({ error: "access_denied" }, 403)).code, "access_denied");
});

test("OA-13 Azure: its device codes and a dead refresh token", () => {
  assert.deepEqual(codesOf("microsoft_azure_ad", "authorization_declined", 400), [
    "access_denied",
    "authorization_declined",
  ]);
  assert.deepEqual(codesOf("microsoft_azure_ad", "bad_verification_code", 400), [
    "invalid_grant",
    "bad_verification_code",
  ]);
  assert.deepEqual(codesOf("microsoft_azure_ad", "interaction_required", 400), [
    "invalid_grant",
    "interaction_required",
  ]);
  assert.equal(codesOf("microsoft_azure_ad", "expired_token", 400)[0], "expired_token");
});

test("Bitbucket: granted scopes as scopes, and as scope since 2026", () => {
  const old = { access_token: "a", expires_in: 7200, refresh_token: "r", token_type: "bearer" };
  const expected = { accessToken: "a", expiresIn: 7200, refreshToken: "r", tokenType: "Bearer" };
  const scopes = ["account", "repository:write"];
  assert.deepEqual(tokensOf("bitbucket", json({ ...old, scopes: scopes.join(" ") })), { ...expected, scopes });
  assert.deepEqual(tokensOf("bitbucket", json({ ...old, scope: scopes.join(" ") })), { ...expected, scopes });
});

test("CL-04 GitLab and Atlassian: standard errors pass through under 400, 401 and 403", () => {
  for (const status of [400, 401, 403]) {
    assert.deepEqual(codesOf("gitlab", "invalid_grant", status), ["invalid_grant", "invalid_grant"]);
    assert.deepEqual(codesOf("bitbucket", "invalid_grant", status), ["invalid_grant", "invalid_grant"]);
  }
});

test("custom: error under 200, verification_url and a form together", () => {
  const token = { token_url: "https://as.example/token" };
  const device = "device_code=d&user_code=u&verification_url=https%3A%2F%2Fas.example%2Fd&expires_in=60&interval=1.5";
  const outcome = processDeviceAuthorizationResponse(standard("custom", form(device), token));
  assert.ok(outcome.kind === "device");
  assert.deepEqual([outcome.device.verificationUri, outcome.device.interval], ["https://as.example/d", 2]);
  assert.equal(processTokenResponse(standard("custom", form("error=access_denied"), token)).kind, "refused");
});
