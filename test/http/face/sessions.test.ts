import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedChromium } from "../../support/person/chromium.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { begin, beginActive, startSessions } from "../../support/sessions.ts";
import { call, child, policy } from "../access/stage.ts";
import { Guest, openScreens, signInOn } from "./stage.ts";

const browserOf = sharedChromium();

const rowsOf = ({ html }: Guest) => [...html.matchAll(/<th scope="row"><a [^>]*>([^<]*)/g)].map(([, name]) => name);

test("a session: whose it is, from where, its login; it ends when it was asked twice, here and in another tab", async (t) => {
  const pair = await startSessions(t);
  const program = await beginActive(pair, { label: "deploy-bot on build-7", scopes: "read" });
  await begin(pair, { label: "<b>other</b>" });
  const { page, go, look } = await openScreens(t, pair, await browserOf(t));
  await go("/ui/sessions");
  await signInOn(page);
  await page.getByRole("link", { name: "<b>other</b>" }).waitFor();
  await look("sessions");
  await page.getByRole("link", { name: "deploy-bot on build-7" }).click();
  await page.getByRole("heading", { name: "Session of deploy-bot on build-7" }).waitFor();
  assert.match(await page.locator("main").innerText(), /Active[\s\S]*127\.0\.0\.1/);
  await look("session");
  const other = await page.context().newPage();
  await other.goto(page.url());
  await page.getByRole("link", { name: "Look at the login" }).click();
  await page.getByRole("heading", { name: "What has happened" }).waitFor();
  await page.goBack();
  await page.getByRole("link", { name: "End this session …" }).click();
  await look("session-end");
  await page.getByRole("button", { name: "End it" }).click();
  await page.getByRole("heading", { name: "The session has ended" }).waitFor();
  assert.equal((await program.get()).status, 401);
  await other.getByRole("link", { name: "End this session …" }).click();
  await other.getByRole("heading", { name: "There is nothing here" }).waitFor();
});

test("who sees which sessions: all, those of a label, their own; each as the API says, one by one too", async (t) => {
  const pair = await startSessions(t);
  const rules = {
    all: 'path "sessions" { capabilities = ["list"] }',
    label: 'path "sessions/label/ci-*" { capabilities = ["list"] }',
    own: 'path "sessions" { capabilities = ["update"] } path "sessions/own" { capabilities = ["list", "delete"] }',
    none: 'path "sessions" { capabilities = ["update"] }',
  };
  for (const [name, text] of Object.entries(rules)) await policy(pair, name, text);
  const tokens = new Map<string, string>();
  for (const name of Object.keys(rules)) tokens.set(name, (await child(pair, { policies: [name] })).client_token);
  const mine = await call(pair, tokens.get("own") ?? "", "POST", "/sessions", { server: "as", label: "mine" });
  await begin(pair, { label: "ci-7" });
  const seen = { all: ["ci-7", "mine"], label: ["ci-7"], own: ["mine"] };
  for (const [name, labels] of Object.entries(seen)) {
    const guest = await new Guest(pair).signIn(tokens.get(name), "/ui/sessions");
    assert.deepEqual([guest.status, rowsOf(guest).toSorted()], [200, labels], name);
    // Who sees only their own has another screen for them.
    assert.equal(/href="\/ui\/sessions" aria-current/.test(guest.html), name !== "own", name);
    await guest.send("/ui/sessions", { label: "mine" });
    assert.deepEqual(
      rowsOf(guest),
      labels.filter((one) => one === "mine"),
      name,
    );
    await guest.open(`/ui/sessions/${mine.data.id}`);
    assert.equal(guest.status, labels.includes("mine") ? 200 : 404, name);
    assert.equal((await call(pair, guest.token, "GET", `/sessions/${mine.data.id}`)).status, guest.status);
    if (name !== "own") await guest.send(`/ui/sessions/${mine.data.id}`, {});
    assert.ok(name === "own" || guest.status >= 400, name);
  }
  const none = await new Guest(pair).signIn(tokens.get("none"), "/ui/sessions");
  assert.equal(none.status, 403);
  assert.doesNotMatch(none.html, /href="\/ui\/sessions"/);
  // By its own rule for the account that it signed in as, which is none: what its token began it may see, and not end.
  await policy(
    pair,
    "sees",
    `${rules.none} path "sessions/own" { capabilities = ["list"] } path "sessions/mine" { capabilities = ["delete"] }`,
  );
  const { client_token: sees } = await child(pair, { policies: ["sees"] });
  const begun = await call(pair, sees, "POST", "/sessions", { server: "as", label: "begun" });
  const looks = await new Guest(pair).signIn(sees, `/ui/sessions/${begun.data.id}`);
  assert.equal(looks.status, 200);
  assert.doesNotMatch(looks.html, /End this session/);
  await looks.open("/ui/mine");
  assert.match(looks.html, /begun/);
  assert.doesNotMatch(looks.html, /do=end/);
  const own = await new Guest(pair).signIn(tokens.get("own"), `/ui/sessions/${mine.data.id}?do=end`);
  await own.send(`/ui/sessions/${mine.data.id}`, {});
  assert.match(own.html, /The session has ended/);
  assert.match(own.html, /href="\/ui\/mine">Back to my logins/, "who may see no others is led to no list of them");
});

test("the end of a session leads back to where it was found", async (t) => {
  const pair = await startSessions(t);
  const end = async (screen: string) => {
    await call(pair, ROOT_TOKEN, "POST", "/sessions", { server: "as", label: "ci" });
    const guest = await new Guest(pair).signIn(ROOT_TOKEN, screen);
    const [, found = ""] = /href="(\/ui\/sessions\/[^"]*)"/.exec(guest.html) ?? [];
    await guest.open(found.replace("&amp;", "&").replace("do=end&", ""));
    const [, ask = ""] = /href="([^"]*do=end[^"]*)"/.exec(guest.html) ?? [];
    await guest.open(ask.replaceAll("&amp;", "&"));
    const [, action = ""] = /<form method="post" action="(\/ui\/sessions\/[^"]*)"/.exec(guest.html) ?? [];
    await guest.send(action, {});
    return guest.html;
  };
  assert.match(await end("/ui/mine"), /href="\/ui\/mine">Back to my logins/);
  assert.match(await end("/ui/sessions"), /href="\/ui\/sessions">Back to the sessions/);
});

test("ST-196 whom somebody looks for stands in no address, and what another sign-in looked for is not taken for all", async (t) => {
  const pair = await startSessions(t);
  await begin(pair, { label: "alice-laptop" });
  await begin(pair, { label: "ci-7" });
  const guest = await new Guest(pair).signIn(ROOT_TOKEN, "/ui/sessions");
  await guest.send("/ui/sessions", { label: "alice-laptop", status: "pending" });
  assert.deepEqual(rowsOf(guest), ["alice-laptop"]);
  assert.match(guest.path, /^\/ui\/sessions\?status=pending&label=[\w-]{40,}$/);
  assert.match(guest.html, /value="alice-laptop"/);
  const { path } = guest;
  await guest.open(path);
  assert.deepEqual(rowsOf(guest), ["alice-laptop"], "a reload goes on with it");
  await guest.send("/ui/sessions", { account: "Alice" });
  assert.deepEqual([rowsOf(guest), /None|No session fits/.test(guest.html)], [[], true]);
  assert.doesNotMatch(guest.path, /alice/i);
  await guest.open("/ui/credentials");
  await guest.send("/ui/credentials", { account: "Alice" });
  assert.match(guest.path, /^\/ui\/credentials\?account=[\w-]{40,}$/);
  const other = await new Guest(pair).signIn(ROOT_TOKEN, path);
  assert.match(other.html, /entered in another sign-in/);
  assert.doesNotMatch(other.html, /value="alice/);
  for (const plain of ["label=alice-laptop", "account=alice", "label=%00", "account="]) {
    await other.open(`/ui/sessions?${plain}`);
    assert.equal(other.status, 200, plain);
  }
});

test("sessions are found by state, with how many there are for whoever may see all", async (t) => {
  const pair = await startSessions(t);
  await beginActive(pair, { label: "works" });
  await begin(pair, { label: "waits" });
  await policy(pair, "label", 'path "sessions/label/*" { capabilities = ["list"] }');
  const { client_token: labelled } = await child(pair, { policies: ["label"] });
  for (const [token, counts] of [
    [ROOT_TOKEN, ["1", "1"]],
    [labelled, []],
  ] as const) {
    const guest = await new Guest(pair).signIn(token, "/ui/sessions");
    const told = [...guest.html.matchAll(/status=\w+"[^>]*>[^<]*<span class="soft">(\d+)/g)].map(([, count]) => count);
    assert.deepEqual(told, counts);
    for (const [status, label] of [
      ["pending", "waits"],
      ["active", "works"],
    ] as const) {
      await guest.send("/ui/sessions", { status });
      assert.deepEqual(rowsOf(guest), [label]);
    }
  }
});
