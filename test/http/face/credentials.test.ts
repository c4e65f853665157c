import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { importGrant, startDevice, startPair } from "../../support/misbehaving.ts";
import { sharedChromium } from "../../support/person/chromium.ts";
import { child, policy } from "../access/stage.ts";
import { Guest, openScreens, signInOn } from "./stage.ts";

const browserOf = sharedChromium();

/** What a list says of how many are in each state. */
const countsIn = ({ html }: Guest) =>
  [...html.matchAll(/<li><a href="[^"]*status=[^"]*"[^>]*>([^<]*)<span class="soft">([^<]*)/g)].map(
    ([, state, count]) => `${state}${count}`,
  );

const rowsOf = ({ html }: Guest) => [...html.matchAll(/<th scope="row"><a [^>]*>([^<]*)/g)].map(([, name]) => name);

test("the list is read a page at a time, and narrowed by the beginning of names, server, account and state", async (t) => {
  const pair = await startPair(t);
  for (let number = 0; number < 52; number++) await importGrant(pair, `bot-${String(number).padStart(2, "0")}`);
  await importGrant(pair, "team/ci");
  await startDevice(pair, "waits");
  const guest = await new Guest(pair).signIn();
  await guest.open("/ui/credentials");
  assert.deepEqual(rowsOf(guest).slice(0, 2), ["bot-00", "bot-01"]);
  assert.equal(rowsOf(guest).length, 50);
  const next = /rel="next" href="([^"]*)"/.exec(guest.html)?.[1]?.replaceAll("&amp;", "&") ?? "";
  await guest.open(next);
  assert.deepEqual(rowsOf(guest), ["bot-50", "bot-51", "team/ci", "waits"]);
  for (const [query, names] of [
    ["prefix=bot-5", ["bot-50", "bot-51"]],
    ["prefix=team/c", ["team/ci"]],
    ["prefix=waits", ["waits"]],
    ["status=pending", ["waits"]],
    ["server=as&prefix=team/", ["team/ci"]],
    ["server=other", []],
    ["prefix=none", []],
  ] as const) {
    await guest.open(`/ui/credentials?${query}`);
    assert.deepEqual([guest.status, rowsOf(guest)], [200, names], query);
  }
  assert.match(guest.html, /No credential fits/);
  await guest.send("/ui/credentials", { prefix: "bot-5", server: "as", status: "issued" });
  assert.deepEqual(rowsOf(guest), ["bot-50", "bot-51"]);
  assert.equal(guest.path, "/ui/credentials?prefix=bot-5&server=as&status=issued");
  assert.deepEqual(countsIn(guest), ["Waiting for a person 0", "With a token 2", "Ended 0", "In trouble, or ended 0"]);
  await guest.open("/ui/credentials");
  assert.deepEqual(countsIn(guest), ["Waiting for a person 1", "With a token 53", "Ended 0", "In trouble, or ended 0"]);
  assert.match((await guest.open("/ui/credentials?status=nonsense")).html, /Status must be one of/);
  assert.equal(guest.status, 400);
  await guest.open("/ui/credentials");
  await guest.send("/ui/credentials", { status: "nonsense", prefix: "bot-" });
  assert.deepEqual([guest.status, /role="alert"/.test(guest.html), /value="bot-"/.test(guest.html)], [400, true, true]);
  await guest.open("/ui/sessions");
  await guest.send("/ui/sessions", { status: "nonsense", label: "ci" });
  assert.deepEqual([guest.status, /role="alert"/.test(guest.html), /value="ci"/.test(guest.html)], [400, true, true]);
  const both = await pair.read("oauth2/creds?list=true&prefix=bot-5&limit=1");
  assert.deepEqual(both.body?.data, { keys: ["bot-50"], key_info: both.body?.data?.key_info, next: "bot-50" });
});

test("one credential: how it is, what is next, every attempt; refreshed, and revoked when it was asked twice", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "team/ci");
  const { page, go, look } = await openScreens(t, pair, await browserOf(t));
  await go("/ui/credentials/oauth2/team/ci");
  await signInOn(page);
  await page.getByRole("heading", { name: "team/ci" }).waitFor();
  const body = page.locator("main");
  for (const text of ["Good", "Nothing: it is refreshed by itself", "refreshes the token", "Taken over"])
    assert.ok((await body.innerText()).includes(text), text);
  await look("credential");
  const refreshes = () => pair.as.requests.filter(({ form }) => form.get("grant_type") === "refresh_token").length;
  const before = refreshes();
  await pair.pass(400_000);
  await page.getByRole("button", { name: "Refresh now" }).click();
  await page.getByText("It has been refreshed.").waitFor();
  assert.equal(refreshes(), before + 1);
  await page.getByRole("link", { name: "Credentials" }).click();
  await page.getByRole("link", { name: "team/ci" }).waitFor();
  await look("credentials");
  await page.getByRole("link", { name: "team/ci" }).click();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await page.getByRole("link", { name: "Revoke …" }).click();
  await page.getByRole("heading", { name: "Revoke team/ci?" }).waitFor();
  await look("revoke");
  await page.getByRole("link", { name: "Do nothing" }).click();
  assert.equal((await pair.read("oauth2/creds/team/ci")).status, 200);
  await page.getByRole("link", { name: "Revoke …" }).click();
  await page.getByRole("button", { name: "Revoke and delete" }).click();
  await page.getByRole("heading", { name: "team/ci is gone" }).waitFor();
  assert.equal((await pair.read("oauth2/creds/team/ci")).status, 404);
  await other.getByRole("button", { name: "Refresh now" }).click();
  await other.getByRole("heading", { name: "There is nothing here" }).waitFor();
  await look("gone");
});

test("a dead grant says that a person has to sign in again, and can be tried once more", async (t) => {
  const pair = await startPair(t);
  const token = await importGrant(pair, "me");
  pair.as.tokens.end(token);
  // Beyond the end of its token: when it was last asked for is no matter then.
  await pair.pass(3_700_000);
  const guest = await new Guest(pair).signIn();
  await guest.open("/ui/credentials/oauth2/me");
  assert.match(guest.html, /A person has to sign in again|Ended/);
  assert.match(guest.html, /The person has to sign in again/);
  assert.match(guest.html, /Try once more/);
  await guest.send("/ui/credentials/oauth2/me", { do: "retry" });
  assert.match(guest.html, /It is being tried once more/);
});

test("a login is begun here, shown by address, code and picture, and is live until it is approved; wrong fields say so", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "taken");
  const { page, go, look } = await openScreens(t, pair, await browserOf(t));
  await page.clock.install();
  await go("/ui/credentials");
  await signInOn(page);
  await page.getByRole("link", { name: "Start a login" }).click();
  await look("login");
  await page.getByLabel("Server").selectOption("as");
  const name = page.getByRole("textbox", { name: "Name" });
  const problem = page.locator(".problem");
  await name.fill("a//b");
  await page.getByRole("button", { name: "Start" }).click();
  await problem.getByText("This cannot be a name").waitFor();
  assert.equal(await name.getAttribute("aria-invalid"), "true");
  assert.equal(await name.inputValue(), "a//b");
  await name.fill("session/x");
  await page.getByRole("button", { name: "Start" }).click();
  await problem.getByText("reserved for sessions").waitFor();
  await name.fill("taken");
  await page.getByRole("button", { name: "Start" }).click();
  await problem.getByText("There is already a credential of this name").waitFor();
  await look("login-taken");
  await name.fill("deploy-bot");
  await page.getByLabel("Scopes").fill("read, write");
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByText("The login has begun.").waitFor();
  await page.locator(".big").waitFor();
  await page.getByRole("img", { name: /QR code of/ }).waitFor();
  await look("pending");
  assert.match(await page.locator("#pending").innerText(), /\d+:\d\d left/);
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  await page.clock.runFor(3_000);
  await page.locator("#state").getByText("Good").waitFor();
  await page.locator("#pending .big").waitFor({ state: "detached" });
  assert.equal((await pair.read("oauth2/creds/deploy-bot")).status, 200);
});

test("a login by link leads to the provider, and its screen shows the link", async (t) => {
  const pair = await startPair(t);
  const guest = await new Guest(pair).signIn();
  await guest.open("/ui/login");
  await guest.send("/ui/login", { name: "by-link", server: "as", scopes: "", way: "by-link" });
  assert.match(guest.html, /Open this link/);
  assert.match(guest.html, new RegExp(`href="${pair.as.issuer}/authorize`));
  await guest.open("/ui/login");
  for (const [form, says] of [
    [{ name: "", server: "as" }, "Enter a name."],
    [{ name: "x", server: "" }, "Choose a server."],
    [{ name: "x", server: "nowhere" }, "nowhere"],
    [{ name: "by-link", server: "as" }, "There is already a credential"],
  ] as const) {
    await guest.send("/ui/login", form);
    assert.ok(guest.status >= 400 && guest.html.includes(says), `${JSON.stringify(form)}: ${guest.html}`);
  }
  await guest.send("/ui/login", { name: "by-link", server: "as", replace: "yes" });
  assert.match(guest.html, /The login has begun/);
});

test("a broker that goes away is said to be away, and a sign-in that ended meanwhile leads to another, and back", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "me");
  const { page, go, look } = await openScreens(t, pair, await browserOf(t));
  await page.clock.install();
  await go("/ui/credentials/oauth2/me");
  await signInOn(page);
  const away = page.getByText("The broker does not answer.");
  assert.equal(await away.isVisible(), false);
  await page.context().setOffline(true);
  await page.clock.runFor(11_000);
  await away.waitFor();
  await look("away");
  await page.context().setOffline(false);
  await page.clock.runFor(11_000);
  await away.waitFor({ state: "hidden" });
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === "coatcheck_ui");
  await pair.write("auth/token/revoke", { token: cookie?.value });
  await page.clock.runFor(11_000);
  await page.getByText("You are signed out: your token has ended").waitFor();
  await look("ended");
  await signInOn(page);
  await page.getByRole("heading", { name: "me", exact: true }).waitFor();
});

/** Policies of all kinds, and the screens: what each shows is what the API answers for that very token. */
const POLICIES: Readonly<Record<string, string>> = {
  nothing: 'path "nowhere" { capabilities = ["read"] }',
  lists: 'path "oauth2/creds/*" { capabilities = ["list"] }',
  folder: 'path "oauth2/creds/team/*" { capabilities = ["list", "read"] }',
  one: 'path "oauth2/creds/me/history" { capabilities = ["read"] }',
  tokens: 'path "oauth2/creds/me" { capabilities = ["read"] }',
  all: 'path "oauth2/*" { capabilities = ["list", "read", "update", "delete"] }',
};

test("each policy at each screen: what it shows is what the API answers", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "me");
  await importGrant(pair, "team/ci");
  for (const [name, rules] of Object.entries(POLICIES)) {
    await policy(pair, name, rules);
    const { client_token: token } = await child(pair, { policies: [name] });
    const guest = await new Guest(pair).signIn(token);
    const asked = async (path: string) =>
      fetch(`${pair.running.address}/v1/${path}`, { headers: { "x-vault-token": token } });
    for (const [screen, path] of [
      ["credentials", "oauth2/creds?list=true"],
      ["credentials?prefix=team/", "oauth2/creds/team/?list=true"],
      ["credentials?server=as", "oauth2/creds?list=true&server=as"],
      ["credentials/oauth2/me", "oauth2/creds/me/history"],
      ["credentials/oauth2/team/ci", "oauth2/creds/team/ci/history"],
      ["credentials/oauth2/none", "oauth2/creds/none/history"],
    ] as const) {
      const history = await asked(path);
      // What a token may be read of without its history is told without it.
      const reads = history.status === 403 && path.endsWith("/history");
      const answer = reads ? await asked(path.replace("/history", "")) : history;
      await guest.open(`/ui/${screen}`);
      assert.equal(guest.status, answer.status, `${name} at ${screen}`);
      if (answer.status === 200 && screen.startsWith("credentials?")) {
        const { data } = (await answer.json()) as { data: { keys: readonly string[] } };
        assert.equal(rowsOf(guest).length, data.keys.length, `${name} at ${screen}`);
      }
      if (answer.status === 403) assert.doesNotMatch(guest.html.replace(/<nav[\s\S]*<\/nav>/, ""), />(?:me|team\/ci)</);
    }
    await guest.open("/ui");
    const sees = name !== "nothing";
    assert.deepEqual(
      [/href="\/ui\/credentials"/.test(guest.html), /may see nothing/.test(guest.html)],
      [sees, !sees],
      name,
    );
  }
});

test("ST-130 an address or a form of the dashboard that steps up by dots does and shows nothing", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "ci");
  const guest = await new Guest(pair).signIn();
  for (const path of [
    "credentials/oauth2/..%2Fservers%2Fas?do=revoke",
    "credentials/oauth2/ci%2F..%2F..%2F..%2F..%2Fwalk",
    "servers/oauth2/..%2Fcreds%2Fci",
    "servers/oauth2/..%2F..%2Fsys%2Fmounts",
    "new-server?provider=..",
  ]) {
    await guest.open(`/ui/${path}`);
    assert.deepEqual([guest.status, /There is nothing here/.test(guest.html)], [404, true], path);
  }
  await guest.open("/ui/credentials?prefix=../servers/");
  assert.deepEqual(rowsOf(guest), []);
  await guest.open("/ui/credentials/oauth2/ci");
  await guest.send("/ui/credentials/oauth2/..%2Fservers%2Fas", { do: "revoke" });
  assert.equal(guest.status, 404);
  await guest.send("/ui/servers/oauth2/..%2Fcreds%2Fci", {});
  assert.equal(guest.status, 404);
  await guest.send("/ui/login", { name: "../../sys/policies/acl/p", server: "as", way: "by-code" });
  assert.match(guest.html, /This cannot be a name/);
  assert.equal((await pair.read("oauth2/servers/as")).status, 200);
  assert.equal((await pair.read("oauth2/creds/ci")).status, 200);
});

test("who may look at one credential alone opens it by its name, and /ui/ is /ui", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "team/ci 1");
  await policy(pair, "one", 'path "oauth2/creds/team/ci 1/history" { capabilities = ["read"] }');
  const { client_token } = await child(pair, { policies: ["one"] });
  const guest = await new Guest(pair).signIn(client_token);
  assert.match((await guest.open("/ui/")).html, /<h1>Overview/);
  await guest.open("/ui/credentials");
  const [, action = "", mount = ""] = /action="(\/ui\/open)">\s*<input[^>]*value="([^"]*)"/.exec(guest.html) ?? [];
  await guest.open(`${action}?${new URLSearchParams({ mount, name: " team/ci 1 " })}`);
  assert.deepEqual([guest.status, /<h1>team\/ci 1/.test(guest.html)], [200, true]);
  assert.ok(!/Refresh now|Revoke/.test(guest.html), "what it may not do is not offered");
});

test("who may read a token without its history is shown the credential without a timeline, and may refresh it", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "me");
  await startDevice(pair, "waits");
  await policy(
    pair,
    "reads",
    'path "oauth2/creds/*" { capabilities = ["read"] } path "oauth2/creds/+/history" { capabilities = ["deny"] }',
  );
  const { client_token } = await child(pair, { policies: ["reads"] });
  const guest = await new Guest(pair).signIn(client_token);
  await guest.open("/ui/credentials/oauth2/me");
  assert.match(
    guest.html,
    /Good[\s\S]*<dd>as<\/dd>[\s\S]*for that a policy has to allow read at oauth2\/creds\/me\/history[\s\S]*Refresh now/,
  );
  assert.ok(!/What has happened|What to do|Revoke|Sign in again|data-again/.test(guest.html), guest.html);
  const { data } = (await pair.read("oauth2/creds/me")).body ?? {};
  assert.ok(!guest.html.includes(String(data?.access_token)), "the token itself is on no screen");
  await pair.pass(400_000);
  await guest.send("/ui/credentials/oauth2/me", { do: "refresh" });
  assert.match(guest.html, /It has been refreshed/);
  await guest.open("/ui/credentials/oauth2/waits");
  assert.deepEqual([guest.status, /class="problem"/.test(guest.html), /Good/.test(guest.html)], [200, true, false]);
});

test("what the token may not do or see is neither a button nor a link, and one question of a screen finds out", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "me");
  await importGrant(pair, "team/ci");
  await policy(
    pair,
    "looks",
    'path "oauth2/creds/*" { capabilities = ["list", "read"] } path "oauth2/creds/team/*" { capabilities = ["list", "read", "update"] } path "oauth2/servers/*" { capabilities = ["list", "read"] } path "oauth2/creds/" { capabilities = ["deny"] }',
  );
  const { client_token } = await child(pair, { policies: ["looks"] });
  const guest = await new Guest(pair).signIn(client_token);
  for (const [path, offers] of [
    ["credentials?prefix=m", false],
    ["credentials?prefix=team/", true],
  ] as const) {
    await guest.open(`/ui/${path}`);
    assert.equal(/Start a login/.test(guest.html), offers, path);
  }
  await guest.open("/ui/servers/oauth2/as");
  assert.ok(guest.status === 200 && !/Its credentials|Edit …|Delete …/.test(guest.html), guest.html);
  await guest.open("/ui/new-server?mount=oauth2&name=as&provider=oidc");
  assert.ok(!/value="test"|value="save"/.test(guest.html));
  const folder = join(pair.data, "audited");
  mkdirSync(folder);
  const file = join(folder, "audit.log");
  assert.equal((await pair.write("sys/audit/file", { type: "file", options: { file_path: file } })).status, 204);
  await guest.open("/ui/credentials/oauth2/team/ci");
  const asked = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => /"type":"request".*"sys\/capabilities-self"/.test(line));
  assert.equal(asked.length, 1);
});

test("a login that ran out never had a token: nothing of it is offered to be tried, nor said to have begun", async (t) => {
  const pair = await startPair(t);
  await startDevice(pair, "waits");
  const guest = await new Guest(pair).signIn();
  await guest.open("/ui/credentials/oauth2/waits?did=started");
  assert.match(guest.html, /The login has begun/);
  await pair.pass(700_000);
  await guest.open("/ui/credentials/oauth2/waits?did=started");
  assert.match(guest.html, /Ended[\s\S]*The person has to sign in again\.<[\s\S]*Sign in again/);
  assert.ok(!/The login has begun|Try once more|tried once more/.test(guest.html), guest.html);
});
