import assert from "node:assert/strict";
import { test } from "node:test";
import { json, oauthError, proper } from "../../servers/faults.ts";
import type { Fault } from "../../servers/misbehaving.ts";
import { configure, importGrant, type Pair, startPair } from "../../support/misbehaving.ts";

/** How servers that were seen, or that people reported, refuse a refresh token that is no good any more. */
const REFUSALS: readonly [who: string, Fault, says: string, words: RegExp][] = [
  [
    "IAM",
    oauthError("invalid_token", 401, { error_description: "Invalid refresh token" }),
    "invalid_token",
    /Invalid r/,
  ],
  [
    "Atlassian",
    oauthError("unauthorized_client", 403, { error_description: "refresh_token is invalid" }),
    "unauthorized_client",
    /is invalid$/,
  ],
  [
    "X",
    oauthError("invalid_request", 400, { error_description: "Value passed for the token was invalid." }),
    "invalid_request",
    /was invalid\.$/,
  ],
  [
    "dex",
    oauthError("invalid_request", 400, {
      error_description: "Refresh token is invalid or has already been claimed by another client.",
    }),
    "invalid_request",
    /claimed/,
  ],
  [
    "Gitea",
    oauthError("unauthorized_client", 400, { error_description: "token was already used" }),
    "unauthorized_client",
    /token was already used$/,
  ],
  [
    "HubSpot",
    json(400, { status: "BAD_REFRESH_TOKEN", message: "missing or unknown refresh token" }),
    "BAD_REFRESH_TOKEN",
    /unknown refresh token$/,
  ],
  ["Reddit", json(400, { message: "Bad Request", error: 400 }), "400", /400: Bad Request$/],
  [
    "Facebook",
    json(400, { error: { message: "The session is invalid", type: "OAuthException", code: 190 } }),
    "OAuthException",
    /session is invalid$/,
  ],
  [
    "Strava",
    json(400, { message: "Bad Request", errors: [{ resource: "RefreshToken", code: "invalid" }] }),
    "invalid",
    /invalid$/,
  ],
  [
    "Twitch",
    json(400, { error: "Bad Request", status: 400, message: "Invalid refresh token" }),
    "Bad_Request",
    /Invalid refresh token$/,
  ],
];

/** Grants under the names of those who refuse them, by `start`; refreshed by nobody yet. */
async function refusedGrants(
  pair: Pair,
  refusals: readonly (readonly [string, Fault, ...unknown[]])[],
  start: typeof byCode,
) {
  pair.as.tokens.accessLife = 600;
  pair.as.tokens.rotation = "none";
  const refusalOf = new Map<string, Fault>();
  for (const [who, refusal] of refusals) refusalOf.set(await start(pair, who), refusal);
  pair.as.reply("/token", (exchange) =>
    (refusalOf.get(exchange.form.get("refresh_token") ?? "") ?? proper())(exchange),
  );
}

/** A grant by a code: no refresh has been asked for. Answers its refresh token. */
async function byCode(pair: Pair, name = "me"): Promise<string> {
  const token = pair.as.tokens.grant();
  pair.as.reply("/token", proper({ refresh_token: token }));
  const code = { server: "as", code: `code-of-${name}`, redirect_url: "https://x.example/" };
  assert.equal((await pair.write(`oauth2/creds/${name}`, code)).status, 204);
  pair.as.behave();
  return token;
}

test("FC-03 a refusal in a server's own words ends a grant of a record that has refreshed before, once confirmed", async (t) => {
  const pair = await startPair(t);
  await refusedGrants(pair, REFUSALS, importGrant);
  const asked = () => pair.as.to("/token").map(({ form }) => form.get("refresh_token"));
  const [token] = asked();
  // Each is refreshed at a time of its own: another one may be confirmed before this one is refused.
  const isRefused = () => asked().filter((one) => one === token).length === 2;
  await pair.passUntil("the first is refused", isRefused);
  await pair.pass(1_000);
  const [[first = "", , , told] = []] = REFUSALS;
  assert.equal((await pair.read(`oauth2/creds/${first}`)).status, 200, "one refusal is no end");
  assert.match(String((await pair.read(`oauth2/creds/${first}`)).body?.warnings), told ?? /-/);
  await pair.pass(660_000);
  for (const [who, , says, words] of REFUSALS) {
    const { status, body } = await pair.read(`oauth2/creds/${who}`);
    assert.deepEqual([status, body?.data?.reason, body?.data?.provider_error], [400, "invalid_grant", says]);
    assert.match(String(body?.errors?.[0]), words);
  }
  assert.equal(asked().length, 3 * REFUSALS.length, "confirmed once; a dead grant causes no request");
  pair.as.behave();
  assert.equal((await pair.write("oauth2/creds/dex/retry", {})).status, 204);
  await pair.pass(2_000);
  assert.equal((await pair.read("oauth2/creds/dex")).status, 200);
});

test("FC-03 not dead: the same words at the first refresh of a record that never worked", async (t) => {
  const pair = await startPair(t);
  await refusedGrants(pair, REFUSALS, byCode);
  await pair.pass(3_600_000);
  for (const [who, , says] of REFUSALS) {
    const { status, body } = await pair.read(`oauth2/creds/${who}`);
    assert.deepEqual([status, body?.data?.provider_error], [503, says], who);
  }
  pair.as.behave();
  await configure(pair, pair.as);
  await pair.pass(2_000);
  for (const [who] of REFUSALS) assert.equal((await pair.read(`oauth2/creds/${who}`)).status, 200, who);
});

test("FC-03 a record that refreshes others is proven, also after a restart for the grants that it refreshed", async (t) => {
  const pair = await startPair(t);
  const refused = oauthError("invalid_request");
  await refusedGrants(pair, [["me", refused]], byCode);
  await importGrant(pair, "other");
  await pair.pass(1_800_000);
  assert.equal((await pair.read("oauth2/creds/me")).body?.data?.reason, "invalid_grant");
  assert.equal((await pair.read("oauth2/creds/other")).status, 200);
  pair.as.reply("/token", refused);
  const again = await pair.restart();
  await again.pass(1_800_000);
  assert.equal((await again.read("oauth2/creds/other")).body?.data?.reason, "invalid_grant");
});

test("FC-03 what is said of the client or of what was asked for ends no grant, however often it worked", async (t) => {
  const refusals: readonly [string, Fault][] = [
    ["client", oauthError("invalid_client", 401)],
    // Keycloak says so for a wrong secret; RFC 6749 5.2 has 401 for nothing else.
    ["keycloak", oauthError("unauthorized_client", 401)],
    ["grant-type", oauthError("unsupported_grant_type")],
    ["scope", oauthError("invalid_scope")],
    ["firewall", json(403, { message: "Forbidden", status: "403" })],
    ["gateway", json(401, { message: "Unauthorized", code: 401 })],
    ["no-word", json(400, { hello: "there" })],
  ];
  const pair = await startPair(t);
  await refusedGrants(pair, refusals, importGrant);
  await pair.pass(3_600_000);
  for (const [who] of refusals) assert.equal((await pair.read(`oauth2/creds/${who}`)).status, 503, who);
  pair.as.behave();
  await configure(pair, pair.as);
  await pair.pass(900_000);
  for (const [who] of refusals) assert.equal((await pair.read(`oauth2/creds/${who}`)).status, 200, who);
});

test("FC-03 after a lost answer a refusal in own words is confirmed too, and then lost_in_rotation", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  const lost: Fault = ({ request }) => void request.socket.resetAndDestroy();
  pair.as.reply("/token", lost, oauthError("invalid_request"));
  await pair.passUntil("it is refused", () => pair.as.to("/token").length === 3);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  await pair.pass(600_000);
  assert.equal(pair.as.to("/token").length, 4);
  assert.equal((await pair.read("oauth2/creds/me")).body?.data?.reason, "lost_in_rotation");
});

test("FC-03 error_codes says what a server's words mean: then they count from the first refresh on", async (t) => {
  const error_codes = { invalid_token: "invalid_grant", BAD_REFRESH_TOKEN: "invalid_grant", "400": "server_error" };
  const pair = await startPair(t);
  await configure(pair, pair.as, { provider_options: { error_codes } });
  await refusedGrants(pair, [["me", json(400, { status: "BAD_REFRESH_TOKEN", message: "unknown" })]], byCode);
  await pair.pass(1_800_000);
  const { status, body } = await pair.read("oauth2/creds/me");
  assert.deepEqual(
    [status, body?.data?.reason, body?.data?.provider_error],
    [400, "invalid_grant", "BAD_REFRESH_TOKEN"],
  );
  pair.as.behave();
  await importGrant(pair);
  pair.as.reply("/token", json(400, { error: 400 }));
  await pair.pass(1_800_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 503, "the server has trouble, says its operator");
});

for (const [what, refusal] of [
  ["a gateway that lost its path", json(404, { error: "not_found" })],
  ["a gateway that takes no POST", json(405, { error: "method_not_allowed" })],
  ["a limit under 400", json(400, { error: "rate_limit_exceeded" })],
  ["a limit in own words", json(400, { code: "TOO_MANY_REQUESTS", message: "slow down" })],
] as const) {
  test(`FC-03 no word about the grant: ${what}; the login outlives it`, async (t) => {
    const pair = await startPair(t);
    pair.as.tokens.accessLife = 600;
    await importGrant(pair);
    pair.as.reply("/token", refusal);
    await pair.pass(1_800_000);
    assert.equal((await pair.read("oauth2/creds/me")).status, 503);
    pair.as.behave();
    await pair.pass(600_000);
    assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  });
}

test("FC-03 error_codes must say standard words", async (t) => {
  const pair = await startPair(t);
  for (const [codes, problem] of [
    ["nonsense", /^option "error_codes": must be a JSON object$/],
    [{ theirs: "dead" }, /^option "error_codes": "theirs" must be one of invalid_grant, /],
    [{ theirs: ["invalid_grant"] }, /^option "error_codes": "theirs" must be one of invalid_grant, /],
    [{ theirs: { toString: 1 } }, /^option "error_codes": "theirs" must be one of invalid_grant, /],
  ] as const) {
    for (const provider of ["custom", "oidc"]) {
      const url = provider === "custom" ? { token_url: `${pair.as.issuer}/token` } : { issuer_url: pair.as.issuer };
      const provider_options = { ...url, error_codes: codes };
      const written = await pair.write("oauth2/servers/x", { provider, client_id: "c", provider_options });
      assert.equal(written.status, 400);
      assert.match(String(written.body?.errors?.[0]), problem);
    }
  }
});

test("FC-03 an imported refresh token that is refused in own words is told so, and not to be sent again", async (t) => {
  const pair = await startPair(t);
  pair.as.reply("/token", json(400, { status: "BAD_REFRESH_TOKEN", message: "unknown" }));
  const written = await pair.write("oauth2/creds/me", { server: "as", refresh_token: "rt-of-somebody" });
  assert.deepEqual([written.status, written.body?.data?.provider_error], [400, "BAD_REFRESH_TOKEN"]);
});

test("FC-33 one false refusal is confirmed within what is left of the token's life, and nobody goes without", async (t) => {
  for (const refusal of [
    oauthError("invalid_client", 401),
    oauthError("invalid_grant"),
    oauthError("invalid_request"),
  ]) {
    const pair = await startPair(t);
    pair.as.tokens.accessLife = 30;
    await importGrant(pair);
    pair.as.reply("/token", refusal, proper());
    await pair.passUntil("it is refused", () => pair.as.to("/token").length === 2);
    const refusedAt = pair.clock.now();
    await pair.passUntil("it is asked again", () => pair.as.to("/token").length === 3, 15_000);
    const after = (pair.clock.now() - refusedAt) / 1_000;
    assert.ok(after >= 5 && after <= 15, `${after} s`);
    assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  }
});
