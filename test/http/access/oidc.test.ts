import assert from "node:assert/strict";
import { test } from "node:test";
import { startOpenIdProvider } from "../../../src/dev/openid-provider.ts";
import { startJwtIssuer } from "../../servers/jwt-issuer.ts";
import { approve, deny } from "../../support/matrix/homeserver.ts";
import { sharedChromium } from "../../support/person/chromium.ts";
import { CLIENT, decide, ELSEWHERE, inPage, signIn, startPeople as stage } from "./people.ts";
import { call } from "./stage.ts";

const browserOf = sharedChromium();

test("8, ST-190 bao login -method=oidc: the link, the code brought by the command, once", async (t) => {
  const { broker, open } = await stage(t);
  // As the command sends it; its nonce is its own.
  const begun = await open("PUT", "auth_url", { role: "", redirect_uri: CLIENT, client_nonce: "nonce" });
  assert.deepEqual(Object.keys(begun.data), ["auth_url"]);
  const link = new URL(String(begun.data.auth_url));
  assert.equal(link.searchParams.get("code_challenge_method"), "S256");
  assert.ok(link.searchParams.get("nonce"));
  const back = await signIn(link.href);
  const query = back.searchParams;
  const finish = (nonce: string) =>
    open("GET", `callback?${new URLSearchParams({ ...Object.fromEntries(query), client_nonce: nonce })}`);
  assert.ok(query.get("iss"), "the provider names itself, which the command leaves out");
  query.set("iss", "https://another.example");
  assert.equal((await finish("nonce")).status, 400, "another provider's answer");
  query.delete("iss");
  assert.equal((await finish("another")).status, 400);
  const { auth, status, errors } = await finish("nonce");
  assert.equal(status, 200, errors.join());
  assert.deepEqual([auth?.policies, auth?.metadata], [["default", "people"], { role: "people" }]);
  const self = await call(broker, auth?.client_token ?? "", "GET", "auth/token/lookup-self");
  assert.equal(self.data.display_name, "oidc-alice");
  assert.equal((await finish("nonce")).status, 400, "a code is good once");
  assert.doesNotMatch(broker.logged.join(), /client-secret|code=/);
});

test("ST-190 an answer without iss is refused where no program with a nonce brings it from its own machine", async (t) => {
  const { open } = await stage(t, { allowed_redirect_uris: [CLIENT, ELSEWHERE] });
  for (const [redirect_uri, client_nonce, takesIt] of [
    [CLIENT, "", false],
    [ELSEWHERE, "nonce", false],
    [CLIENT, "nonce", true],
  ] as const) {
    const begun = await open("PUT", "auth_url", { redirect_uri, client_nonce });
    const query = (await signIn(String(begun.data.auth_url))).searchParams;
    for (const iss of ["", undefined]) {
      query.delete("iss");
      if (iss !== undefined) query.set("iss", iss);
      const { status } = await open(
        "GET",
        `callback?${new URLSearchParams({ ...Object.fromEntries(query), client_nonce })}`,
      );
      assert.equal(status, takesIt && iss === undefined ? 200 : 400, `${redirect_uri} ${client_nonce} ${iss}`);
    }
  }
});

test("ST-190 no two providers have browsers come back to one place, by whatever name of this machine, whichever is configured first", async (t) => {
  const { broker, ask } = await stage(t);
  const other = await startOpenIdProvider({ clients: [], person: "alice", now: () => broker.clock.now() });
  t.after(() => other.close());
  await ask("POST", "sys/auth/other", { type: "oidc" });
  const errors = async (path: string, body: object) => (await ask("POST", path, body)).errors.join();
  const at = (uri: string, more = {}) =>
    errors("auth/other/role/people", { user_claim: "sub", allowed_redirect_uris: uri, ...more });
  const config = (issuer: string) =>
    errors("auth/other/config", { oidc_discovery_url: issuer, oidc_client_id: "coatcheck" });
  const own = "http://localhost:8251/oidc/callback";
  assert.equal(await at(CLIENT), "", "nothing says yet whose it is");
  assert.match(await config(other.issuer), /localhost:8250.* give each provider one of its own/);
  assert.equal(await at(own), "");
  assert.equal(await config(other.issuer), "");
  for (const uri of [
    CLIENT,
    CLIENT.replace("localhost", "127.0.0.1"),
    `${own},${CLIENT.replace("localhost", "[::1]")}`,
  ])
    assert.match(await at(uri), /whose provider is another one/, uri);
  assert.deepEqual((await ask("GET", "auth/other/role/people")).data.allowed_redirect_uris, [own]);
  assert.equal(await at(CLIENT, { callback_mode: "direct" }), "", "no program listens there");
  assert.match(await at(CLIENT, { callback_mode: "client" }), /whose provider is another one/);
});

test("8 roles and mounts of one provider may share where browsers come back to", async (t) => {
  const { ask, provider } = await stage(t);
  await ask("POST", "sys/auth/again", { type: "jwt" });
  const config = { oidc_discovery_url: provider.issuer, oidc_client_id: "coatcheck" };
  assert.deepEqual((await ask("POST", "auth/again/config", config)).errors, []);
  for (const name of ["a", "b"]) {
    const role = { user_claim: "sub", allowed_redirect_uris: CLIENT };
    assert.deepEqual((await ask("POST", `auth/again/role/${name}`, role)).errors, []);
  }
});

test("ST-192 a client secret stays with the provider that it was given for", async (t) => {
  const { ask, broker, provider } = await stage(t);
  const other = await startOpenIdProvider({ clients: [], person: "alice", now: () => broker.clock.now() });
  t.after(() => other.close());
  const configure = async (config: object) => (await ask("POST", "auth/oidc/config", config)).errors.join();
  const moved = { oidc_discovery_url: other.issuer };
  assert.match(await configure(moved), /oidc_client_secret was given for another oidc_discovery_url/);
  assert.equal((await ask("GET", "auth/oidc/config")).data.oidc_discovery_url, provider.issuer);
  assert.equal(await configure({ ...moved, oidc_client_secret: "another" }), "");
});

test("8 no link for a redirect URI or a role that is not there, and no token for a role of people", async (t) => {
  const { ask, open } = await stage(t);
  for (const begin of [{ redirect_uri: "https://evil.example" }, { role: "none", redirect_uri: CLIENT }]) {
    assert.deepEqual((await open("PUT", "auth_url", begin)).data, { auth_url: "" });
  }
  assert.equal(
    (await call((await stage(t)).broker, "", "POST", "auth/oidc/login", { role: "people", jwt: "x" })).status,
    400,
  );
  const wrong = async (role: object) => (await ask("POST", "auth/oidc/role/x", role)).errors.join();
  assert.match(await wrong({ role_type: "oidc", user_claim: "sub" }), /'allowed_redirect_uris' must be set/);
  assert.match(await wrong({ role_type: "oidc", user_claim: "sub", callback_mode: "fax" }), /callback_mode must be/);
  const config = (await ask("GET", "auth/oidc/config")).data;
  assert.equal(config.oidc_client_id, "coatcheck");
  assert.equal("oidc_client_secret" in config, false);
});

test("ST-90 direct mode: a browser that was sent the link says so, and nobody is signed in without its word", async (t) => {
  const { broker, open, direct } = await stage(t, { callback_mode: "direct" });
  const begin = { role: "people", redirect_uri: direct, client_nonce: "mine" };
  const { data } = await open("PUT", "auth_url", begin);
  assert.deepEqual([typeof data.state, data.poll_interval], ["string", "5"]);
  const poll = (nonce = "mine", state = data.state) => open("PUT", "poll", { state, client_nonce: nonce });
  assert.deepEqual([(await poll()).status, (await poll()).errors], [400, ["authorization_pending"]]);
  const back = await signIn(String(data.auth_url));
  const page = await (await fetch(back, { headers: { accept: "text/html" } })).text();
  assert.match(page, /Sign this program in\?/);
  assert.match(page, /127\.0\.0\.1/);
  assert.deepEqual((await poll()).errors, ["authorization_pending"], "it was not confirmed yet");
  assert.equal((await fetch(back)).status, 400, "the link's answer comes once");
  const forged = page.replace(inPage(page, "confirm"), "guess");
  assert.equal((await decide(broker, forged, "allow")).status, 400);
  assert.match(await (await decide(broker, page, "allow")).text(), /You are signed in/);
  assert.equal((await decide(broker, page, "allow")).status, 400);
  assert.equal((await poll("another")).status, 400);
  const { auth } = await poll();
  assert.deepEqual(auth?.policies, ["default", "people"]);
  assert.equal((await poll()).status, 400, "it is taken once");

  const denied = (await open("PUT", "auth_url", begin)).data;
  const asked = await (await fetch(await signIn(String(denied.auth_url)), { headers: { accept: "text/html" } })).text();
  assert.match(await (await decide(broker, asked, "deny")).text(), /Nobody was signed in/);
  assert.equal((await poll("mine", denied.state)).errors.includes("authorization_pending"), false);
});

test("8 direct mode: whoever polls is told at once that nobody will sign in, and waits for no ten minutes", async (t) => {
  const { broker, open, direct, provider } = await stage(t, { callback_mode: "direct" });
  const begin = async () =>
    (await open("PUT", "auth_url", { role: "people", redirect_uri: direct, client_nonce: "mine" })).data;
  const errorsOf = async (state: unknown) => (await open("PUT", "poll", { state, client_nonce: "mine" })).errors.join();

  const { state } = await begin();
  const said = (iss: string) => new URLSearchParams({ state: String(state), error: "access_denied", iss });
  assert.equal((await open("GET", `callback?${said("https://another.example")}`)).status, 400);
  assert.equal(await errorsOf(state), "authorization_pending", "another's word ends nothing");
  assert.equal((await open("GET", `callback?${said(provider.issuer)}`)).status, 400);
  assert.match(await errorsOf(state), /^login refused/);

  const wrong = await begin();
  const back = await signIn(String(wrong.auth_url));
  back.searchParams.set("code", "wrong");
  const page = await (await fetch(back, { headers: { accept: "text/html" } })).text();
  assert.equal((await decide(broker, page, "allow")).status, 400, "the provider does not know the code");
  assert.match(await errorsOf(wrong.state), /^login refused/);
});

test("8 a provider without a page to sign in at, or without device codes, is named as such", async (t) => {
  const { ask, open } = await stage(t);
  const issuer = await startJwtIssuer(t);
  const config = { oidc_discovery_url: issuer.issuer, oidc_client_secret: "" };
  assert.deepEqual((await ask("POST", "auth/oidc/config", config)).errors, []);
  await ask("POST", "auth/oidc/role/device", { user_claim: "sub", role_type: "oidc", callback_mode: "device" });
  const { status, errors } = await open("PUT", "auth_url", { role: "device" });
  assert.deepEqual([status, errors], [400, ["the provider gives no device codes for this client"]]);
});

test("10 bao login -method=oidc callbackmode=direct, whose redirect URI has a slash too many", async (t) => {
  const { broker, ask, open, direct } = await stage(t, { callback_mode: "direct" });
  const doubled = direct.replace("/oidc/oidc/", "/oidc//oidc/");
  const { data } = await open("PUT", "auth_url", { role: "people", redirect_uri: doubled, client_nonce: "n" });
  assert.equal(new URL(String(data.auth_url)).searchParams.get("redirect_uri"), direct, "the one that is allowed");
  const page = await (await fetch(await signIn(String(data.auth_url)), { headers: { accept: "text/html" } })).text();
  assert.equal((await decide(broker, page, "allow")).status, 200);
  assert.ok((await open("PUT", "poll", { state: data.state, client_nonce: "n" })).auth);

  // Whoever has allowed it as the command sends it gets it so, and the browser comes back there.
  await ask("POST", "auth/oidc/role/people", { allowed_redirect_uris: [doubled] });
  const asked = (await open("PUT", "auth_url", { role: "people", redirect_uri: doubled, client_nonce: "n" })).data;
  const link = new URL(String(asked.auth_url));
  assert.equal(link.searchParams.get("redirect_uri"), doubled);
  link.searchParams.set("redirect_uri", direct);
  const back = await signIn(link.href);
  const came = await fetch(back.href.replace(direct, doubled), { headers: { accept: "text/html" } });
  assert.match(await came.text(), /Sign this program in\?/);
  const other = { role: "people", redirect_uri: `${direct}?next=//a`, client_nonce: "n" };
  await ask("POST", "auth/oidc/role/people", { allowed_redirect_uris: [`${direct}?next=/a`] });
  assert.deepEqual((await open("PUT", "auth_url", other)).data, { auth_url: "" }, "a query says what it says");
});

test("8 a person signs a program in by a browser", async (t) => {
  const { open, direct } = await stage(t, { callback_mode: "direct" });
  const { data } = await open("PUT", "auth_url", { role: "people", redirect_uri: direct, client_nonce: "mine" });
  const context = await (await browserOf(t)).newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(String(data.auth_url));
  assert.equal(await page.getByRole("heading").textContent(), "Sign this program in?");
  await page.getByRole("button", { name: "Allow" }).click();
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  const { auth } = await open("PUT", "poll", { state: data.state, client_nonce: "mine" });
  assert.deepEqual(auth?.metadata, { role: "people" });
});

test("8 device mode: the provider is asked by its own interval, whoever polls how often", async (t) => {
  const { broker, open } = await stage(t, { callback_mode: "device" });
  const { data } = await open("PUT", "auth_url", { role: "people", client_nonce: "n" });
  assert.ok(data.user_code);
  assert.equal(data.poll_interval, "6");
  const poll = () => open("PUT", "poll", { state: data.state, client_nonce: "n" });
  assert.deepEqual((await poll()).errors, ["slow_down"]);
  await broker.pass(6_000);
  assert.deepEqual((await poll()).errors, ["authorization_pending"]);
  assert.deepEqual((await poll()).errors, ["slow_down"]);
  await approve(String(data.auth_url));
  assert.deepEqual((await poll()).errors, ["slow_down"], "not before its time, though somebody has signed in");
  await broker.pass(6_000);
  const { auth, errors } = await poll();
  assert.ok(auth, errors.join());
  assert.deepEqual([auth.policies, auth.metadata], [["default", "people"], { role: "people" }]);
  const self = await call(broker, auth.client_token, "GET", "auth/token/lookup-self");
  assert.deepEqual([self.status, self.data.path], [200, "auth/oidc/login"]);
  assert.equal((await poll()).status, 400, "once");
});

test("8 device mode: whoever says no gets no token, and the login is over", async (t) => {
  const { broker, open } = await stage(t, { callback_mode: "device" });
  const { data } = await open("PUT", "auth_url", { role: "people", client_nonce: "n" });
  await deny(String(data.auth_url));
  await broker.pass(6_000);
  const poll = () => open("PUT", "poll", { state: data.state, client_nonce: "n" });
  assert.match((await poll()).errors.join(), /^login refused/);
  assert.match((await poll()).errors.join(), /^login refused/);
});

test("8 a login of a person ends after 10 minutes, and one network begins 30 in a minute", async (t) => {
  const { broker, open } = await stage(t);
  const begin = () => open("PUT", "auth_url", { redirect_uri: CLIENT });
  const back = await signIn(String((await begin()).data.auth_url));
  await broker.pass(600_000);
  assert.equal((await open("GET", `callback?${back.searchParams}`)).status, 400);
  for (let login = 0; login < 30; login++) assert.equal((await begin()).status, 200);
  assert.equal((await begin()).status, 429);
});

test("ST-178 answers that nobody waits for, as any page can have a browser send them, keep nobody from signing in", async (t) => {
  const { open } = await stage(t);
  const begun = await open("PUT", "auth_url", { role: "", redirect_uri: CLIENT });
  const back = await signIn(String(begun.data.auth_url));
  const statuses: number[] = [];
  for (let number = 0; number < 21; number++)
    statuses.push((await open("GET", `callback?state=${number}&code=x`)).status);
  assert.deepEqual([statuses.at(-2), statuses.at(-1)], [400, 429]);
  assert.equal((await open("GET", `callback?${back.searchParams}`)).status, 200);
});

test("ST-178 nor do logins, polls and beginnings that a page of another site sends from there", async (t) => {
  const { broker, open } = await stage(t);
  const site = { "sec-fetch-site": "cross-site", origin: "https://elsewhere.example", "content-type": "text/plain" };
  const foreign = async (path: string) => {
    const init = { method: "POST", headers: site, body: '{"role":"people"}' };
    return (await fetch(`${broker.running.address}/v1/auth/oidc/${path}`, init)).status;
  };
  for (const path of ["login", "oidc/poll", "oidc/auth_url"]) {
    for (let number = 0; number < 31; number++) assert.equal(await foreign(path), 403, path);
  }
  const begun = await open("PUT", "auth_url", { role: "people", redirect_uri: CLIENT });
  const back = await signIn(String(begun.data.auth_url));
  assert.equal((await open("GET", `callback?${back.searchParams}`)).status, 200);
  assert.equal((await call(broker, "", "POST", "auth/oidc/login", { role: "people", jwt: "x" })).status, 400);
});
