import assert from "node:assert/strict";
import { test } from "node:test";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import type { Coatcheck } from "../../support/coatcheck.ts";
import { startHomeserverPair } from "../../support/matrix/homeserver-pair.ts";
import { type ProfilePair, startProfile } from "../../support/matrix/profile-pair.ts";
import { launchChromium } from "../../support/person/chromium.ts";

/** BCP-04: of one homeserver alone. */
const OWN_CALLBACK = /^https:\/\/coatcheck\.example\.com\/v1\/oauth2\/callback\/[\w-]{22}$/;

async function link(pair: Coatcheck, more: Record<string, unknown> = {}) {
  const answer = await pair.write("oauth2/auth-code-url", { server: "mx", name: "bot", ...more });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const url = new URL(String(answer.body?.data?.url));
  return { url, query: url.searchParams };
}

/** A person allows it: where the browser is sent. */
async function allow(url: URL): Promise<URL> {
  const { headers } = await fetch(url, { redirect: "manual" });
  return new URL(headers.get("location") ?? "");
}

/** What the callback's own page does with the answer behind the address. */
function post({ running }: ProfilePair, { pathname, hash }: URL) {
  const url = `${running.address}${pathname}`;
  const answer = hash.slice(1);
  return fetch(url, { method: "POST", redirect: "manual", body: new URLSearchParams({ answer }) });
}

for (const profile of Object.values(PROFILES)) {
  test(`MX-05 MX-C1 MX-C2 MX-C4 ${profile.name}: by authorization link through the broker's callback`, async (t) => {
    const pair = await startProfile(t, profile);
    const { url, query } = await link(pair, { provider_options: { login_hint: "@alice:example.org" } });
    const asked = Object.fromEntries(query);
    const body = JSON.parse(pair.homeserver.to("/oauth2/registration")[0]?.body ?? "{}");
    const { redirect_uri = "" } = asked;
    assert.match(redirect_uri, OWN_CALLBACK);
    assert.deepEqual(body.redirect_uris, [redirect_uri]);
    assert.equal(asked.client_id, query.get("client_id"));
    assert.ok(pair.homeserver.clients.find(asked.client_id ?? ""));
    assert.match(asked.scope ?? "", /^urn:matrix:client:api:\* urn:matrix:client:device:[A-Z0-9]{12}$/);
    const { response_type, response_mode, code_challenge_method, login_hint } = asked;
    assert.deepEqual(
      { response_type, response_mode, code_challenge_method, login_hint },
      {
        response_type: "code",
        response_mode: "fragment",
        code_challenge_method: "S256",
        login_hint: "mxid:@alice:example.org",
      },
    );
    const back = await allow(url);
    assert.equal(back.search, "");
    const answered = await post(pair, back);
    assert.equal(answered.headers.get("location"), "/v1/oauth2/callback/done");
    const sent = pair.homeserver.to("/oauth2/token")[0]?.form;
    assert.equal(sent?.get("client_id"), asked.client_id);
    assert.equal(sent?.get("redirect_uri"), redirect_uri);
    assert.match(String(pair.homeserver.to("/oauth2/token")[0]?.headers["user-agent"]), / \(bot; \w+\)$/, "FC-80");
    const read = await pair.read("oauth2/creds/bot");
    assert.equal(read.status, 200, JSON.stringify(read.body));
    const { user_id, device_id } = (read.body?.data?.extra_data ?? {}) as Record<string, string>;
    assert.equal(user_id, `@alice:${pair.homeserver.serverName}`);
    assert.ok(asked.scope?.endsWith(`:${device_id}`));
    await pair.pass(profile.refresh.accessLife * 1000);
    assert.equal((await pair.read("oauth2/creds/bot")).status, 200);
    assert.equal((await post(pair, back)).status, 400, "OA-16 once");
  });
}

test("MX-C2 a loopback callback is registered without its port, and gets its answer in the query", async (t) => {
  const client_metadata = { client_uri: "https://bots.example.com/" };
  const pair = await startHomeserverPair(t, {
    publicUrl: "http://127.0.0.1:8200",
    options: { client_metadata },
  });
  const { query } = await link(pair);
  const redirectUri = query.get("redirect_uri") ?? "";
  assert.match(redirectUri, /^http:\/\/127\.0\.0\.1:8200\/v1\/oauth2\/callback\/[\w-]{22}$/);
  const { redirect_uris: registered } = JSON.parse(pair.as.to("/register")[0]?.body ?? "{}");
  assert.deepEqual(registered, [redirectUri.replace(":8200", "")]);
  assert.equal(query.get("response_mode"), "query");
});

test("MX-C a caller's own redirect_url: the code comes back with its state, and the client is known again", async (t) => {
  const pair = await startProfile(t, PROFILES.spec);
  const redirect_url = "http://127.0.0.1:9/cb";
  const { url, query } = await link(pair, { name: "", redirect_url });
  const back = await allow(url);
  const { code, state } = Object.fromEntries(back.searchParams);
  const written = await pair.write("oauth2/creds/bot", { code, state });
  assert.equal(written.status, 204, JSON.stringify(written.body));
  assert.equal(pair.homeserver.to("/oauth2/token")[0]?.form.get("client_id"), query.get("client_id"));
  const read = await pair.read("oauth2/creds/bot");
  assert.equal(read.status, 200);
  assert.match(JSON.stringify(read.body?.data?.extra_data), /"homeserver":"http:/);
});

for (const [more, text] of [
  [{ name: "", redirect_url: "" }, "missing redirect_url"],
  [
    { name: "", redirect_url: "https://c.example/cb", code_challenge: "a".repeat(43) },
    'option "client_metadata": redirect_uris: "https://c.example/cb" must be on the host of client_uri (coatcheck.example.com) or a subdomain of it',
  ],
  [
    { name: "", redirect_url: "http://127.0.0.1:1/cb", code_challenge: "a".repeat(43) },
    "code_challenge cannot be used with this provider: the broker registers a client for each login and must keep the verifier",
  ],
  [{ auth_url_params: { prompt: "create" } }, 'auth_url_params: the server does not offer prompt "create"'],
] as const) {
  test(`MX-C1 ${JSON.stringify(more)} is refused`, async (t) => {
    const pair = await startHomeserverPair(t);
    const refused = await pair.write("oauth2/auth-code-url", { server: "mx", name: "bot", ...more });
    assert.deepEqual([refused.status, refused.body?.errors], [400, [text]]);
    assert.equal((await pair.read("oauth2/creds/bot")).status, 404);
  });
}

test("MX-C1 prompt=create where it is advertised", async (t) => {
  const pair = await startHomeserverPair(t, { metadata: { prompt_values_supported: ["create"] } });
  assert.equal((await link(pair, { auth_url_params: { prompt: "create" } })).query.get("prompt"), "create");
});

for (const [metadata, text] of [
  [{ authorization_endpoint: undefined }, "authorization code URL not available"],
  [{ response_types_supported: ["token"] }, "the server does not list code in response_types_supported"],
  [
    { code_challenge_methods_supported: ["plain"] },
    "the server does not list S256 in code_challenge_methods_supported",
  ],
] as const) {
  test(`MX-V2 ${text}: nothing is registered`, async (t) => {
    const pair = await startHomeserverPair(t, { metadata });
    const refused = await pair.write("oauth2/auth-code-url", { server: "mx", name: "bot" });
    assert.deepEqual(refused.body?.errors, [text]);
    assert.equal(pair.as.to("/register").length, 0);
  });
}

test("MX-C2 BCP-11 in a browser: the page takes the answer out of the address and finishes the login", async (t) => {
  const pair = await startProfile(t, PROFILES.spec);
  const { url } = await link(pair);
  const back = await allow(url);
  const browser = await launchChromium(t);
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`${pair.running.address}${back.pathname}${back.hash}`);
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  assert.equal(page.url(), `${pair.running.address}/v1/oauth2/callback/done`);
  await page.goBack();
  assert.doesNotMatch(page.url(), /code|state/, "nothing is left in the history");
  assert.equal((await pair.read("oauth2/creds/bot")).status, 200);
  await page.goto(`${pair.running.address}/v1/oauth2/callback`);
  await page.getByRole("heading", { name: "This link cannot be used" }).waitFor();
});
