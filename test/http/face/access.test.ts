import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Coatcheck, startCoatcheck } from "../../support/coatcheck.ts";
import { sharedChromium } from "../../support/person/chromium.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { call, child, policy } from "../access/stage.ts";
import { Guest, openScreens, signInOn } from "./stage.ts";

const browserOf = sharedChromium();

const POLICY = 'path "oauth2/creds/team/*" {\n  capabilities = ["read"]\n}\n';

async function enableAudit(broker: Coatcheck): Promise<string> {
  const folder = join(broker.data, "audited");
  mkdirSync(folder);
  const file = join(folder, "audit.log");
  assert.equal((await broker.write("sys/audit/file", { type: "file", options: { file_path: file } })).status, 204);
  return file;
}

test("a policy is written, tried as it is typed by the broker's own rules, changed and deleted; wrong fields say so", async (t) => {
  const broker = await startCoatcheck(t);
  const { page, go, look } = await openScreens(t, broker, await browserOf(t));
  await page.clock.install();
  await go("/ui/access/policies");
  await signInOn(page);
  await page.getByRole("link", { name: "default" }).waitFor();
  await look("policies");
  await page.getByRole("link", { name: "Write a policy" }).click();
  const [name, text] = [page.getByRole("textbox", { name: "Name" }), page.getByRole("textbox", { name: "Policy" })];
  const [path, problem] = [page.getByRole("textbox", { name: "Path" }), page.locator(".problem")];
  await text.fill(POLICY);
  await path.fill("oauth2/creds/team/ci");
  const verdict = page.locator("#verdict");
  await page.clock.runFor(500);
  await verdict.getByText("Allowed").waitFor();
  await verdict.getByText("The rule for oauth2/creds/team/* decides.").waitFor();
  // Nothing is said of a text while another is being typed, nor what comes late of one that was there before.
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  await page.route(/\/ui\/access\/policies$/, async (route) => {
    await held;
    await route.continue();
  });
  await path.fill("oauth2/creds/team/other");
  assert.equal(await verdict.textContent(), "");
  const late = page.waitForRequest(/\/ui\/access\/policies$/);
  await page.clock.runFor(500);
  const answered = (await late).response();
  await page.getByLabel("Method").selectOption("DELETE");
  letGo();
  await (await answered)?.finished();
  assert.equal(await verdict.textContent(), "");
  await page.unroute(/\/ui\/access\/policies$/);
  await page.clock.runFor(500);
  await verdict.getByText("Refused").waitFor();
  await look("policy");
  await text.fill('path "oauth2/+/team/*" { capabilities = ["delete"], min_wrapping_ttl = "60s" }');
  await page.clock.runFor(500);
  await verdict.getByText("Its answer has to be wrapped, for 60 seconds at least.").waitFor();
  await text.fill('path "a" { capabilities = ["fly"] }');
  await page.clock.runFor(500);
  await verdict.getByText('invalid capability "fly"').waitFor();
  for (const [typed, said] of [
    ["a//b", "This cannot be a name"],
    ["default", "There is already a policy called default"],
    ["team", 'invalid capability "fly"'],
  ] as const) {
    await name.fill(typed);
    await page.getByRole("button", { name: "Write" }).click();
    await problem.getByText(said).first().waitFor();
    assert.equal(await name.inputValue(), typed);
  }
  await look("policy-wrong");
  await text.fill(POLICY);
  await page.getByRole("button", { name: "Write" }).click();
  await page.getByText("It has been written").waitFor();
  assert.equal((await broker.read("sys/policies/acl/team")).body?.data?.policy, POLICY);
  await page.getByRole("link", { name: "Delete …" }).click();
  await look("policy-delete");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("link", { name: "default" }).waitFor();
  assert.equal((await broker.read("sys/policies/acl/team")).status, 404);
});

test("tokens: found by their accessors, looked at, and revoked after it was asked; a token that is pasted goes nowhere", async (t) => {
  const broker = await startCoatcheck(t);
  const ci = await child(broker, { policies: ["default"], display_name: "ci", ttl: "1h", meta: { team: "a" } });
  const { page, go, look } = await openScreens(t, broker, await browserOf(t));
  await go("/ui/access");
  await signInOn(page);
  await page.getByRole("link", { name: "token-ci" }).waitFor();
  await look("tokens");
  const field = page.getByRole("textbox", { name: "Accessor" });
  for (const [typed, said] of [
    ["nonsense", "No token has this accessor"],
    [ci.client_token, "This is a token, and not an accessor"],
  ] as const) {
    await field.fill(typed);
    await page.getByRole("button", { name: "Look up" }).click();
    await page.locator(".problem").getByText(said).waitFor();
    assert.equal(await field.inputValue(), "");
  }
  await field.fill(ci.accessor);
  await page.getByRole("button", { name: "Look up" }).click();
  await page.getByRole("heading", { name: "token-ci" }).waitFor();
  assert.match(await page.locator("main").innerText(), /team=a/);
  await look("token");
  const other = await page.context().newPage();
  await other.goto(page.url());
  await page.getByRole("link", { name: "Revoke …" }).click();
  await look("token-revoke");
  await page.getByRole("button", { name: "Revoke it" }).click();
  await page.getByText("The token has ended").waitFor();
  assert.equal((await call(broker, ci.client_token, "GET", "auth/token/lookup-self")).status, 403);
  await other.getByRole("link", { name: "Revoke …" }).click();
  await other.getByRole("heading", { name: "There is nothing here" }).waitFor();
});

test("what is a token by its form is not looked up; an accessor that begins like one is", async (t) => {
  const guest = await new Guest(await startCoatcheck(t)).signIn(ROOT_TOKEN, "/ui/access/tokens");
  const random = "Zm9ydHktdGhyZWUtY2hhcmFjdGVycy1vZi1iYXNlNjR1cmw";
  const said = async (accessor: string) => {
    await guest.send("/ui/access/tokens", { accessor });
    assert.equal(guest.status, 400);
    assert.ok(!guest.html.includes(accessor), "not shown either");
    return /<span class="problem small"[^>]*>([^.]*)/.exec(guest.html)?.[1];
  };
  for (const head of ["hvs.", "hvb.", "hvr.", "s.", "b.", "r.", "ccs_", " hvs."])
    assert.equal(await said(head + random), "This is a token, and not an accessor", head);
  // 22 characters of base64url, and the root token's 24.
  for (const head of ["s_", "hvs_", "b-", "r_", "coatcheck_", "ccs_"])
    assert.equal(
      await said(head + random.slice(0, 24 - head.length)),
      "No token has this accessor, or it has ended",
      head,
    );
});

test("mounts, ways to log in and the audit log are shown; lines are found by what they say and by hashes", async (t) => {
  const broker = await startCoatcheck(t);
  const { page, go, look } = await openScreens(t, broker, await browserOf(t));
  await go("/ui/access/audit");
  await signInOn(page);
  await page.getByText("No device is enabled").waitFor();
  const file = await enableAudit(broker);
  assert.equal((await broker.write("sys/auth/approle", { type: "approle" })).status, 204);
  assert.equal((await broker.write("auth/approle/role/deploy", { token_policies: "default" })).status, 204);
  await page.getByRole("link", { name: "Ways to log in" }).click();
  await page.getByText("deploy").waitFor();
  await look("methods");
  await page.getByRole("link", { name: "Mounts" }).click();
  await page.getByText("http://127.0.0.1:8200/v1/oauth2/callback").waitFor();
  await look("mounts");
  await page.getByRole("link", { name: "Audit log" }).click();
  const field = page.getByRole("textbox", { name: "Text or value" });
  await field.fill("auth/approle/role/deploy");
  await page.getByRole("button", { name: "Search" }).click();
  await page
    .getByRole("row", { name: /update auth\/approle\/role\/deploy/ })
    .first()
    .waitFor();
  await look("audit");
  await field.fill("a-value-that-nobody-sent");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("No line fits").waitFor();
  rmSync(file);
  await page.getByRole("button", { name: "Search" }).click();
  await page.locator(".problem").getByText("cannot be read by the broker (ENOENT)").waitFor();
});

async function searched(t: TestContext) {
  const broker = await startCoatcheck(t);
  await enableAudit(broker);
  for (let number = 0; number < 6; number++) await policy(broker, `p${number}`, POLICY);
  const ci = await child(broker, { policies: ["p1"] });
  assert.equal((await call(broker, ci.client_token, "GET", "oauth2/creds/team/ci")).status, 404);
  const search = (body: object) => call(broker, ROOT_TOKEN, "POST", "sys/audit-search/file", body);
  return { broker, ci, search };
}

test("sys/audit-search finds lines by text and by the hash of a value, a page at a time, for sudo alone", async (t) => {
  const { broker, ci, search } = await searched(t);
  const paths = ({ data }: Awaited<ReturnType<typeof search>>) => {
    assert.ok(Array.isArray(data.lines));
    return data.lines.map(({ request }) => request.path);
  };
  const byPath = await search({ text: "sys/policies/acl/p", limit: 5 });
  assert.deepEqual(
    paths(byPath),
    ["p5", "p5", "p4", "p4", "p3"].map((one) => `sys/policies/acl/${one}`),
  );
  const earlier = await search({ text: "sys/policies/acl/p", limit: 50, before: byPath.data.next });
  assert.deepEqual(
    [paths(earlier).length, paths(earlier).at(-1), earlier.data.next],
    [7, "sys/policies/acl/p0", undefined],
  );
  assert.ok(paths(await search({ text: ci.client_token })).includes("oauth2/creds/team/ci"), "found by its hash");
  for (const body of [{ limit: 0 }, { limit: 201 }, { before: -1 }]) assert.equal((await search(body)).status, 400);
  assert.match(
    (await call(broker, ROOT_TOKEN, "POST", "sys/audit-search/none", {})).errors.join(),
    /unknown audit backend/,
  );
  await policy(broker, "searches", 'path "sys/audit-search/*" { capabilities = ["update"] }');
  const { client_token } = await child(broker, { policies: ["searches"] });
  assert.equal((await call(broker, client_token, "POST", "sys/audit-search/file", {})).status, 403);
});

test("sys/policies/check says what a policy would allow, by which rule, and writes nothing", async (t) => {
  const broker = await startCoatcheck(t);
  const check = async (rules: string, method: string, path: string) =>
    (await call(broker, ROOT_TOKEN, "PUT", "sys/policies/check", { policy: rules, method, path })).data;
  const read = await check(POLICY, "get", "/oauth2/creds/team/ci");
  assert.deepEqual(read, {
    allowed: true,
    path: "oauth2/creds/team/ci",
    operation: "read",
    capabilities: ["read"],
    needs_sudo: false,
    templates: [],
    rule: "oauth2/creds/team/*",
  });
  assert.equal((await check(POLICY, "PUT", "oauth2/creds/team/ci")).allowed, false);
  const none = await check(POLICY, "GET", "oauth2/creds/ci");
  assert.deepEqual([none.allowed, none.rule, none.capabilities], [false, undefined, ["deny"]]);
  const sudo = 'path "sys/audit" { capabilities = ["read"] }';
  assert.deepEqual(await check(sudo, "GET", "sys/audit").then(({ allowed, needs_sudo }) => [allowed, needs_sudo]), [
    false,
    true,
  ]);
  const templated = 'path "oauth2/creds/{{identity.entity.id}}" { capabilities = ["read"] }';
  assert.deepEqual((await check(templated, "LIST", "oauth2/creds")).templates, ["oauth2/creds/{{identity.entity.id}}"]);
  const limited = `path "oauth2/creds/ci" { capabilities = ["update", "list"], required_parameters = ["server"],
    allowed_parameters = { "server" = ["gh"], "scopes" = [] }, denied_parameters = { "Code" = [] },
    min_wrapping_ttl = "1m", max_wrapping_ttl = "1h" }`;
  const wrapped = { min_wrapping_ttl: 60, max_wrapping_ttl: 3_600 };
  const named = {
    required_parameters: ["server"],
    allowed_parameters: ["server", "scopes"],
    denied_parameters: ["code"],
  };
  const limits = async (method: string) => {
    const verdict = await check(limited, method, "oauth2/creds/ci");
    return [verdict.allowed, verdict.limits];
  };
  assert.deepEqual(await limits("PUT"), [true, { ...named, ...wrapped }]);
  assert.deepEqual(await limits("LIST"), [true, wrapped], "what a list sends is not looked at");
  assert.deepEqual(await limits("DELETE"), [false, undefined]);
  for (const [rules, method, said] of [
    ["nonsense", "GET", /failed to parse policy/],
    [POLICY, "FLY", /method must be one of/],
  ] as const) {
    const { status, errors } = await call(broker, ROOT_TOKEN, "PUT", "sys/policies/check", {
      policy: rules,
      method,
      path: "a",
    });
    assert.equal(status, 400);
    assert.match(errors.join(), said);
  }
});

test("who may see one part of access alone is led to that one, and sees no other", async (t) => {
  const broker = await startCoatcheck(t);
  const rules = {
    tokens: 'path "auth/token/lookup-accessor" { capabilities = ["update"] }',
    policies:
      'path "sys/policies/acl" { capabilities = ["list"] } path "sys/policies/acl/*" { capabilities = ["read"] }',
    methods: 'path "sys/auth" { capabilities = ["read"] }',
    mounts: 'path "sys/mounts" { capabilities = ["read"] }',
    audit: 'path "sys/audit" { capabilities = ["read", "sudo"] }',
    none: 'path "sys/audit" { capabilities = ["read"] }',
  };
  for (const [name, text] of Object.entries(rules)) {
    await policy(broker, name, text);
    const guest = await new Guest(broker).signIn(
      (await child(broker, { policies: [name] })).client_token,
      "/ui/access",
    );
    assert.equal(guest.status, name === "none" ? 403 : 200, name);
    assert.equal(/href="\/ui\/access"/.test(guest.html), name !== "none", name);
    const areas = [...guest.html.matchAll(/href="\/ui\/access\/(\w+)"/g)].map(([, one]) => one);
    assert.deepEqual(areas, name === "none" ? [] : [name]);
    for (const other of Object.keys(rules).filter((one) => one !== name && one !== "none")) {
      await guest.open(`/ui/access/${other}`);
      // What the token may look up is one by one; each looks at nothing here.
      assert.equal(guest.status, other === "tokens" ? 200 : 403, `${name} at ${other}`);
    }
  }
  const reader = await new Guest(broker).signIn((await child(broker, { policies: ["policies"] })).client_token);
  await reader.open("/ui/access/policies/default");
  assert.ok(reader.status === 200 && !/value="save"|value="check"|Delete …/.test(reader.html));
  await reader.send("/ui/access/policies/default", { do: "save", policy: POLICY });
  assert.equal(reader.status, 403);
});
