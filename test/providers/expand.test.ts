import assert from "node:assert/strict";
import { test } from "node:test";
import { type Expanded, expandProvider, expandRevocationUrl, findProvider } from "../../src/providers/index.ts";

type Options = Record<string, string>;

function expand(id: string, server: Options = {}, credential: Options = {}): Expanded {
  const provider = findProvider(id);
  assert.ok(provider, id);
  return expandProvider(provider, server, credential);
}

test("what was expanded for a server is not made again for each request at it, and options of others are their own", () => {
  const made = expand("oidc", { issuer_url: "https://one.example" });
  assert.equal(expand("oidc", { issuer_url: "https://one.example" }), made);
  assert.equal(expand("oidc", { issuer_url: "https://two.example" }).discovery, "https://two.example");
  for (let number = 0; number < 64; number++) expand("oidc", { issuer_url: `https://${number}.example` });
  assert.notEqual(expand("oidc", { issuer_url: "https://one.example" }), made, "only some are kept");
  assert.equal(expand("oidc", { issuer_url: "https://one.example" }).discovery, "https://one.example");
});

const AZURE = "https://login.microsoftonline.com";

test("oauthapp 9: endpoints of the providers that have fixed ones", () => {
  assert.deepEqual(expand("github").endpoints, {
    authorization: "https://github.com/login/oauth/authorize",
    token: "https://github.com/login/oauth/access_token",
    deviceAuthorization: "https://github.com/login/device/code",
  });
  assert.deepEqual(expand("gitlab").endpoints, {
    authorization: "https://gitlab.com/oauth/authorize",
    token: "https://gitlab.com/oauth/token",
    deviceAuthorization: "https://gitlab.com/oauth/authorize_device",
    revocation: "https://gitlab.com/oauth/revoke",
  });
  assert.deepEqual(expand("bitbucket").endpoints, {
    authorization: "https://bitbucket.org/site/oauth2/authorize",
    token: "https://bitbucket.org/site/oauth2/access_token",
  });
  assert.deepEqual(expand("slack").endpoints, {
    authorization: "https://slack.com/oauth/v2/authorize",
    token: "https://slack.com/api/oauth.v2.access",
  });
  assert.deepEqual(expand("microsoft_azure_ad").endpoints, {
    authorization: `${AZURE}/organizations/oauth2/v2.0/authorize`,
    token: `${AZURE}/organizations/oauth2/v2.0/token`,
    deviceAuthorization: `${AZURE}/organizations/oauth2/v2.0/devicecode`,
  });
});

test("oauthapp 9: discovery, the issuer as it was given", () => {
  const google = expand("google", { extra_data_fields: "id_token, user_info" });
  assert.equal(google.discovery, "https://accounts.google.com");
  assert.deepEqual(google.endpoints, {});
  assert.deepEqual(google.extraDataFields, ["id_token", "user_info"]);
  assert.deepEqual(google.issuerAliases, ["accounts.google.com"]);
  const oidc = expand("oidc", { issuer_url: "https://as.example/t/" });
  assert.equal(oidc.discovery, "https://as.example/t/");
  assert.deepEqual(oidc.extraDataFields, []);
  assert.deepEqual(oidc.issuerAliases, []);
});

test("oauthapp 9: method, device authentication, openid and rotation of every provider", () => {
  const rows = {
    bitbucket: ["client_secret_basic", true, false, "strict"],
    custom: [undefined, true, false, "strict"],
    github: ["client_secret_post", false, false, "strict"],
    gitlab: ["client_secret_post", true, false, "strict"],
    google: ["client_secret_post", true, true, "none"],
    microsoft_azure_ad: ["client_secret_post", true, false, "reusable"],
    oidc: [undefined, true, true, "strict"],
    slack: ["client_secret_post", true, false, "strict"],
  };
  for (const [id, row] of Object.entries(rows)) {
    const { authMethod, deviceAuthentication, openid, rotation } = expand(id);
    assert.deepEqual([authMethod, deviceAuthentication, openid, rotation.kind], row, id);
  }
});

test("C14 tenant: server, then request, then organizations; path-escaped; empty is absent", () => {
  const token = (server: Options, credential: Options) =>
    expand("microsoft_azure_ad", server, credential).endpoints.token;
  const url = (tenant: string) => `${AZURE}/${tenant}/oauth2/v2.0/token`;
  assert.equal(token({ tenant: "server" }, { tenant: "request" }), url("server"));
  assert.equal(token({}, { tenant: "request" }), url("request"));
  assert.equal(token({ tenant: "" }, { tenant: "request" }), url("request"));
  assert.equal(token({ tenant: "" }, { tenant: "" }), url("organizations"));
  assert.equal(token({}, { tenant: "a/../b?c#d" }), url("a%2F..%2Fb%3Fc%23d"));
  assert.equal(token({}, { tenant: "\ud800" }), url("%EF%BF%BD"));
  for (const tenant of [".", ".."]) assert.equal(token({}, { tenant }), undefined, "dot segments leave their place");
});

test("a request cannot change what only the server's options say", () => {
  const evil = { base_url: "https://evil.example", token_url: "https://evil.example", token: "user", auth_style: "x" };
  for (const id of ["github", "gitlab", "slack", "custom"]) assert.deepEqual(expand(id, {}, evil), expand(id), id);
});

test("GitHub Enterprise and self-managed GitLab by base_url", () => {
  for (const base_url of ["https://ghe.example", "https://ghe.example/"]) {
    const { endpoints, revocationCall } = expand("github", { base_url });
    assert.equal(endpoints.deviceAuthorization, "https://ghe.example/login/device/code");
    assert.equal(revocationCall?.url, "https://ghe.example/api/v3/applications/{client_id}/token");
  }
  const gitlab = expand("gitlab", { base_url: "https://git.example/sub/" }).endpoints;
  assert.equal(gitlab.token, "https://git.example/sub/oauth/token");
  assert.equal(gitlab.revocation, "https://git.example/sub/oauth/revoke");
});

test("FC-34 GitHub with data residency has its API at a host of its own", () => {
  const expanded = expand("github", { base_url: "https://octo.ghe.com" });
  assert.equal(expanded.endpoints.token, "https://octo.ghe.com/login/oauth/access_token");
  assert.equal(expanded.account?.url, "https://api.octo.ghe.com/user");
  assert.equal(expanded.revocationCall?.url, "https://api.octo.ghe.com/applications/{client_id}/token");
  assert.equal(expand("github", {}).account?.url, "https://api.github.com/user");
  assert.equal(
    expand("github", { base_url: "https://ghe.company.example" }).account?.url,
    "https://ghe.company.example/api/v3/user",
  );
  assert.equal(expand("github", { base_url: "https://evilghe.com" }).account?.url, "https://evilghe.com/api/v3/user");
});

test("FC-35 Entra's national clouds by base_url", () => {
  const { endpoints } = expand("microsoft_azure_ad", { base_url: "https://login.microsoftonline.us", tenant: "t" });
  assert.equal(endpoints.token, "https://login.microsoftonline.us/t/oauth2/v2.0/token");
  assert.equal(endpoints.deviceAuthorization, "https://login.microsoftonline.us/t/oauth2/v2.0/devicecode");
});

test("own revocation calls: GitHub with the client id in the path, Slack by the token itself", () => {
  for (const options of [{}, { base_url: "" }, { base_url: "https://github.com/" }]) {
    const call = expand("github", options).revocationCall;
    assert.ok(call);
    assert.deepEqual([call.method, call.authorization, call.tokenMember], ["DELETE", "client", "access_token"]);
    assert.equal(expandRevocationUrl(call, "Iv1.a/b$&"), "https://api.github.com/applications/Iv1.a%2Fb%24%26/token");
  }
  const slack = expand("slack").revocationCall;
  assert.deepEqual(slack, { method: "POST", url: "https://slack.com/api/auth.revoke", authorization: "token" });
  assert.equal(expand("gitlab").revocationCall, undefined);
});

test("slack: the option token chooses where tokens lie and how scopes are asked for", () => {
  const bot = expand("slack").quirks;
  assert.deepEqual([bot.tokenPath, bot.scopeParameter, bot.tokenTypes], [undefined, undefined, ["bot"]]);
  assert.deepEqual([bot.errorUnderOk, bot.scopeSeparator, bot.scopeSeparatorInRequests], [true, ",", true]);
  assert.deepEqual(expand("slack", { token: "bot" }), expand("slack"));
  const user = expand("slack", { token: "user" }).quirks;
  assert.deepEqual([user.tokenPath, user.scopeParameter, user.tokenTypes], ["authed_user", "user_scope", ["user"]]);
  assert.equal(user.scopeSeparator, ",");
});

test("custom: its endpoints are its options, exactly; style and separator are data", () => {
  const options = {
    auth_code_url: "https://as.example/a/",
    token_url: "https://as.example/t?x=1",
    device_code_url: "https://as.example/d",
    revocation_url: "https://as.example/r",
    issuer: "https://as.example/",
  };
  const full = expand("custom", options);
  assert.deepEqual(full.endpoints, {
    issuer: options.issuer,
    authorization: options.auth_code_url,
    token: options.token_url,
    deviceAuthorization: options.device_code_url,
    revocation: options.revocation_url,
  });
  assert.equal(full.quirks.scopeSeparator, undefined);
  const { token_url } = options;
  assert.deepEqual(expand("custom", { token_url }).endpoints, { token: token_url });
  assert.equal(expand("custom", { token_url, auth_style: "in_header" }).authMethod, "client_secret_basic");
  assert.equal(expand("custom", { token_url, auth_style: "in_params" }).authMethod, "client_secret_post");
  const { scopeSeparator, scopeSeparatorInRequests } = expand("custom", { token_url, scope_separator: "," }).quirks;
  assert.deepEqual([scopeSeparator, scopeSeparatorInRequests], [",", true]);
});

test("requirements 4: the rotation that is stated, else what the provider's data say, else strict", () => {
  const oidc = { issuer_url: "https://as.example" };
  assert.deepEqual(expand("oidc", oidc).rotation, { kind: "strict" });
  assert.deepEqual(expand("oidc", { ...oidc, rotation: "grace:30" }).rotation, { kind: "grace", seconds: 30 });
  assert.deepEqual(expand("custom", { rotation: "none" }).rotation, { kind: "none" });
  assert.deepEqual(expand("custom", {}, { rotation: "none" }).rotation, { kind: "strict" }, "a server's to say");
  assert.deepEqual(expand("google").rotation, { kind: "none" });
});
