import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import { test } from "node:test";
import { empty, html, json, oauthError, proper, redirect, reset } from "../../servers/faults.ts";
import { freePort, portOf } from "../../servers/free-port.ts";
import { LOCAL_CERTIFICATE, LOCAL_KEY } from "../../servers/local-certificate.ts";
import { startServer } from "../../servers/watched.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import {
  approve,
  beHomeserver,
  metadataOf,
  STABLE,
  startHomeserverPair,
  UNSTABLE,
  VERSIONS,
  writeHomeserver,
} from "../../support/matrix/homeserver-pair.ts";
import { startDevice, startPair } from "../../support/misbehaving.ts";
import { ask } from "../../support/sessions.ts";

const WRITE = "oauth2/servers/mx";
const CHECK = "oauth2/check/servers/mx";

test("a server without homeserver, with both, or with one nobody can mean", async (t) => {
  const pair = await startPair(t, { publicUrl: "https://coatcheck.example.com" });
  for (const [options, text] of [
    [{}, 'option "homeserver": name a Matrix homeserver, or allow several with homeservers'],
    [
      { homeserver: "a.example", homeservers: "*" },
      'option "homeservers": cannot be combined with homeserver, which names the only one',
    ],
    [
      { homeserver: "exa mple" },
      'option "homeserver": "exa mple" is not the name, user id or https URL of a Matrix homeserver',
    ],
    [{ homeserver: "https://u:p@matrix.example.org" }, /^option "homeserver": .*not the name, user id or https URL/],
    [{ homeservers: "exa mple" }, 'option "homeservers": expected *, *.example.org or example.org, not "exa mple"'],
    [{ homeservers: "*", client_metadata: "[]" }, 'option "client_metadata": must be a JSON object'],
    [{ homeservers: "*", client_metadata: "{" }, 'option "client_metadata": must be a JSON object'],
    [{ homeservers: "*", rotation: "grace" }, /^option "rotation": expected one of "none"/],
    [{ homeservers: "*", registration: "dynamic" }, 'option "registration": expected one of "per_flow" or "reuse"'],
    [{ homeservers: "*", issuer_url: "https://a.example" }, 'option "issuer_url": not accepted by this provider'],
  ] as const) {
    const answer = await pair.write(WRITE, { provider: "matrix", provider_options: options });
    assert.equal(answer.status, 400, JSON.stringify(options));
    const [told = ""] = answer.body?.errors ?? [];
    if (typeof text === "string") assert.equal(told, text);
    else assert.match(told, text);
  }
  assert.equal((await pair.read(WRITE)).status, 404);
  assert.equal(pair.as.requests.length, 0);
});

for (const [what, path, fault, text] of [
  ["not a homeserver", VERSIONS, empty(404), /is not a Matrix homeserver: versions \(GET /],
  ["HTML", VERSIONS, html(200), /is not a Matrix homeserver: versions \(GET .* other than a JSON object/],
  [
    "HTML instead of metadata",
    STABLE,
    html(200),
    /rung "stable" \(GET .*\) answered with something other than a JSON object/,
  ],
  [
    "an error object",
    STABLE,
    json(200, { errcode: "M_UNKNOWN" }),
    /rung "stable" \(GET .*\) has no usable metadata: issuer is missing/,
  ],
  [
    "a redirect",
    STABLE,
    redirect(302, "http://169.254.169.254/"),
    /rung "stable" .* answered with a redirect, which is not followed/,
  ],
  ["503", STABLE, empty(503), /rung "stable" .* answered with status 503/],
] as const) {
  test(`a homeserver that answers with ${what}: the rung is named and nothing is stored`, async (t) => {
    const pair = await startPair(t, { publicUrl: "https://coatcheck.example.com" });
    beHomeserver(pair.as);
    pair.as.reply(path, fault);
    const answer = await pair.write(WRITE, { provider: "matrix", provider_options: { homeserver: pair.as.issuer } });
    assert.equal(answer.status, what === "503" ? 502 : 400);
    assert.match(answer.body?.errors?.[0] ?? "", text);
    assert.equal((await pair.read(WRITE)).status, 404);
  });
}

test("S05 a homeserver on a private address is asked nothing", async (t) => {
  const pair = await startPair(t);
  const strict = await startCoatcheck(t, { networks: "192.0.2.1", publicUrl: "https://coatcheck.example.com" });
  for (const homeserver of [
    "http://127.0.0.1:1",
    "https://169.254.169.254",
    "https://10.0.0.1",
    "127.0.0.1",
    "localhost",
  ]) {
    const answer = await strict.write(WRITE, { provider: "matrix", provider_options: { homeserver } });
    assert.equal(answer.status, 502);
    assert.match(answer.body?.errors?.[0] ?? "", /cannot be reached/, homeserver);
  }
  assert.equal(pair.as.requests.length, 0);
});

test("MX-V4 http is for loopback alone: an endpoint elsewhere is never asked, whatever the metadata say", async (t) => {
  for (const registration_endpoint of ["http://192.0.2.1/register", "http://[2606:4700::1]/register"]) {
    const metadata = { registration_endpoint };
    const pair = await startHomeserverPair(t, { metadata, options: { homeservers: "*" } });
    const refused = await pair.login("bot", { homeserver: pair.as.issuer });
    assert.equal(refused.status, 502);
    assert.match(refused.body?.errors?.[0] ?? "", /^client registration failed: authorization server unavailable/);
    assert.ok(pair.logged.some((line) => line.includes("url_refused") || line.includes("address_refused")));
    assert.equal((await pair.read("oauth2/creds/bot")).status, 404);
    const fixed = { provider: "matrix", provider_options: { homeserver: pair.as.issuer } };
    const told = await pair.write("oauth2/servers/fixed", fixed);
    assert.deepEqual([told.status, told.body?.data?.reason], [400, "server_misconfigured"]);
    assert.match(told.body?.errors?.[0] ?? "", /may not call the registration_endpoint http:/);
  }
});

test("MX-R1 client_metadata as JSON text or as an object; every member arrives, null removes one", async (t) => {
  const more = {
    client_name: "My bot",
    "client_name#fr": "Mon robot",
    logo_uri: "https://coatcheck.example.com/logo.png",
    tos_uri: "https://coatcheck.example.com/terms",
    policy_uri: "https://coatcheck.example.com/policy",
    contacts: ["ops@example.com"],
    software_id: "bot",
    software_version: "2",
    application_type: null,
    "org.example.flag": 7,
    redirect_uris: ["https://coatcheck.example.com/cb"],
  };
  for (const given of [more, JSON.stringify(more)]) {
    const pair = await startPair(t, { publicUrl: "https://coatcheck.example.com" });
    beHomeserver(pair.as);
    const options = { homeserver: pair.as.issuer, client_metadata: given };
    const written = await pair.write(WRITE, { provider: "matrix", provider_options: options });
    assert.equal(written.status, 200);
    assert.deepEqual(written.body?.warnings, [
      "client_metadata: org.example.flag is not a member defined in RFC 7591; it is sent unchanged",
    ]);
    await pair.write("oauth2/creds/bot", { server: "mx", grant_type: "urn:ietf:params:oauth:grant-type:device_code" });
    const body = JSON.parse(pair.as.to("/register")[0]?.body ?? "{}");
    const { application_type: _, ...wanted } = more;
    assert.deepEqual({ ...body, ...wanted }, body);
    assert.equal("application_type" in body, false);
    assert.equal(body.client_uri, "https://coatcheck.example.com/");
  }
});

test("MX-R2 one explanation per violation, before anything is sent", async (t) => {
  const pair = await startPair(t, { publicUrl: "https://coatcheck.example.com" });
  beHomeserver(pair.as);
  const bad = { logo_uri: "https://evil.example/x", redirect_uris: ["http://127.0.0.1:9/cb"], contacts: "me" };
  const options = { homeserver: pair.as.issuer, client_metadata: bad };
  const answer = await pair.write(WRITE, { provider: "matrix", provider_options: options });
  assert.equal(answer.status, 400);
  assert.equal(answer.body?.errors?.length, 3);
  for (const text of answer.body?.errors ?? []) assert.match(text, /^option "client_metadata": /);
  assert.equal(pair.as.requests.length, 0);
});

test("MX-R2 client_uri: the operator's, else an external address that is a page, else the provider's", async (t) => {
  for (const [publicUrl, client_metadata, expected] of [
    ["http://127.0.0.1:8200", {}, "https://coatcheck.example.com/"],
    ["https://broker.corp.example", {}, "https://broker.corp.example/"],
    ["http://127.0.0.1:8200", { client_uri: "https://bots.example.com/about" }, "https://bots.example.com/about"],
  ] as const) {
    const pair = await startHomeserverPair(t, { publicUrl, options: { client_metadata } });
    assert.equal((await pair.login()).status, 200);
    assert.equal(JSON.parse(pair.as.to("/register")[0]?.body ?? "{}").client_uri, expected);
  }
});

test("MX-R2 an external address without a domain is no client_uri, and the operator is told", async (t) => {
  const pair = await startPair(t, { publicUrl: "https://192.0.2.1" });
  beHomeserver(pair.as);
  const refused = await pair.write(WRITE, { provider: "matrix", provider_options: { homeserver: pair.as.issuer } });
  assert.match(refused.body?.errors?.[0] ?? "", /client_uri must have a real domain name/);
});

test("a static client needs no registration and no client_metadata", async (t) => {
  const pair = await startPair(t, { publicUrl: "http://127.0.0.1:8200" });
  beHomeserver(pair.as, { registration_endpoint: undefined });
  const server = { provider: "matrix", client_id: "given", provider_options: { homeserver: pair.as.issuer } };
  assert.equal((await pair.write(WRITE, server)).status, 200);
  await pair.write("oauth2/creds/bot", { server: "mx", grant_type: "urn:ietf:params:oauth:grant-type:device_code" });
  assert.equal(pair.as.to("/device")[0]?.form.get("client_id"), "given");
  assert.equal(pair.as.to("/register").length, 0);
});

test("FC-94 a homeserver that registers nobody is written with a client_id only, unless its issuer knows better", async (t) => {
  const pair = await startPair(t, { publicUrl: "https://coatcheck.example.com" });
  beHomeserver(pair.as, { registration_endpoint: undefined });
  const server = { provider: "matrix", provider_options: { homeserver: pair.as.issuer } };
  const refused = await pair.write(WRITE, server);
  assert.equal(refused.status, 400);
  assert.match(refused.body?.errors?.[0] ?? "", /missing client ID: .* give its client_id$/);
  assert.equal((await pair.read(WRITE)).status, 404);
  pair.as.reply("/.well-known/openid-configuration", json(200, metadataOf(pair.as)));
  const looked = await pair.write(CHECK, server);
  assert.deepEqual([looked.status, (await pair.read(WRITE)).status], [200, 404], "a look writes nothing");
  assert.equal((await pair.write(WRITE, server)).status, 200);
});

for (const [metadata, warning] of [
  [{ revocation_endpoint: undefined }, /^the metadata lack revocation_endpoint/],
  [{ authorization_endpoint: undefined }, /^the metadata lack authorization_endpoint/],
  [{ response_modes_supported: ["query"] }, /^the metadata do not list fragment/],
] as const) {
  test(`MX-V2 ${warning}: a warning, and device login works`, async (t) => {
    const pair = await startPair(t, { publicUrl: "https://coatcheck.example.com" });
    beHomeserver(pair.as, metadata);
    const server = { provider: "matrix", provider_options: { homeserver: pair.as.issuer } };
    const written = await pair.write(WRITE, server);
    assert.equal(written.status, 200);
    assert.match(written.body?.warnings?.[0] ?? "", warning);
    const grant = { server: "mx", grant_type: "urn:ietf:params:oauth:grant-type:device_code" };
    assert.equal((await pair.write("oauth2/creds/bot", grant)).status, 200);
  });
}

test("MX-V6 MX-10 no device endpoint: nothing is registered, and the other way is named", async (t) => {
  const pair = await startPair(t, { publicUrl: "https://coatcheck.example.com" });
  beHomeserver(pair.as, { device_authorization_endpoint: undefined });
  const server = { provider: "matrix", provider_options: { homeserver: pair.as.issuer } };
  assert.match((await pair.write(WRITE, server)).body?.warnings?.[0] ?? "", /login by device code is not possible/);
  const grant = { server: "mx", grant_type: "urn:ietf:params:oauth:grant-type:device_code" };
  const refused = await pair.write("oauth2/creds/bot", grant);
  assert.deepEqual(refused.body?.errors, [
    "device code URL not available: this server does not support device login; request an authorization link instead",
  ]);
  assert.equal(pair.as.to("/register").length, 0);
});

for (const [what, fault, status, text] of [
  [
    "no device grant",
    proper({ grant_types: ["authorization_code", "refresh_token"] }),
    400,
    /the server did not grant grant_types: urn:ietf:params:oauth:grant-type:device_code$/,
  ],
  ["no client_id", proper({ client_id: undefined }), 502, /server response missing client_id$/],
  [
    "a refusal",
    oauthError("invalid_client_metadata", 400, { error_description: "bad logo" }),
    400,
    /invalid_client_metadata: bad logo$/,
  ],
  [
    "M_FORBIDDEN",
    json(403, { errcode: "M_FORBIDDEN", error: "Host not allowed" }),
    400,
    /server rejected request: M_FORBIDDEN: Host not allowed$/,
  ],
  ["503", empty(503), 502, /answered with status 503$/],
  ["HTML", html(200), 502, /no definite answer/],
] as const) {
  test(`MX-R4 MX-R5 REG-03 REG-05 ${what} at registration: nothing is stored`, async (t) => {
    const pair = await startHomeserverPair(t);
    pair.as.reply("/register", fault);
    const answer = await pair.login();
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.body?.errors?.[0] ?? "", /^client registration failed: /);
    assert.match(answer.body?.errors?.[0] ?? "", text);
    assert.equal((await pair.read("oauth2/creds/bot")).status, 404);
    assert.equal(pair.as.to("/device").length, 0);
  });
}

test("REG-01 an initial access token goes as Bearer, is never read back, and is in no error", async (t) => {
  const pair = await startHomeserverPair(t);
  await writeHomeserver(pair, pair.as, {}, { initial_access_token: "initial-secret" });
  await pair.login();
  assert.equal(pair.as.to("/register")[0]?.headers.authorization, "Bearer initial-secret");
  assert.doesNotMatch(JSON.stringify((await pair.read(WRITE)).body), /initial-secret/);
  pair.as.reply("/register", oauthError("invalid_token", 401, { error_description: "initial-secret is bad" }));
  assert.doesNotMatch(JSON.stringify((await pair.login()).body), /initial-secret/);
});

test("MX-R6 each login has a client of its own, kept for its polls, refreshes and revocation", async (t) => {
  const pair = await startHomeserverPair(t);
  for (const [name, id] of [
    ["a", "id+/=1"],
    ["b", "id+/=2"],
  ] as const) {
    pair.as.reply("/register", proper({ client_id: id }));
    await pair.login(name);
    assert.equal((await approve(pair, name)).status, 200);
  }
  await pair.pass(3_700_000);
  await pair.delete("oauth2/creds/a");
  const ids = (path: string) => new Set(pair.as.to(path).map(({ form }) => form.get("client_id")));
  assert.deepEqual(ids("/device"), new Set(["id+/=1", "id+/=2"]));
  assert.deepEqual(ids("/token"), new Set(["id+/=1", "id+/=2"]));
  const [revoked] = pair.as.to("/revoke");
  assert.equal(revoked?.form.get("client_id"), "id+/=1");
  const refreshes = pair.as.to("/token").filter(({ form }) => form.get("grant_type") === "refresh_token");
  assert.ok(refreshes.length >= 2, "both were refreshed");
});

test("MX-R7 reuse: equal metadata are registered once, and once anew when the server has forgotten them", async (t) => {
  const pair = await startHomeserverPair(t, { options: { registration: "reuse" } });
  await pair.login("a");
  await pair.login("b");
  assert.equal(pair.as.to("/register").length, 1);
  for (const [code, status] of [
    ["invalid_client", 401],
    ["unauthorized_client", 401],
  ] as const) {
    const before = pair.as.to("/register").length;
    pair.as.reply("/device", oauthError(code, status), proper());
    assert.equal((await pair.login("c")).status, 200, code);
    assert.equal(pair.as.to("/register").length, before + 1);
  }
  pair.as.reply("/device", oauthError("invalid_client", 401));
  const before = pair.as.to("/register").length;
  assert.equal((await pair.login("d")).body?.data?.reason, "invalid_client");
  assert.equal(pair.as.to("/register").length, before + 1, "not for ever");
});

test("ST-193 a homeserver that names another one's registration endpoint, and issuer, gets no client of it", async (t) => {
  const pair = await startHomeserverPair(t, { options: { homeservers: "*", registration: "reuse" } });
  const thief = await startServer(t);
  beHomeserver(thief);
  const [theirs, own] = [metadataOf(pair.as), metadataOf(thief)];
  const asks = async (homeserver: string) => (await pair.login("bot", { homeserver })).status;
  assert.equal(await asks(pair.as.issuer), 200);
  const { issuer, registration_endpoint } = theirs;
  for (const stolen of [{ registration_endpoint }, { issuer, registration_endpoint }]) {
    thief.reply(STABLE, json(200, { ...own, ...stolen }));
    const before = pair.as.to("/register").length;
    await asks(`${thief.issuer}`);
    assert.equal(pair.as.to("/register").length, before + 1, "a client of its own");
    await pair.pass(3_700_000);
  }
  assert.equal(await asks(pair.as.issuer), 200);
  assert.equal(pair.as.to("/register").length, 3, "the other one is still known");
});

test("MX-R6 a client is never registered anew in the middle of a login or at a refresh", async (t) => {
  const pair = await startHomeserverPair(t);
  await pair.login();
  pair.as.reply("/token", oauthError("invalid_client", 401));
  await pair.pass(20_000);
  assert.equal((await pair.read("oauth2/creds/bot")).body?.data?.reason, "invalid_client");
  assert.equal(pair.as.to("/register").length, 1);
});

test("REG-13 a flood of registrations at one host is held back", async (t) => {
  const pair = await startHomeserverPair(t);
  const statuses = new Set<number>();
  for (let n = 0; n < 25; n++) statuses.add((await pair.login(`bot-${n}`)).status);
  assert.deepEqual([...statuses], [200, 503]);
  assert.equal(pair.as.to("/register").length, 20);
  await pair.pass(61_000);
  assert.equal((await pair.login("later")).status, 200);
});

test("MX-S2 the older rung goes with the older spelling, unless the operator says otherwise", async (t) => {
  const pair = await startHomeserverPair(t);
  pair.as.reply(STABLE, empty(404));
  pair.as.reply(UNSTABLE, json(200, metadataOf(pair.as)));
  const scopeWith = async (options: Record<string, unknown>) => {
    await writeHomeserver(pair, pair.as, options);
    assert.equal((await pair.login("bot", { device_id: "ABCDEFGHIJ" })).status, 200);
    return pair.as.to("/device").at(-1)?.form.get("scope");
  };
  const older = "urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:org.matrix.msc2967.client:device:ABCDEFGHIJ";
  assert.equal(await scopeWith({}), older);
  assert.equal(
    await scopeWith({ scope_form: "stable" }),
    "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJ",
  );
  pair.as.reply(STABLE, json(200, metadataOf(pair.as)));
  assert.equal(await scopeWith({ scope_form: "unstable" }), older);
});

test("FC-83 a homeserver that does not answer any more is the last trouble of its server, also apart from its issuer", async (t) => {
  const pair = await startPair(t, { publicUrl: "https://coatcheck.example.com" });
  const homeserver = await startServer(t);
  beHomeserver(homeserver);
  homeserver.reply(STABLE, json(200, metadataOf(pair.as)));
  await writeHomeserver(pair, homeserver);
  const later = await pair.restart(() => homeserver.reply(VERSIONS, reset), {
    publicUrl: "https://coatcheck.example.com",
  });
  assert.equal((await startDevice(later, "me", { server: "mx" })).status, 502);
  const { last_trouble } = (await later.read(WRITE)).body?.data ?? {};
  assert.equal((last_trouble as { text?: string } | undefined)?.text, "the connection broke");
});

test("FC-83 whoever writes a server is told why its homeserver cannot be reached, and what mends it; a stranger is not", async (t) => {
  const pair = await startPair(t, { publicUrl: "https://coatcheck.example.com" });
  const secure = createServer({ key: LOCAL_KEY, cert: LOCAL_CERTIFICATE });
  await once(secure.listen(0, "127.0.0.1"), "listening");
  t.after(() => secure.close());
  const port = portOf(secure);
  await pair.write("oauth2/servers/open", {
    provider: "matrix",
    provider_options: { homeservers: "*" },
    allow_sessions: true,
  });
  const strangers: ReturnType<typeof ask>[] = [];
  for (const [homeserver, why] of [
    [
      `https://127.0.0.1:${port}`,
      /: its certificate is signed by an unknown authority: name .* in NODE_EXTRA_CA_CERTS$/,
    ],
    [`https://127.0.0.1:${await freePort()}`, /: nothing listens there$/],
    ["https://10.0.0.1", /: its address is not public: allow it with "serve --allow-networks"/],
  ] as const) {
    const { status, body } = await pair.write(WRITE, { provider: "matrix", provider_options: { homeserver } });
    assert.equal(status, 502, homeserver);
    assert.match(String(body?.errors?.[0]), why);
    const looked = await pair.write(CHECK, { provider: "matrix", provider_options: { homeserver } });
    assert.deepEqual([looked.status, looked.body?.errors], [status, body?.errors], "a look says the same");
    strangers.push(ask(pair, "POST", "/sessions", { body: { server: "open", options: { homeserver } } }));
  }
  await pair.pass(7_000);
  for (const { body } of await Promise.all(strangers))
    assert.match(String(body.error_description), /^no login can be begun at this Matrix homeserver: /);
});
