import assert from "node:assert/strict";
import { test } from "node:test";
import { DiscoveryError, discoverAuthorizationServer } from "../../src/protocol/discovery.ts";
import { TransportError } from "../../src/protocol/response/transport-error.ts";
import { recordingCall } from "./recording.ts";

const issuer = "https://as.example.com/t1";
const OAUTH = "https://as.example.com/.well-known/oauth-authorization-server/t1";
const OPENID = "https://as.example.com/t1/.well-known/openid-configuration";
const INSERTED = "https://as.example.com/.well-known/openid-configuration/t1";

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

test("META-02 META-03 META-04 the three places, in order, for a server and for an OpenID provider", async () => {
  for (const [order, places] of [
    ["oauth2", [OAUTH, OPENID, INSERTED]],
    ["openid", [OPENID, OAUTH, INSERTED]],
  ] as const) {
    const call = recordingCall(notFound, notFound, document);
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
  assert.equal(bare.requests.length, 2, "both OpenID forms are the same there");
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
    const text = `the metadata belong to another issuer: expected ${issuer}, found ${other} (lasting)`;
    assert.deepEqual(await refusal(issuer, found), { text, asked: 3 });
  });
}

test("META-04 META-06 HTML, a list, no issuer: the next place is asked", async () => {
  const odd = [
    () => new Response("<html>"),
    () => Response.json([{ issuer }]),
    () => Response.json({ token_endpoint: 1 }),
  ];
  assert.deepEqual(await refusal(issuer, ...odd), {
    text: "no authorization server metadata found at the issuer (lasting)",
    asked: 3,
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
      text: `authorization server answered with status ${status} (temporary)`,
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
    assert.equal(outcome.text, `the metadata contain an invalid ${name} (lasting)`);
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
