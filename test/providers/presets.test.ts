import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { applyQuirks } from "../../src/protocol/quirks.ts";
import { ofRefresh } from "../../src/protocol/response/failure.ts";
import type { HttpResponse } from "../../src/protocol/response/http-response.ts";
import { processTokenResponse } from "../../src/protocol/response/token-response.ts";
import {
  expandProvider,
  findProvider,
  metadataForRefresh,
  metadataOfProvider,
  PROVIDERS,
} from "../../src/providers/index.ts";
import { PRESETS } from "../../src/providers/presets/index.ts";

/**
 * What a token endpoint answers, as the provider's documentation prints it (`docs` of its data, or the page that is named), without
 * what is only its own.
 */
const ANSWERS: Readonly<Record<string, { readonly answer: object; readonly scopes?: readonly string[] }>> = {
  airtable: {
    answer: {
      refresh_token: "r",
      refresh_expires_in: 5_184_000,
      token_type: "Bearer",
      scope: "data.records:read",
      expires_in: 3_600,
    },
    scopes: ["data.records:read"],
  },
  asana: {
    answer: { expires_in: 3_600, token_type: "bearer", refresh_token: "r", data: { id: 4_673_218_951, name: "Greg" } },
  },
  atlassian: {
    answer: { expires_in: 3_600, token_type: "Bearer", refresh_token: "r", scope: "read:me" },
    scopes: ["read:me"],
  },
  // "Refresh tokens" of call-your-api-using-the-device-authorization-flow.
  auth0: {
    answer: { expires_in: 86_400, scope: "openid offline_access", token_type: "Bearer" },
    scopes: ["openid", "offline_access"],
  },
  box: { answer: { expires_in: 3_600, restricted_to: [], token_type: "bearer", refresh_token: "r" } },
  digitalocean: {
    answer: {
      token_type: "bearer",
      expires_in: 2_592_000,
      refresh_token: "r",
      info: { name: "Sammy the Shark", uuid: "u", team_uuid: "t" },
    },
  },
  discord: {
    answer: { token_type: "Bearer", expires_in: 604_800, refresh_token: "r", scope: "identify" },
    scopes: ["identify"],
  },
  docusign: { answer: { token_type: "Bearer", refresh_token: "r", expires_in: 28_800 } },
  dropbox: {
    answer: {
      expires_in: 13_220,
      token_type: "bearer",
      scope: "account_info.read files.content.read",
      refresh_token: "r",
    },
    scopes: ["account_info.read", "files.content.read"],
  },
  // "Refresh request": https://docs.egi.eu/providers/check-in/sp/#refresh-request
  egi_checkin: {
    answer: { expires_in: 3_599, refresh_token: "r", scope: "openid profile email", token_type: "Bearer" },
    scopes: ["openid", "profile", "email"],
  },
  // "Successful authentication response" of v2-oauth2-device-code.
  entra: {
    answer: { token_type: "Bearer", scope: "User.Read profile openid email", expires_in: 3_599, refresh_token: "r" },
    scopes: ["User.Read", "profile", "openid", "email"],
  },
  facebook: { answer: { token_type: "bearer", expires_in: 5_183_944 } },
  figma: { answer: { user_id: "1", token_type: "bearer", expires_in: 7_776_000, refresh_token: "r" } },
  fitbit: {
    answer: {
      expires_in: 28_800,
      refresh_token: "r",
      scope: "activity heartrate",
      token_type: "Bearer",
      user_id: "GGNJL9",
    },
    scopes: ["activity", "heartrate"],
  },
  heroku: {
    answer: {
      expires_in: 28_799,
      refresh_token: "r",
      token_type: "Bearer",
      user_id: "01234567",
      session_nonce: "2bf3ec81",
    },
  },
  hubspot: {
    answer: { token_use: "access_token", token_type: "bearer", refresh_token: "r", expires_in: 1_800, hub_id: 1 },
  },
  // The one answer that it prints, that of a token exchange ("Token Exchange for Organizations").
  huggingface: {
    answer: { token_type: "bearer", expires_in: 28_800, scope: "openid profile email read-repos" },
    scopes: ["openid", "profile", "email", "read-repos"],
  },
  intercom: { answer: { token_type: "Bearer", token: "t" } },
  // The one answer that it prints, "similar" to those of other grants: https://www.keycloak.org/securing-apps/token-exchange
  keycloak: {
    answer: {
      expires_in: 300,
      token_type: "Bearer",
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      session_state: "287f3c57-32b8-4c0f-8b00-8c7db231d701",
      scope: "default-scope1",
      refresh_expires_in: 0,
      "not-before-policy": 0,
    },
    scopes: ["default-scope1"],
  },
  linear: {
    answer: { token_type: "Bearer", expires_in: 86_399, refresh_token: "r", scope: "read,write" },
    scopes: ["read", "write"],
  },
  linkedin: {
    answer: {
      expires_in: 5_184_000,
      refresh_token: "r",
      refresh_token_expires_in: 525_600,
      scope: "r_basicprofile,email",
    },
    scopes: ["r_basicprofile", "email"],
  },
  mastodon: {
    answer: { token_type: "Bearer", scope: "read write", created_at: 1_573_979_017 },
    scopes: ["read", "write"],
  },
  notion: {
    answer: { token_type: "bearer", refresh_token: "r", bot_id: "b", workspace_id: "w", owner: { type: "user" } },
  },
  // https://developer.okta.com/docs/guides/device-authorization-grant/main/
  okta: {
    answer: { token_type: "Bearer", expires_in: 3_600, scope: "offline_access openid profile", refresh_token: "r" },
    scopes: ["offline_access", "openid", "profile"],
  },
  orcid: {
    answer: {
      token_type: "bearer",
      refresh_token: "r",
      expires_in: 631_138_518,
      scope: "/authenticate",
      orcid: "0000-0001-2345-6789",
    },
    scopes: ["/authenticate"],
  },
  paypal: {
    answer: { scope: "openid email", token_type: "Bearer", expires_in: 28_800, refresh_token: "r", nonce: "n" },
    scopes: ["openid", "email"],
  },
  quickbooks: {
    answer: { token_type: "bearer", expires_in: 3_600, refresh_token: "r", x_refresh_token_expires_in: 8_726_400 },
  },
  reddit: {
    answer: { token_type: "bearer", expires_in: 3_600, scope: "identity read", refresh_token: "r" },
    scopes: ["identity", "read"],
  },
  salesforce: {
    answer: {
      refresh_token: "r",
      signature: "s",
      scope: "api refresh_token",
      instance_url: "https://a.my.salesforce.com",
      token_type: "Bearer",
      issued_at: "1278448384422",
    },
    scopes: ["api", "refresh_token"],
  },
  sentry: {
    answer: {
      refresh_token: "r",
      expires_in: 2_591_999,
      expires_at: "2024-11-27T23:20:21.054320Z",
      token_type: "bearer",
      scope: "org:read project:read",
    },
    scopes: ["org:read", "project:read"],
  },
  shopify: { answer: { scope: "write_orders,read_customers" }, scopes: ["write_orders", "read_customers"] },
  spotify: {
    answer: { token_type: "Bearer", scope: "user-read-private", expires_in: 3_600, refresh_token: "r" },
    scopes: ["user-read-private"],
  },
  strava: {
    answer: {
      token_type: "Bearer",
      expires_at: 1_568_775_134,
      expires_in: 21_600,
      refresh_token: "r",
      athlete: { id: 1 },
    },
  },
  stripe: {
    answer: {
      livemode: true,
      refresh_token: "r",
      scope: "stripe_apps",
      token_type: "bearer",
      stripe_user_id: "acct_1",
    },
    scopes: ["stripe_apps"],
  },
  twitch: {
    answer: { expires_in: 14_124, refresh_token: "r", scope: ["channel:read:subscriptions"], token_type: "bearer" },
    scopes: ["channel:read:subscriptions"],
  },
  vercel: {
    answer: {
      token_type: "Bearer",
      expires_in: 3_600,
      scope: "openid email profile offline_access",
      refresh_token: "r",
    },
    scopes: ["openid", "email", "profile", "offline_access"],
  },
  x: {
    answer: { token_type: "bearer", expires_in: 7_200, scope: "tweet.read offline.access", refresh_token: "r" },
    scopes: ["tweet.read", "offline.access"],
  },
  zendesk: {
    answer: {
      refresh_token: "r",
      token_type: "bearer",
      scope: "read",
      expires_in: 172_800,
      refresh_token_expires_in: 7_776_000,
    },
    scopes: ["read"],
  },
  zoom: {
    answer: {
      token_type: "bearer",
      refresh_token: "r",
      expires_in: 3_599,
      scope: "user:read:user",
      api_url: "https://api.zoom.us",
    },
    scopes: ["user:read:user"],
  },
};

/** Refusals of a refresh token, in the provider's own form. */
const REFUSALS = {
  airtable: [400, { error: "invalid_grant" }, undefined],
  atlassian: [
    403,
    { error: "invalid_grant", error_description: "Unknown or invalid refresh token." },
    "Unknown or invalid refresh token.",
  ],
  box: [400, { error: "invalid_grant", error_description: "Refresh token has expired" }, "Refresh token has expired"],
  // In the shape of "Error response" of v2-oauth2-auth-code-flow; its table says what each code means.
  entra: [
    400,
    {
      error: "interaction_required",
      error_description: "...",
      error_codes: [70_011],
      timestamp: "2016-01-09 02:02:12Z",
      trace_id: "0000aaaa-11bb-cccc-dd22-eeeeee333333",
      correlation_id: "aaaa0000-bb11-2222-33cc-444444dddddd",
    },
    "...",
  ],
  indigo_iam: [401, { error: "invalid_token", error_description: "Invalid refresh token" }, "Invalid refresh token"],
  // Its guides print none; this is what users report (https://github.com/keycloak/keycloak/issues/37961).
  keycloak: [400, { error: "invalid_grant", error_description: "Token is not active" }, "Token is not active"],
  salesforce: [
    400,
    { error: "invalid_grant", error_description: "expired access/refresh token" },
    "expired access/refresh token",
  ],
  spotify: [400, { error: "invalid_grant", error_description: "Refresh token revoked" }, "Refresh token revoked"],
  xero: [400, { error: "invalid_grant" }, undefined],
  hubspot: [
    400,
    { status: "BAD_REFRESH_TOKEN", message: "missing or invalid refresh token", error: "invalid_request" },
    "missing or invalid refresh token",
  ],
  twitch: [400, { error: "Bad Request", status: 400, message: "Invalid refresh token" }, "Invalid refresh token"],
  fitbit: [
    400,
    { errors: [{ errorType: "invalid_grant", message: "Refresh token invalid" }], success: false },
    "Refresh token invalid",
  ],
  quickbooks: [
    400,
    { error_description: "Incorrect or invalid refresh token", error: "invalid_grant" },
    "Incorrect or invalid refresh token",
  ],
} as const;

/**
 * Refusals whose words do not tell a dead refresh token from a record that is wrong (FC-03): they stay as they are, and end a
 * grant only where a refresh has worked.
 */
const AMBIGUOUS = {
  atlassian: [
    403,
    { error: "unauthorized_client", error_description: "refresh_token is invalid" },
    "unauthorized_client",
  ],
  codeberg: [400, { error: "unauthorized_client", error_description: "token was already used" }, "unauthorized_client"],
  facebook: [
    400,
    { error: { message: "Error validating access token", type: "OAuthException", code: 190 } },
    "OAuthException",
  ],
  forgejo: [
    400,
    { error: "unauthorized_client", error_description: "unable to parse refresh token" },
    "unauthorized_client",
  ],
  gitea: [
    400,
    { error: "unauthorized_client", error_description: "unable to parse refresh token" },
    "unauthorized_client",
  ],
  reddit: [400, { message: "Bad Request", error: 400 }, "400"],
  strava: [
    400,
    { message: "Bad Request", errors: [{ resource: "RefreshToken", field: "refresh_token", code: "invalid" }] },
    "invalid",
  ],
  x: [
    400,
    { error: "invalid_request", error_description: "Value passed for the token was invalid." },
    "invalid_request",
  ],
  zoom: [401, { reason: "Invalid Token!", error: "invalid_request" }, "invalid_request"],
} as const;

/** These say nothing of what is in an answer: their data say so, and so does docs/providers.md. */
const UNPRINTED = ["cilogon", "cloudflare", "datadog", "netlify"];

/** Read in answers.test.ts, with what is different about each. */
const ELSEWHERE = ["bitbucket", "github", "gitlab", "google", "microsoft_azure_ad", "slack"];

/** How a wrong client secret is refused where no standard word says so. */
const WRONG_SECRET = {
  hubspot: [400, { status: "BAD_CLIENT_SECRET", message: "missing or invalid client secret" }],
  twitch: [403, { status: 403, message: "invalid client secret" }],
} as const;

/** What a poll for a device code is answered before it is approved: the page of the provider's answer above, status and all. */
const POLLS = [
  ["auth0", 403, "authorization_pending", "authorization_pending"],
  ["auth0", 429, "slow_down", "slow_down"],
  ["auth0", 403, "expired_token", "expired_token"],
  ["auth0", 403, "access_denied", "access_denied"],
  // Pages without a status: RFC 8628 3.5 has 400.
  ["entra", 400, "authorization_pending", "authorization_pending"],
  ["entra", 400, "authorization_declined", "access_denied"],
  ["entra", 400, "bad_verification_code", "invalid_grant"],
  ["entra", 400, "expired_token", "expired_token"],
  ["okta", 400, "authorization_pending", "authorization_pending"],
] as const;

function outcomeOf(id: string, status: number, body: object) {
  const provider = findProvider(id);
  assert.ok(provider, id);
  const given: HttpResponse = { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = applyQuirks(given, expandProvider(provider, {}, {}).quirks);
  return ofRefresh(processTokenResponse(response), response);
}

for (const [id, { answer, scopes }] of Object.entries(ANSWERS)) {
  test(`${id}: its documented answer is read, and nothing about it is odd`, () => {
    const outcome = outcomeOf(id, 200, { access_token: "a", ...answer });
    assert.ok(outcome.kind === "tokens", outcome.kind);
    const { tokens, oddities } = outcome;
    assert.deepEqual(oddities, []);
    assert.deepEqual([tokens.accessToken, tokens.tokenType, tokens.scopes], ["a", "Bearer", scopes]);
    const { refresh_token, expires_in } = answer as { refresh_token?: string; expires_in?: number };
    assert.equal(tokens.refreshToken, refresh_token);
    // Ten years at most (OA-08): ORCID says twenty.
    assert.equal(tokens.expiresIn, expires_in === undefined ? undefined : Math.min(expires_in, 315_360_000));
  });
}

for (const [id, [status, body, text]] of Object.entries(REFUSALS)) {
  test(`${id}: a refresh token that is refused is invalid_grant, in the provider's words`, () => {
    const outcome = outcomeOf(id, status, body);
    assert.ok(outcome.kind === "refused", outcome.kind);
    assert.equal(outcome.error.code, "invalid_grant");
    assert.equal(outcome.error.description, text);
  });
}

for (const [id, [status, body, code]] of Object.entries(AMBIGUOUS)) {
  test(`${id}: a refresh token that is refused in ambiguous words keeps them`, () => {
    const outcome = outcomeOf(id, status, body);
    assert.equal(outcome.kind === "refused" && outcome.error.code, code);
  });
}

for (const [id, [status, body]] of Object.entries(WRONG_SECRET)) {
  test(`${id}: a wrong client secret is invalid_client, and no grant's end`, () => {
    const outcome = outcomeOf(id, status, body);
    assert.equal(outcome.kind === "refused" && outcome.error.code, "invalid_client");
  });
}

for (const [id, status, error, code] of POLLS) {
  test(`${id}: a poll that is answered with ${error} under ${status} means ${code}`, () => {
    const outcome = outcomeOf(id, status, { error, error_description: "..." });
    assert.equal(outcome.kind === "refused" && outcome.error.code, code);
  });
}

test("each preset has an answer that is read, or is known to have none printed", () => {
  const read = new Set([ANSWERS, REFUSALS, AMBIGUOUS].flatMap((answers) => Object.keys(answers)));
  const unread = PRESETS.map(({ id }) => id).filter((id) => !read.has(id) && !ELSEWHERE.includes(id));
  assert.deepEqual(unread.sort(), UNPRINTED);
  const saying = PRESETS.flatMap((preset) => ("unprinted" in preset ? [preset.id] : []));
  assert.deepEqual(saying.sort(), UNPRINTED, "a fifth is written down here first");
  const [, ...sections] = readFileSync(join(import.meta.dirname, "../../docs/providers.md"), "utf8").split(/^## /m);
  const told = sections.filter((text) => /prints no answer|No answer of its token endpoint/.test(text));
  assert.deepEqual(told.map((text) => text.split("\n", 1)[0]).sort(), UNPRINTED);
});

test("endpoints of places and sandboxes follow from options", () => {
  const endpoints = (id: string, options = {}) => {
    const provider = findProvider(id);
    assert.ok(provider, id);
    return Object.values(expandProvider(provider, options, {}).endpoints);
  };
  assert.deepEqual(endpoints("paypal", { host: "sandbox.paypal.com" }), [
    "https://www.sandbox.paypal.com/signin/authorize",
    "https://api-m.sandbox.paypal.com/v1/oauth2/token",
  ]);
  assert.deepEqual(endpoints("datadog", { site: "us3.datadoghq.com", app: "us3.datadoghq.com" }), [
    "https://us3.datadoghq.com/oauth2/v1/authorize",
    "https://api.us3.datadoghq.com/oauth2/v1/token",
    "https://api.us3.datadoghq.com/oauth2/v1/revoke",
  ]);
});

test("Shopify: expiring tokens are asked for, unless a record says otherwise", () => {
  const provider = findProvider("shopify");
  assert.ok(provider);
  const parameters = (options = {}) => expandProvider(provider, { shop: "a", ...options }, {}).parameters;
  assert.deepEqual(parameters(), [["expiring", "1"]]);
  assert.deepEqual(parameters({ request_parameters: '{"expiring":"0"}' }), [["expiring", "0"]]);
});

test("Figma: a refresh is asked for at an endpoint of its own", () => {
  const provider = findProvider("figma");
  assert.ok(provider);
  const expanded = expandProvider(provider, {}, {});
  const metadata = metadataOfProvider(expanded);
  assert.equal(metadataForRefresh(expanded, metadata).token_endpoint, "https://api.figma.com/v1/oauth/refresh");
  assert.equal(metadata.token_endpoint, "https://api.figma.com/v1/oauth/token");
});

test("Twitch: a device code that is not approved yet is pending, by its message", () => {
  const outcome = outcomeOf("twitch", 400, { status: 400, message: "authorization_pending" });
  assert.equal(outcome.kind === "refused" && outcome.error.code, "authorization_pending");
});

test("the providers that people ask brokers for most are there, each with the page where an application is registered", () => {
  assert.ok(PRESETS.length >= 50);
  for (const { id, register, docs } of PRESETS) {
    assert.ok(register !== undefined, id);
    assert.match(register, /^(https:\/\/|\{(base_url|issuer_url)\}\/)/, id);
    assert.match(docs, /^https:\/\//, id);
  }
});

test("a value that is not a host's name, or a label of one, is refused before it becomes part of a URL", () => {
  for (const { id, options = {} } of PROVIDERS) {
    for (const [name, { kind, pattern }] of Object.entries(options)) {
      const isInHost = [findProvider(id)?.discovery, ...Object.values(findProvider(id)?.endpoints ?? {})].some((url) =>
        new RegExp(`^https://[^/]*\\{${name}\\}`).test(url ?? ""),
      );
      if (!isInHost || kind === "choice") continue;
      assert.ok(pattern !== undefined, `${id} ${name}`);
      for (const bad of ["a/b", "a@b.c", "a:1", "a?b", "a#b", "..", "-a", ""]) {
        assert.doesNotMatch(bad, new RegExp(`^(?:${pattern})$`), `${id} ${name} ${bad}`);
      }
    }
  }
});
