import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AUTH_ISSUER,
  BASE,
  fails,
  HOME,
  ISSUER,
  json,
  LOGIN,
  located,
  METADATA,
  OPENID,
  refusal,
  STABLE,
  status,
  UNSTABLE,
  WELL_KNOWN,
} from "./site.ts";

const KEYED = (key: string) => json({ "m.homeserver": { base_url: BASE }, [key]: { issuer: ISSUER } });

for (const [rung, spelling, routes] of [
  ["stable", "stable", { [STABLE]: json(METADATA), [UNSTABLE]: fails("timeout") }],
  ["unstable", "unstable", { [UNSTABLE]: json(METADATA), [AUTH_ISSUER]: fails("timeout") }],
  ["auth_issuer", "unstable", { [AUTH_ISSUER]: json({ issuer: ISSUER }), [OPENID]: json(METADATA) }],
  ["well-known", "unstable", { [WELL_KNOWN]: KEYED("org.matrix.msc2965.authentication"), [OPENID]: json(METADATA) }],
  ["well-known", "unstable", { [WELL_KNOWN]: KEYED("m.authentication"), [OPENID]: json(METADATA) }],
] as const) {
  test(`MX-D5 MX-S2 rung ${rung}`, async () => {
    const found = await located({ ...HOME, ...routes });
    assert.equal(found.rung, rung);
    assert.equal(found.spelling, spelling);
    assert.equal(found.metadata.issuer, ISSUER);
    assert.equal(found.metadata.token_endpoint, METADATA.token_endpoint);
    assert.deepEqual(found.warnings, []);
  });
}

test("MX-D5 the last rung of a base URL is the document below it", async () => {
  const routes = {
    ...HOME,
    [`${BASE}/.well-known/matrix/client`]: KEYED("m.authentication"),
    [OPENID]: json(METADATA),
  };
  assert.equal((await located(routes, BASE)).rung, "well-known");
});

for (const [what, answer] of [
  ["404", status(404)],
  ["405", status(405)],
  ["400 M_UNRECOGNIZED", json({ errcode: "M_UNRECOGNIZED" }, 400)],
  ["404 as HTML", status(404, "<html>")],
] as const) {
  test(`MX-D7 ${what} leads to the next rung`, async () => {
    assert.equal((await located({ ...HOME, [STABLE]: answer, [UNSTABLE]: json(METADATA) })).rung, "unstable");
  });
}

for (const [what, answer] of [
  ["500", status(500)],
  ["502", status(502, "<html>")],
  ["503", status(503)],
  ["401", json({ errcode: "M_MISSING_TOKEN" }, 401)],
  ["403", status(403)],
  ["400 without M_UNRECOGNIZED", json({ errcode: "M_UNKNOWN" }, 400)],
  ["a time-out", fails("timeout")],
  ["no name or no TLS", fails("unreachable")],
  ["a private address", fails("address_refused")],
] as const) {
  test(`MX-D9 ${what} is no step down`, async () => {
    const { text, temporary, last } = await refusal({ ...HOME, [STABLE]: answer, [UNSTABLE]: json(METADATA) });
    assert.match(text, /^rung "stable" \(GET https:\/\/matrix\.example\.org\/_matrix\/client\/v1\/auth_metadata\) /);
    assert.equal(temporary, true);
    assert.equal(last, STABLE);
  });
}

for (const [what, answer, seconds] of [
  ["Retry-After", status(429, "", { "retry-after": "7" }), 7],
  ["retry_after_ms", json({ errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 2_500 }, 429), 3],
  ["both: the header", json({ retry_after_ms: 2_500 }, 429, { "retry-after": "9" }), 9],
  ["neither", status(429), undefined],
] as const) {
  test(`MX-D8 429 with ${what}`, async () => {
    const { temporary, retryAfter, last } = await refusal({ ...HOME, [STABLE]: answer });
    assert.deepEqual([temporary, retryAfter, last], [true, seconds, STABLE]);
  });
}

for (const [what, answer, text] of [
  ["HTML", status(200, "<html>"), /answered with something other than a JSON object$/],
  ["a list", json([METADATA]), /answered with something other than a JSON object$/],
  [
    "an error object",
    json({ errcode: "M_UNKNOWN", error: "no" }),
    /no usable metadata: issuer is missing; token_endpoint is missing; both authorization_endpoint and device_authorization_endpoint are missing/,
  ],
  [
    "an http endpoint",
    json({ ...METADATA, token_endpoint: "http://auth.example.org/token" }),
    /token_endpoint must be an https URL/,
  ],
  [
    "user information",
    json({ ...METADATA, revocation_endpoint: "https://u:p@auth.example.org/r" }),
    /revocation_endpoint must be an https URL/,
  ],
  [
    "a fragment",
    json({ ...METADATA, device_authorization_endpoint: "https://auth.example.org/d#x" }),
    /device_authorization_endpoint must be/,
  ],
  [
    "an issuer with a query",
    json({ ...METADATA, issuer: "https://auth.example.org/?x" }),
    /issuer must be an https URL without query/,
  ],
  ["an http issuer", json({ ...METADATA, issuer: "http://auth.example.org/" }), /issuer must be an https URL/],
  ["a redirect", status(302, "", { location: UNSTABLE }), /answered with a redirect/],
] as const) {
  test(`MX-D6 MX-V4 ${what} ends the search, with everything that is wrong`, async () => {
    const refused = await refusal({ ...HOME, [STABLE]: answer, [UNSTABLE]: json(METADATA) });
    assert.match(refused.text, /^rung "stable" \(GET /);
    assert.match(refused.text, text);
    assert.deepEqual([refused.temporary, refused.last], [false, STABLE]);
  });
}

test("MX-V1 several violations are all told", async () => {
  const { text } = await refusal({ ...HOME, [STABLE]: json({ ...METADATA, issuer: 5, token_endpoint: "" }) });
  assert.match(text, /issuer is missing; token_endpoint is missing$/);
});

for (const [member, value, warning] of [
  [
    "authorization_endpoint",
    undefined,
    "the metadata lack authorization_endpoint: login by authorization link is not possible",
  ],
  [
    "revocation_endpoint",
    undefined,
    "the metadata lack revocation_endpoint: a deleted login stays valid at the server",
  ],
  ["registration_endpoint", undefined, "the metadata lack registration_endpoint: a client_id must be given"],
  [
    "device_authorization_endpoint",
    undefined,
    "the metadata lack device_authorization_endpoint: login by device code is not possible, only by authorization link",
  ],
  ["response_types_supported", [], "the metadata do not list code in response_types_supported"],
  ["response_modes_supported", ["query"], "the metadata do not list fragment in response_modes_supported"],
  ["code_challenge_methods_supported", "S256", "the metadata do not list S256 in code_challenge_methods_supported"],
] as const) {
  test(`MX-V2 a lack of ${member} is a warning`, async () => {
    const found = await located({ ...HOME, [STABLE]: json({ ...METADATA, [member]: value }) });
    assert.deepEqual(found.warnings, [warning]);
  });
}

test("MX-V6 DEV-28 the device grant's URN missing from the list is a warning", async () => {
  const lists = { grant_types_supported: ["authorization_code", "refresh_token"] };
  const found = await located({ ...HOME, [STABLE]: json({ ...METADATA, ...lists }) });
  assert.deepEqual(found.warnings, [
    "the metadata do not list urn:ietf:params:oauth:grant-type:device_code in grant_types_supported",
  ]);
});

for (const other of ["https://auth.example.org/tenant", "https://AUTH.example.org/tenant/", "https://evil.example/"]) {
  test(`MX-V5 META-05 metadata of ${other} are not the issuer's that was asked for`, async () => {
    const routes = { [AUTH_ISSUER]: json({ issuer: ISSUER }), [OPENID]: json({ ...METADATA, issuer: other }) };
    const { text, temporary } = await refusal({ ...HOME, ...routes });
    assert.equal(text, `rung "auth_issuer" (GET ${OPENID}): the metadata belong to another issuer than ${ISSUER}`);
    assert.equal(temporary, false);
  });
}

for (const bad of [
  "http://auth.example.org",
  "https://u@auth.example.org",
  "https://auth.example.org/?x",
  "auth.example.org",
]) {
  test(`MX-V5 S05 an issuer ${bad} is asked nothing`, async () => {
    const { text, last } = await refusal({ ...HOME, [AUTH_ISSUER]: json({ issuer: bad }) });
    assert.match(text, /^rung "auth_issuer": issuer must be an https URL/);
    assert.equal(last, AUTH_ISSUER);
  });
}

test("MX-D11 an issuer without document, and one that is in trouble", async () => {
  const gone = await refusal({ ...HOME, [AUTH_ISSUER]: json({ issuer: ISSUER }) });
  assert.deepEqual([gone.temporary, gone.last], [false, OPENID]);
  assert.match(gone.text, /^rung "auth_issuer": the issuer has no metadata/);
  const troubled = await refusal({ ...HOME, [AUTH_ISSUER]: json({ issuer: ISSUER }), [OPENID]: status(503) });
  assert.deepEqual([troubled.temporary, troubled.last], [true, OPENID]);
});

test("MX-D6 an answer about issuers without one", async () => {
  const { text } = await refusal({ ...HOME, [AUTH_ISSUER]: json({ error: "no" }) });
  assert.equal(text, `rung "auth_issuer" (GET ${AUTH_ISSUER}) names no issuer`);
});

test("MX-D10 nothing but the older login, by its flows; or neither", async () => {
  const flows = [{ type: "m.login.password" }, { type: "m.login.sso" }, { type: "<script>" }, 5];
  const older = await refusal({ ...HOME, [LOGIN]: json({ flows }) });
  assert.equal(
    older.text,
    `the Matrix homeserver ${BASE} does not support OAuth, only the older login API: m.login.password, m.login.sso`,
  );
  assert.equal(
    (await refusal(HOME)).text,
    `the Matrix homeserver ${BASE} offers neither OAuth nor the older login API`,
  );
  assert.equal((await refusal({ ...HOME, [LOGIN]: status(500) })).temporary, true);
});

test("MX-D12 META-09 the answer's own lifetime", async () => {
  const found = await located({ ...HOME, [STABLE]: json(METADATA, 200, { "cache-control": "max-age=600" }) });
  assert.equal(found.lifetime, 600);
});

test("what was typed is shown, and nothing is asked", async () => {
  const { text, asked } = await refusal({}, "exa mple");
  assert.equal(text, '"exa mple" is not the name, user id or https URL of a Matrix homeserver');
  assert.deepEqual(asked, []);
});
