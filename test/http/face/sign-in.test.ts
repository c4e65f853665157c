import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { sharedChromium } from "../../support/person/chromium.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { startSessions } from "../../support/sessions.ts";
import { call, child, policy } from "../access/stage.ts";
import { Guest, openScreens, signInOn } from "./stage.ts";

const browserOf = sharedChromium();

const HOUR = 3_600_000;

test("ST-110 a browser gets a token of its own: it may do the same, lives 8 hours, and ends with the one that was typed", async (t) => {
  const broker = await startCoatcheck(t);
  await policy(broker, "reads", 'path "oauth2/servers/*" { capabilities = ["list"] }');
  const day = await child(broker, { policies: ["reads"], ttl: "24h" });
  const short = await child(broker, { policies: ["reads"], ttl: "1h" });
  const [long, soon] = [
    await new Guest(broker).signIn(day.client_token),
    await new Guest(broker).signIn(short.client_token),
  ];
  assert.equal(long.status, 200);
  assert.notEqual(long.token, day.client_token);
  const { data } = await call(broker, long.token, "GET", "auth/token/lookup-self");
  const { policies, display_name, ttl, renewable, path, orphan } = data;
  assert.deepEqual(
    { policies, display_name, ttl, renewable, path, orphan },
    {
      policies: ["default", "reads"],
      display_name: "browser",
      ttl: 28_800,
      renewable: false,
      path: "ui/sign-in",
      orphan: false,
    },
  );
  assert.equal((await call(broker, soon.token, "GET", "auth/token/lookup-self")).data.ttl, 3_600);
  await broker.pass(HOUR);
  assert.match((await soon.open()).html, /You are signed out: your token has ended/);
  assert.equal(soon.status, 401);
  assert.equal(soon.token, "", "it is taken out of the browser");
  assert.equal((await long.open()).status, 200);
  assert.equal((await call(broker, ROOT_TOKEN, "POST", "auth/token/revoke", { token: day.client_token })).status, 204);
  assert.equal((await long.open()).status, 401);
  const root = await new Guest(broker).signIn();
  await broker.pass(8 * HOUR);
  assert.equal((await root.open()).status, 401, "that of the root token ends as well");
});

test("ST-111 the cookie is out of reach of scripts, other sites and the API, and over TLS of anybody between", async (t) => {
  const broker = await startCoatcheck(t);
  const guest = await new Guest(broker).open();
  const guard = /name="guard" value="([^"]*)"/.exec(guest.html)?.[1] ?? "";
  const entered = await fetch(`${broker.running.address}/ui/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: guest.cookie },
    body: new URLSearchParams({ guard, token: ROOT_TOKEN }),
  });
  assert.deepEqual([entered.status, entered.headers.get("location")], [303, "/ui"]);
  const [line = ""] = entered.headers.getSetCookie();
  assert.match(line, /^coatcheck_ui=hvs\.[\w-]{43}; Path=\/ui; HttpOnly; SameSite=Strict$/);
  const cookie = line.split(";")[0] ?? "";
  for (const path of ["/v1/auth/token/lookup-self", "/v1/oauth2/servers?list=true", "/sessions"]) {
    const answer = await fetch(`${broker.running.address}${path}`, { headers: { cookie } });
    assert.ok([401, 403].includes(answer.status), path);
  }
  const tls = await startCoatcheck(t, { publicUrl: "https://broker.example" });
  const secure = await new Guest(tls).signIn();
  assert.match(secure.cookie, /__Secure-coatcheck_ui=hvs\./);
});

test("ST-112 a form that no page of ours made for this browser does nothing", async (t) => {
  const broker = await startCoatcheck(t);
  const guest = await new Guest(broker).open();
  const first = guest.html;
  const refused = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
    guest.html = first;
    await guest.send("/ui/sign-in", { token: ROOT_TOKEN, ...form }, headers);
    assert.deepEqual([guest.status, guest.token], [403, ""], JSON.stringify({ form, headers }));
    assert.ok(!guest.html.includes(ROOT_TOKEN));
  };
  await refused({ guard: "x" });
  await refused({}, { "sec-fetch-site": "cross-site" });
  await refused({}, { "sec-fetch-site": "same-site" });
  await refused({}, { origin: "https://evil.example" });
  await refused({}, { cookie: "" });
  await guest.open();
  await guest.send("/ui/sign-in", { token: ROOT_TOKEN, to: "//evil.example/" });
  assert.match(guest.html, /<h1>Overview/);
  const { html } = guest;
  for (const [form, headers] of [
    [{ guard: "x" }, {}],
    [{}, { "sec-fetch-site": "cross-site" }],
  ] as const) {
    guest.html = html;
    await guest.send("/ui/sign-out", form, headers);
    assert.match(guest.html, /<h1>Overview/);
  }
  const { token } = guest;
  await guest.send("/ui/sign-out", {});
  assert.match(guest.html, /You are signed out/);
  assert.equal((await call(broker, token, "GET", "auth/token/lookup-self")).status, 403, "it is revoked");
});

test("ST-131 a cookie that another host of the domain adds, or that holds any other token, signs nobody in", async (t) => {
  const broker = await startCoatcheck(t);
  const [mine, theirs] = [await new Guest(broker).signIn(), await new Guest(broker).signIn()];
  for (const cookie of [`${theirs.cookie}; ${mine.cookie}`, `${mine.cookie}; coatcheck_ui=`]) {
    await mine.open("/ui/login", { cookie });
    assert.deepEqual([mine.status, /two sign-ins/.test(mine.html)], [401, true], cookie);
    await mine.send("/ui/login", { name: "x", server: "y" }, { cookie });
    assert.deepEqual([mine.status, /two sign-ins/.test(mine.html)], [401, true], cookie);
    await mine.signIn();
  }
  const limited = await child(broker, { policies: ["root"], num_uses: 9 });
  for (const token of [ROOT_TOKEN, limited.client_token]) {
    await mine.open("/ui", { cookie: `coatcheck_ui=${token}` });
    assert.deepEqual([mine.status, /<h1>Sign in/.test(mine.html)], [401, true]);
  }
  assert.match((await theirs.open()).html, /<h1>Overview/);
});

test("ST-113 wrong tokens are told apart from none, noted and slowed; what may have no children cannot sign in", async (t) => {
  const broker = await startCoatcheck(t);
  const guest = await new Guest(broker).open();
  // A field is marked only where another token would help.
  const isMarked = () => /<input id="token"[^>]*aria-describedby="problem help" aria-invalid="true"/.test(guest.html);
  await guest.send("/ui/sign-in", { token: " " });
  assert.deepEqual([/Enter a token\./.test(guest.html), isMarked()], [true, true]);
  const few = await child(broker, { policies: ["default"], num_uses: 5 });
  await guest.send("/ui/sign-in", { token: few.client_token });
  assert.deepEqual([guest.status, /restricted use token/.test(guest.html), isMarked()], [400, true, true]);
  await guest.send("/ui/sign-in", { token: few.client_token, guard: "x" });
  assert.deepEqual([guest.status, isMarked()], [403, false]);
  const before = broker.logged.length;
  for (let times = 0; times < 20; times++) await guest.send("/ui/sign-in", { token: "hvs.wrong" });
  assert.deepEqual([guest.status, /This token is unknown/.test(guest.html), isMarked()], [403, true, true]);
  assert.equal(broker.logged.slice(before).filter((line) => line.includes("wrong_token")).length, 20);
  await guest.send("/ui/sign-in", { token: "hvs.wrong" });
  assert.deepEqual([guest.status, /too many wrong tokens/.test(guest.html), isMarked()], [429, true, false]);
  assert.ok(Number(guest.headers.get("retry-after")) > 0);
  assert.match((await guest.send("/ui/sign-in", { token: ROOT_TOKEN })).html, /<h1>Overview/);
});

test("a method whose record is damaged keeps nothing else from being used, and can be disabled", async (t) => {
  const broker = await startCoatcheck(t, { publicUrl: "http://127.0.0.1:8200" });
  for (const type of ["oidc", "jwt"])
    assert.equal((await call(broker, ROOT_TOKEN, "POST", `sys/auth/${type}`, { type })).status, 204);
  const guest = await new Guest(broker).open();
  assert.match(guest.html, /Sign in by oidc/);
  const damaged = await broker.restart(() => {
    const database = new DatabaseSync(join(broker.data, "coatcheck.db"));
    const { changes } = database
      .prepare("UPDATE row SET sealed = zeroblob(200) WHERE mount = 'sys/auth' AND name = 'oidc'")
      .run();
    database.close();
    assert.equal(changes, 1);
  });
  const later = await new Guest(damaged).open();
  assert.deepEqual([later.status, /Sign in by oidc/.test(later.html)], [401, false]);
  assert.ok(damaged.logged.some((line) => line.includes("cannot_open")));
  await later.send("/ui/sign-in", { token: ROOT_TOKEN });
  assert.match(later.token, /^hvs\./);
  for (const path of ["/ui", "/ui/access/methods"]) assert.equal((await later.open(path)).status, 200, path);
  const listed = await call(damaged, ROOT_TOKEN, "GET", "sys/auth");
  assert.deepEqual(Object.keys(listed.data), ["jwt/", "token/"]);
  assert.equal((await call(damaged, ROOT_TOKEN, "DELETE", "sys/auth/oidc")).status, 204);
  assert.equal((await call(damaged, ROOT_TOKEN, "POST", "sys/auth/oidc", { type: "oidc" })).status, 204);
});

test("what the typed token began is its browser's own", async (t) => {
  const pair = await startSessions(t);
  await policy(
    pair,
    "own",
    'path "sessions" { capabilities = ["update"] } path "sessions/own" { capabilities = ["list"] }',
  );
  const { client_token: mine } = await child(pair, { policies: ["own"] });
  const begun = await call(pair, mine, "POST", "/sessions", { server: "as" });
  const guest = await new Guest(pair).signIn(mine);
  const listed = await call(pair, guest.token, "GET", "/sessions");
  assert.deepEqual(
    (listed.data.sessions as readonly { id: string }[]).map(({ id }) => id),
    [begun.data.id],
  );
});

test("a person signs in, and out in two tabs; whoever has ended meanwhile goes on where they were", async (t) => {
  const broker = await startCoatcheck(t);
  const { page, go, look } = await openScreens(t, broker, await browserOf(t));
  await go("/ui");
  await look("sign-in");
  assert.equal(await page.evaluate("document.activeElement.id"), "token");
  await page.getByLabel("Token").fill("hvs.wrong");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("This token is unknown").waitFor();
  await look("sign-in-wrong");
  await signInOn(page);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.textContent"), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate("document.activeElement.localName"), "main");
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("heading", { name: "You are signed out" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

test("a form that is sent when nobody is signed in any more says that nothing was done, and leads back to it", async (t) => {
  const broker = await startCoatcheck(t);
  const guest = await new Guest(broker).signIn(ROOT_TOKEN, "/ui/login");
  assert.equal((await call(broker, ROOT_TOKEN, "POST", "auth/token/revoke", { token: guest.token })).status, 204);
  await guest.send("/ui/login", { name: "x", server: "y" });
  assert.deepEqual([guest.status, guest.token, /Nothing was done/.test(guest.html)], [401, "", true]);
  assert.match(guest.html, /name="to" value="\/ui\/login"/);
});

test("each screen without a script, a style of another, or a frame; an address that is none leads on", async (t) => {
  const broker = await startCoatcheck(t);
  const guest = await new Guest(broker).signIn();
  const policyOf = guest.headers.get("content-security-policy") ?? "";
  assert.match(policyOf, /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; .*frame-ancestors 'none'/);
  assert.match(policyOf, /form-action 'self'.*script-src 'self'.*require-trusted-types-for 'script'/);
  assert.equal(guest.headers.get("cache-control"), "no-store");
  assert.match((await guest.open("/", { accept: "text/html" })).html, /href="\/ui"/);
  assert.equal((await guest.open("/ui/nowhere", { accept: "text/html" })).status, 404);
});

test("what is done at a screen is in the audit log, by the browser's own token and from its address, and no token is", async (t) => {
  const broker = await startCoatcheck(t);
  const folder = join(broker.data, "audited");
  mkdirSync(folder);
  const file = join(folder, "audit.log");
  assert.equal((await broker.write("sys/audit/file", { type: "file", options: { file_path: file } })).status, 204);
  const guest = await new Guest(broker).signIn();
  await guest.open("/ui/credentials");
  const { data } = await call(broker, guest.token, "GET", "auth/token/lookup-self");
  const text = readFileSync(file, "utf8");
  for (const secret of [ROOT_TOKEN, guest.token]) assert.ok(!text.includes(secret));
  const lines = text.split("\n").filter((line) => line.includes('"oauth2/creds/"'));
  assert.ok(lines.length > 0 && text.includes('"ui/sign-in"'), text);
  for (const line of lines) assert.ok(line.includes("127.0.0.1") && line.includes('"browser"'), line);
  assert.equal(data.display_name, "browser");
});
