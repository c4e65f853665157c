import assert from "node:assert/strict";
import { test } from "node:test";
import { DiscoveryError, discoverAuthorizationServer } from "../../src/protocol/discovery.ts";
import { TransportError } from "../../src/protocol/response/transport-error.ts";
import { recordingCall } from "./recording.ts";

const issuer = "https://as.example.com/t1";
const OAUTH = "https://as.example.com/.well-known/oauth-authorization-server/t1";
const OPENID = "https://as.example.com/t1/.well-known/openid-configuration";
const INSERTED = "https://as.example.com/.well-known/openid-configuration/t1";
const APPENDED = "https://as.example.com/t1/.well-known/oauth-authorization-server";

const document = (members: Record<string, unknown> = {}) => Response.json({ issuer, ...members });
const notFound = () => new Response("not found", { status: 404 });

/** The refusal as one line, and the places asked. */
async function refusal(issuerUrl: string, ...responses: readonly (() => Response)[]) {
  const call = recordingCall(...responses);
  const error = await discoverAuthorizationServer(issuerUrl, call).then(
    () => assert.fail("found"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DiscoveryError);
  return { text: `${error.message} (${error.temporary ? "temporary" : "lasting"})`, asked: call.requests.length };
}

test("META-02 META-03 META-04 the four places, in order, for a server and for an OpenID provider", async () => {
  for (const [order, places] of [
    ["oauth", [OAUTH, OPENID, INSERTED, APPENDED]],
    ["openid", [OPENID, OAUTH, INSERTED, APPENDED]],
  ] as const) {
    const call = recordingCall(notFound, notFound, notFound, document);
    assert.equal((await discoverAuthorizationServer(issuer, call, { order })).metadata.issuer, issuer);
    assert.deepEqual(
      call.requests.map(({ url }) => url),
      places,
    );
    assert.equal(call.requests[0]?.headers.get("accept"), "application/json");
  }
});

test("META-02 an issuer with and without a final slash, and without a path", async () => {
  for (const [given, place] of [
    ["https://as.example.com/t1/", OAUTH],
    ["https://as.example.com/", "https://as.example.com/.well-known/oauth-authorization-server"],
    ["https://as.example.com", "https://as.example.com/.well-known/oauth-authorization-server"],
  ] as const) {
    const call = recordingCall(() => Response.json({ issuer: given }));
    await discoverAuthorizationServer(given, call);
    assert.equal(call.requests[0]?.url, place);
  }
  const bare = recordingCall(notFound);
  await assert.rejects(discoverAuthorizationServer("https://as.example.com", bare));
  assert.equal(bare.requests.length, 2, "both forms of each are the same there");
});

for (const bad of [
  "http://as.example.com",
  "https://as.example.com/?x",
  "https://as.example.com/#x",
  "as.example.com",
  "https://u@as.example.com",
]) {
  test(`META-01 ${bad} is no issuer`, async () => {
    assert.deepEqual(await refusal(bad, document), {
      text: "the issuer must be an https URL without query and fragment (lasting)",
      asked: 0,
    });
  });
}

for (const other of [
  "https://as.example.com/T1",
  "https://as.example.com/t1/",
  "https://AS.example.com/t1",
  "https://evil.example",
]) {
  test(`META-05 a document of ${other} is not this issuer's`, async () => {
    const found = () => Response.json({ issuer: other });
    const text = `the metadata belong to another issuer: expected ${issuer}, found ${other} (GET ${OAUTH}) (lasting)`;
    assert.deepEqual(await refusal(issuer, found), { text, asked: 4 });
  });
}

test("META-04 META-06 HTML, a list, no issuer: the next place is asked", async () => {
  const odd = [
    () => new Response("<html>"),
    () => Response.json([{ issuer }]),
    () => Response.json({ token_endpoint: 1 }),
    notFound,
  ];
  assert.deepEqual(await refusal(issuer, ...odd), {
    text:
      `no authorization server metadata found at the issuer (GET ${OAUTH}: no JSON object; ` +
      `GET ${OPENID}: no JSON object; GET ${INSERTED}: a JSON object without issuer; ` +
      `GET ${APPENDED}: status 404) (lasting)`,
    asked: 4,
  });
});

test("META-04 a redirect is a place without metadata", async () => {
  const call = recordingCall(() => new Response(null, { status: 302, headers: { location: INSERTED } }), document);
  assert.equal((await discoverAuthorizationServer(issuer, call)).metadata.issuer, issuer);
  assert.equal(call.requests[1]?.url, OPENID);
});

for (const status of [429, 500, 503]) {
  test(`META-04 a ${status} is trouble, not an absent document`, async () => {
    assert.deepEqual(await refusal(issuer, () => new Response("", { status })), {
      text: `authorization server answered with status ${status} (GET ${OAUTH}) (temporary)`,
      asked: 1,
    });
  });
}

test("META-04 trouble with the network ends the search, and does not say which", async () => {
  for (const code of ["unreachable", "address_refused", "reset"] as const) {
    const outcome = await refusal(issuer, () => {
      throw new TransportError(code, false);
    });
    assert.deepEqual(outcome, { text: "authorization server unavailable (temporary)", asked: 1 });
  }
});

for (const [name, value] of [
  ["token_endpoint", "http://as.example.com/token"],
  ["token_endpoint", "https://as.example.com/token#x"],
  ["token_endpoint", 5],
  ["jwks_uri", "https://u:p@as.example.com/keys"],
  ["device_authorization_endpoint", "/device"],
] as const) {
  test(`META-07 ${name} ${value} spoils the document`, async () => {
    const outcome = await refusal(issuer, () => document({ [name]: value }));
    assert.equal(outcome.text, `the metadata contain an invalid ${name} (GET ${OAUTH}) (lasting)`);
  });
}

test("META-06 META-10 defaults, unknown members, and what is left out", async () => {
  const members = {
    token_endpoint: "https://as.example.com/token",
    token_endpoint_auth_methods_supported: "client_secret_post",
    signed_metadata: "e30.e30.x",
    mtls_endpoint_aliases: { token_endpoint: "https://mtls.example.com/token" },
    revocation_endpoint: null,
    unheard_of: { a: 1 },
  };
  const { metadata: found } = await discoverAuthorizationServer(
    issuer,
    recordingCall(() => document(members)),
  );
  assert.deepEqual(found.token_endpoint_auth_methods_supported, ["client_secret_basic"]);
  assert.deepEqual(found.grant_types_supported, ["authorization_code", "implicit"]);
  assert.equal(found.token_endpoint, "https://as.example.com/token");
  for (const name of ["signed_metadata", "mtls_endpoint_aliases", "revocation_endpoint"])
    assert.equal(name in found, false);
});

for (const [header, expected] of [
  [undefined, 3600],
  ["max-age=1", 300],
  ["public, Max-Age=7200", 7200],
  ["max-age=99999999", 86_400],
  ["max-age=7200, no-store", 300],
  ["no-cache", 300],
  ["max-age=soon", 3600],
] as const) {
  test(`META-09 Cache-Control "${header}" means ${expected} s`, async () => {
    const headers: Record<string, string> = header === undefined ? {} : { "cache-control": header };
    const call = recordingCall(() => Response.json({ issuer }, { headers }));
    assert.equal((await discoverAuthorizationServer(issuer, call)).lifetime, expected);
  });
}

const ALL = {
  device_authorization_endpoint: "https://as.example.com/device",
  revocation_endpoint: "https://as.example.com/revoke",
  registration_endpoint: "https://as.example.com/register",
};

test("FC-28 what one document lacks comes from the issuer's other one; what both have is the first one's", async () => {
  const methods = { token_endpoint_auth_methods_supported: ["client_secret_post"] };
  const first = () => document({ userinfo_endpoint: "https://as.example.com/me" });
  const second = () => document({ ...ALL, ...methods, userinfo_endpoint: "https://as.example.com/other" });
  const call = recordingCall(first, second);
  const { metadata } = await discoverAuthorizationServer(issuer, call, { order: "openid" });
  assert.deepEqual(
    call.requests.map(({ url }) => url),
    [OPENID, OAUTH],
  );
  assert.equal(metadata.revocation_endpoint, ALL.revocation_endpoint);
  assert.equal(metadata.userinfo_endpoint, "https://as.example.com/me");
  assert.deepEqual(metadata.token_endpoint_auth_methods_supported, ["client_secret_post"], "no default hides it");
  const whole = recordingCall(() => document(ALL));
  await discoverAuthorizationServer(issuer, whole);
  assert.equal(whole.requests.length, 1, "nothing is lacking");
});

test("FC-28 an issuer with a path may have its RFC 8414 document below it", async () => {
  const call = recordingCall(document, notFound, notFound, () => document(ALL));
  const { metadata } = await discoverAuthorizationServer(issuer, call, { order: "openid" });
  assert.equal(call.requests.at(-1)?.url, APPENDED);
  assert.equal(metadata.registration_endpoint, ALL.registration_endpoint);
});

test("FC-28 another document that is wrong, another's or out of reach spoils nothing; the latter is asked again soon", async () => {
  const other = () => Response.json({ ...ALL, issuer: "https://evil.example" });
  const invalid = () => document({ revocation_endpoint: "http://as.example.com/revoke" });
  for (const [more, lifetime] of [
    [other, 3600],
    [invalid, 3600],
    [notFound, 3600],
    [() => new Response("", { status: 503 }), 300],
  ] as const) {
    const found = await discoverAuthorizationServer(issuer, recordingCall(document, more));
    assert.equal(found.metadata.revocation_endpoint, undefined);
    assert.equal(found.lifetime, lifetime);
  }
});

test("FC-39 the URL of a metadata document given for the issuer: the issuer inside is named", async () => {
  const given = OPENID;
  const call = recordingCall(notFound, notFound, notFound, notFound, document);
  const error = await discoverAuthorizationServer(given, call).catch((thrown: Error) => thrown);
  assert.ok(error instanceof DiscoveryError);
  assert.equal(error.message, `${given} is a metadata document and no issuer: give its issuer, ${issuer}`);
  assert.equal(call.requests.at(-1)?.url, given);
});

test("FC-39 discovery behind a redirect: where it leads is said, without its query, and whose issuer is there", async () => {
  const location = "https://as.example.com/.well-known/openid-configuration?session=secret";
  const moved = () => new Response(null, { status: 302, headers: { location } });
  const there = () => Response.json({ issuer: "https://as.example.com" });
  const { text } = await refusal(issuer, moved, moved, moved, moved, there);
  const target = "https://as.example.com/.well-known/openid-configuration";
  assert.ok(text.includes(`GET ${OAUTH}: status 302, a redirect to ${target}, which is not followed`), text);
  assert.ok(text.includes("the document there belongs to the issuer https://as.example.com: give that one"), text);
  assert.ok(!text.includes("secret"));
  const login = await refusal(issuer, moved, moved, moved, moved, () => new Response("<html>"));
  assert.ok(!login.text.includes("belongs"), login.text);
  const away = () => new Response(null, { status: 302, headers: { location: "https://id.example.com/doc" } });
  const elsewhere = await refusal(issuer, away, away, away, away, there);
  assert.ok(elsewhere.text.includes("a redirect to https://id.example.com/doc, which is not followed"));
  assert.ok(!elsewhere.text.includes("belongs"), "another origin is not asked (A19)");
});
