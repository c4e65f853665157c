import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Rung } from "../../../src/dev/matrix/discovery.ts";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import { empty, html, huge, json, proper, raw, redirect } from "../../servers/faults.ts";
import { quirkServer } from "../../servers/matrix/quirk-server.ts";
import type { Fault } from "../../servers/misbehaving.ts";
import { type Coatcheck, startCoatcheck } from "../../support/coatcheck.ts";
import { DEVICE } from "../../support/misbehaving.ts";
import { whileTimePasses } from "../../support/while-time-passes.ts";

/** A broker whose server `mx` lets the caller name any homeserver. */
async function openBroker(t: TestContext): Promise<Coatcheck> {
  const broker = await startCoatcheck(t, { publicUrl: "https://coatcheck.example.com" });
  const server = { provider: "matrix", provider_options: { homeservers: "*" } };
  assert.equal((await broker.write("oauth2/servers/mx", server)).status, 204);
  return broker;
}

async function refused(broker: Coatcheck, homeserver: unknown, status: number, text: RegExp): Promise<void> {
  const options = { server: "mx", grant_type: DEVICE, provider_options: { homeserver } };
  const answer = await whileTimePasses(broker, broker.write("oauth2/creds/bot", options));
  const told = answer.body?.errors?.[0] ?? "";
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.match(told, text);
  assert.doesNotMatch(told, /secret-of-mine/);
  assert.equal((await broker.read("oauth2/creds/bot")).status, 404, "nothing is stored");
}

const NO_NAME = /^option "homeserver": .*(not the name, user id or https URL|name a Matrix homeserver)/;
/** A refused address and a silent one read alike. */
const UNREACHABLE = /\(GET \S+\) cannot be reached/;

for (const [homeserver, text] of [
  ["", NO_NAME],
  ["@nobody", NO_NAME],
  ["exa mple.org", NO_NAME],
  ["a".repeat(301), NO_NAME],
  ["example.org:99999", NO_NAME],
  ["example.org/path", NO_NAME],
  ["me:secret-of-mine@example.org", NO_NAME],
  ["https://me:secret-of-mine@example.org", NO_NAME],
  ["https://example.org/?a=b", NO_NAME],
  ["https://example.org/#a", NO_NAME],
  ["ftp://example.org", NO_NAME],
  ["file:///etc/passwd", NO_NAME],
  ["127.1", NO_NAME],
  ["0x7f.1", NO_NAME],
  ["2130706433", NO_NAME],
  ["@me:169.254.169.254", UNREACHABLE],
  ["10.0.0.1", UNREACHABLE],
  ["[fd00::1]:8448", UNREACHABLE],
  ["https://169.254.169.254/latest/meta-data", UNREACHABLE],
  ["https://[::ffff:10.0.0.1]", UNREACHABLE],
] as const) {
  test(`MX-D1 S05 "${homeserver.slice(0, 50)}" at login: a clear error, and nothing stored`, async (t) => {
    await refused(await openBroker(t), homeserver, text === NO_NAME ? 400 : 502, text);
  });
}

/** Where a homeserver answers, and the only rung it has then. */
const PLACES = {
  versions: { path: "/_matrix/client/versions", rung: "stable" },
  stable: { path: "/_matrix/client/v1/auth_metadata", rung: "stable" },
  unstable: { path: "/_matrix/client/unstable/org.matrix.msc2965/auth_metadata", rung: "unstable" },
  auth_issuer: { path: "/_matrix/client/unstable/org.matrix.msc2965/auth_issuer", rung: "auth-issuer" },
  "auth_issuer's document": { path: "/.well-known/openid-configuration", rung: "auth-issuer" },
  "well-known's document": { path: "/.well-known/openid-configuration", rung: "well-known" },
} as const satisfies Readonly<Record<string, { readonly path: string; readonly rung: Rung }>>;

/** What may pass is told with 502, everything else with 400. */
const ANSWERS: readonly (readonly [
  place: keyof typeof PLACES,
  what: string,
  fault: Fault,
  status: number,
  text: RegExp,
])[] = [
  ["versions", "HTML", html(200), 400, /is not a Matrix homeserver: versions .*other than a JSON object/],
  ["versions", "an array", json(200, []), 400, /is not a Matrix homeserver: versions/],
  ["versions", "no versions", json(200, {}), 400, /is not a Matrix homeserver: .*without a list/],
  ["versions", "404", json(404, { errcode: "M_NOT_FOUND" }), 400, /is not a Matrix homeserver/],
  ["stable", "HTML", html(200), 400, /rung "stable" .*other than a JSON object/],
  ["stable", "nothing", empty(200), 400, /rung "stable" .*other than a JSON object/],
  ["stable", "half an object", raw(200, '{"issuer":'), 400, /rung "stable" .*other than a JSON object/],
  ["stable", "megabytes", huge(3_000_000), 502, /rung "stable" .*cannot be reached/],
  ["stable", "an error under 200", json(200, { errcode: "M_UNKNOWN" }), 400, /rung "stable" .*issuer is missing/],
  ["stable", "403", json(403, { errcode: "M_FORBIDDEN" }), 502, /rung "stable" .*status 403/],
  ["stable", "503", empty(503), 502, /rung "stable" .*status 503/],
  ["stable", "another site", redirect(302, "https://example.org/"), 400, /rung "stable" .*redirect/],
  [
    "stable",
    "no token endpoint",
    proper({ token_endpoint: undefined }),
    400,
    /rung "stable" .*token_endpoint is missing/,
  ],
  [
    "stable",
    "a password",
    proper({ token_endpoint: "https://a:b@as.example/" }),
    400,
    /rung "stable" .*token_endpoint/,
  ],
  ["stable", "an issuer with a query", proper({ issuer: "https://as.example/?x" }), 400, /rung "stable" .*issuer must/],
  ["unstable", "an error under 200", json(200, {}), 400, /rung "unstable" .*issuer is missing/],
  ["auth_issuer", "no issuer", json(200, {}), 400, /rung "auth_issuer" .*names no issuer/],
  ["auth_issuer", "a word", json(200, { issuer: "as" }), 400, /rung "auth_issuer": issuer must be an https URL/],
  [
    "auth_issuer",
    "an inner issuer",
    json(200, { issuer: "https://10.0.0.1/" }),
    502,
    /rung "auth_issuer" .*cannot be reached/,
  ],
  ["auth_issuer's document", "404", empty(404), 400, /rung "auth_issuer": the issuer has no metadata/],
  [
    "auth_issuer's document",
    "another issuer",
    proper({ issuer: "https://as.example/" }),
    400,
    /rung "auth_issuer" .*another issuer/,
  ],
  [
    "well-known's document",
    "another issuer",
    proper({ issuer: "https://as.example/" }),
    400,
    /rung "well-known" .*another issuer/,
  ],
];

for (const [place, what, fault, status, text] of ANSWERS) {
  test(`MX-D6 MX-D9 MX-V4 MX-V5 ${place} answers with ${what}: the rung is named, nothing is stored`, async (t) => {
    const { path, rung } = PLACES[place];
    const { spec } = PROFILES;
    const server = await quirkServer(t, { ...spec, discovery: { ...spec.discovery, rungs: [rung] } });
    server.reply(path, fault);
    await refused(await openBroker(t), server.baseUrl, status, text);
    assert.equal(server.to("/oauth2/registration").length, 0, "nobody registers");
  });
}

test("a homeserver that the operator does not allow is asked nothing", async (t) => {
  const broker = await startCoatcheck(t, { publicUrl: "https://coatcheck.example.com" });
  const server = { provider: "matrix", provider_options: { homeservers: "*.example.org, example.com" } };
  assert.equal((await broker.write("oauth2/servers/mx", server)).status, 204);
  const homeserver = await quirkServer(t, PROFILES.spec);
  for (const name of [
    homeserver.baseUrl,
    "@me:example.net",
    "example.org.evil.example",
    "https://example.com.evil.example",
  ]) {
    await refused(broker, name, 400, /^option "homeserver": this server does not allow .*$/);
  }
  assert.equal(homeserver.requests.length, 0);
});
