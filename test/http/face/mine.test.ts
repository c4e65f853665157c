import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedChromium } from "../../support/person/chromium.ts";
import { begin, startSessions } from "../../support/sessions.ts";
import { CLIENT, SIGN_IN, signIn, startPeople } from "../access/people.ts";
import { call, child } from "../access/stage.ts";
import { Guest, openScreens, personsToken, signInOn } from "./stage.ts";

const browserOf = sharedChromium();

type People = Awaited<ReturnType<typeof startPeople>>;

/** A token of alice, as a login brings it. */
async function aliceOf({ open }: People): Promise<string> {
  const begun = await open("PUT", "auth_url", { role: "", redirect_uri: CLIENT });
  const back = await signIn(String(begun.data.auth_url));
  const { auth, errors } = await open("GET", `callback?${back.searchParams}`);
  assert.ok(auth, errors.join());
  return auth.client_token;
}

/** A program's login at the same provider, which alice approves. */
async function heldBy({ broker, ask, provider }: People, label: string): Promise<string> {
  const server = { provider: "oidc", client_id: "coatcheck", client_secret: "client-secret", allow_sessions: true };
  const written = await ask("PUT", "oauth2/servers/id", {
    ...server,
    provider_options: { issuer_url: provider.issuer },
  });
  assert.ok(written.status < 300, written.errors.join());
  const { data } = await call(broker, "", "POST", "/sessions", { server: "id", label, scopes: "openid", flow: "page" });
  const guest = await new Guest(broker).open(`/device?user_code=${data.user_code}`);
  const token = () => /name="token" value="([^"]*)"/.exec(guest.html)?.[1] ?? "";
  await guest.send("/device", { user_code: String(data.user_code), token: token() });
  await guest.send("/device/decision", { user_code: String(data.user_code), token: token(), decision: "allow" });
  const link = /<a class="button"[^>]*href="([^"]*)"/.exec(guest.html)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const back = await signIn(link);
  await guest.open(`${back.pathname}${back.search}`);
  assert.match(guest.html, /You are signed in/);
  return String(data.id);
}

test("a person sees what programs hold of their account, by the policy default alone, and ends it; another's stays out of sight", async (t) => {
  const people = await startPeople(t);
  const { broker } = people;
  const id = await heldBy(people, "notes on laptop");
  const alice = await aliceOf(people);
  const guest = await new Guest(broker).signIn(alice, "/ui/mine");
  assert.deepEqual([guest.status, /notes on laptop/.test(guest.html)], [200, true], guest.html);
  assert.match(guest.html, /href="\/ui\/mine" aria-current/);
  assert.doesNotMatch(guest.html, /href="\/ui\/sessions"/, "nearly the same, once more");
  assert.equal((await call(broker, alice, "GET", "/sessions?whose=others")).status, 403);
  await guest.open(`/ui/sessions/${id}`);
  assert.match(guest.html, /End this session …/);
  assert.doesNotMatch(guest.html, /Look at the login/);
  // Somebody whom nobody has proved, with the same policies, sees nothing of it.
  const other = (await child(broker, { policies: ["people"] })).client_token;
  assert.equal((await call(broker, other, "GET", "/sessions?whose=mine")).status, 403);
  assert.equal((await call(broker, other, "GET", `/sessions/${id}`)).status, 403);
  assert.equal((await call(broker, other, "DELETE", `/sessions/${id}`)).status, 403);
  await guest.open(`/ui/sessions/${id}?do=end`);
  await guest.send(`/ui/sessions/${id}`, {});
  assert.match(guest.html, /The session has ended/);
  await guest.open("/ui/mine");
  assert.match(guest.html, /No program holds a login of yours/);
});

test("a session whose token has run out is still of the account it was of: its person sees it, and may end it", async (t) => {
  const people = await startPeople(t);
  const { broker } = people;
  const id = await heldBy(people, "notes");
  const alice = await aliceOf(people);
  broker.clock.advance(2 * 3_600_000);
  const { data } = await call(broker, alice, "GET", `/sessions/${id}`);
  assert.deepEqual([data.reason, data.yours, data.may_end], ["token_expired", true, true]);
  assert.equal((await call(broker, alice, "DELETE", `/sessions/${id}`)).status, 204);
});

test("ST-150 an account is only whose provider the configuration names: who signs by a key of their own is nobody's person", async (t) => {
  const people = await startPeople(t);
  const { broker, ask } = people;
  const id = await heldBy(people, "notes");
  const held = (await call(broker, await aliceOf(people), "GET", `/sessions/${id}`)).data;
  assert.deepEqual(
    [held.yours, held.account],
    [true, { ...Object(held.account), issuer: people.provider.issuer, subject: "alice" }],
  );
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(await crypto.subtle.exportKey("spki", publicKey)).toString("base64")}\n-----END PUBLIC KEY-----`;
  await ask("POST", "sys/auth/jwt", { type: "jwt" });
  assert.deepEqual((await ask("POST", "auth/jwt/config", { jwt_validation_pubkeys: [pem] })).errors, []);
  const role = { role_type: "jwt", user_claim: "sub", bound_claims: { ok: "yes" }, token_policies: ["people"] };
  assert.deepEqual((await ask("POST", "auth/jwt/role/r", role)).errors, []);
  const now = Math.floor(broker.clock.now() / 1000);
  const claims = { iss: people.provider.issuer, sub: "alice", ok: "yes", iat: now, exp: now + 600 };
  const parts = [{ alg: "ES256" }, claims]
    .map((one) => Buffer.from(JSON.stringify(one)).toString("base64url"))
    .join(".");
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, Buffer.from(parts));
  const jwt = `${parts}.${Buffer.from(signature).toString("base64url")}`;
  const { auth, errors } = await call(broker, "", "POST", "auth/jwt/login", { role: "r", jwt });
  assert.ok(auth, errors.join());
  assert.equal((await call(broker, auth.client_token, "GET", `/sessions/${id}`)).status, 403);
});

test("my logins: what a person's own token began waits with its code, and can be decided or ended; it is live, and a sign-in that ends leads back", async (t) => {
  const pair = await startSessions(t);
  const client_token = await personsToken(pair);
  await begin(pair, { label: "somebody else's" });
  const { page, go, look } = await openScreens(t, pair, await browserOf(t));
  await page.clock.install();
  await go("/ui/mine");
  await signInOn(page, client_token);
  await page.getByText("No program holds a login of yours").waitFor();
  await look("mine-none");
  const { data } = await call(pair, client_token, "POST", "/sessions", {
    server: "as",
    label: "deploy-bot",
    flow: "page",
  });
  await page.clock.runFor(16_000);
  await page.getByRole("heading", { name: "Waits for you" }).waitFor();
  assert.ok(!(await page.locator("main").innerText()).includes("somebody else"));
  await look("mine");
  await page.getByRole("link", { name: "Look, and allow or deny" }).waitFor();
  const address = await page.getByRole("link", { name: "Look, and allow or deny" }).getAttribute("href");
  assert.equal(address, data.verification_uri_complete);
  await page.getByRole("link", { name: "End it" }).click();
  await page.getByRole("button", { name: "End it" }).click();
  await page.getByRole("heading", { name: "The session has ended" }).waitFor();
  await page.getByRole("link", { name: "Back to my logins" }).click();
  await page.getByText("No program holds a login of yours").waitFor();
  await pair.write("auth/token/revoke", { token: client_token });
  await page.clock.runFor(16_000);
  await page.getByText("You are signed out: your token has ended").waitFor();
});

test("a person signs in by auth/oidc in this browser and no other, once; signing out ends the login too", async (t) => {
  const { broker, ask } = await startPeople(t);
  const guest = await new Guest(broker).open();
  assert.match(guest.html, /action="\/ui\/oidc\/oidc"[\s\S]*Sign in by oidc/);
  const begin = async () => {
    await guest.open("/ui/sign-in");
    await guest.send("/ui/oidc/oidc", {});
    const link = /<a class="button"[^>]*href="([^"]*)"/.exec(guest.html)?.[1]?.replaceAll("&amp;", "&") ?? "";
    return signIn(link);
  };
  const back = await begin();
  assert.equal(`${back.origin}${back.pathname}`, SIGN_IN);
  const address = `${back.pathname}${back.search}`;
  const other = await new Guest(broker).open();
  await other.open(address);
  assert.deepEqual([other.status, other.token], [400, ""], "the answer is of another browser");
  await guest.open(address);
  assert.match(guest.html, /<meta http-equiv="refresh" content="0; url=\/ui">|You are signed in/);
  const { data } = await call(broker, guest.token, "GET", "auth/token/lookup-self");
  assert.deepEqual([data.policies, data.display_name], [["default", "people"], "browser"]);
  const accessors = async () => {
    const { keys } = (await ask("GET", "auth/token/accessors?list=true")).data;
    return Array.isArray(keys) ? keys.length : 0;
  };
  assert.equal(await accessors(), 2, "the login's and the browser's");
  await guest.open("/ui");
  const { token } = guest;
  await guest.send("/ui/sign-out", {});
  assert.match(guest.html, /You are signed out/);
  assert.equal((await call(broker, token, "GET", "auth/token/lookup-self")).status, 403);
  assert.equal(await accessors(), 0, "with the browser's the login's has ended");
  await guest.open(address);
  assert.deepEqual([guest.status, guest.token], [400, ""], "a code is good once");
  await guest.open("/ui/sign-in");
  await guest.send("/ui/oidc/oidc", { guard: "x" });
  assert.equal(guest.status, 403);
  await ask("POST", "auth/oidc/role/people", { callback_mode: "device" });
  await guest.open("/ui/sign-in");
  await guest.send("/ui/oidc/oidc", {});
  assert.deepEqual([guest.status, guest.html.includes(SIGN_IN)], [400, true]);
});
