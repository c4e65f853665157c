import assert from "node:assert/strict";
import { test } from "node:test";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { importGrant, startPair } from "../../support/misbehaving.ts";
import { sharedChromium } from "../../support/person/chromium.ts";
import { child, policy } from "../access/stage.ts";
import { Guest, openScreens, signInOn } from "./stage.ts";

const browserOf = sharedChromium();

test("a server is added by its provider's own form, tested without being written, edited, and deleted with what it ends", async (t) => {
  const pair = await startPair(t);
  const { page, go, look } = await openScreens(t, pair, await browserOf(t));
  await go("/ui/servers");
  await signInOn(page);
  await page.getByRole("link", { name: "as", exact: true }).waitFor();
  await look("servers");
  await page.getByRole("link", { name: "Add a server" }).click();
  await page.getByLabel("Provider").selectOption("oidc");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("http://127.0.0.1:8200/v1/oauth2/callback").waitFor();
  await look("server-form");
  const name = page.getByRole("textbox", { name: "Name" });
  const issuer = page.getByRole("textbox", { name: "issuer_url" });
  await name.fill("mine");
  await page.getByLabel("Client id").fill("client");
  await page.getByLabel("Client secret").fill("a-secret-of-the-test");
  await issuer.fill("http://127.0.0.1:1");
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await page.locator(".problem").waitFor();
  assert.equal(await page.getByLabel("Client secret").inputValue(), "");
  assert.equal(await name.inputValue(), "mine");
  await issuer.fill(pair.as.issuer);
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await page.getByText("The test went well").waitFor();
  await page.getByRole("heading", { name: "Client authentication" }).waitFor();
  await look("server-tested");
  assert.equal((await pair.read("oauth2/servers/mine")).status, 404);
  await page.getByLabel("Client secret").fill("a-secret-of-the-test");
  await page.getByRole("button", { name: "Write" }).click();
  await page.getByText("It has been written.").waitFor();
  await look("server");
  await page.getByRole("link", { name: "Edit …" }).click();
  await page.getByLabel("Client id").fill("another");
  await page.getByLabel("Client secret").fill("a-secret-of-the-test");
  await page.getByLabel(/Programs may start logins/).check();
  await page.getByRole("button", { name: "Write" }).click();
  await page.getByText("It has been written.").waitFor();
  const { data } = (await pair.read("oauth2/servers/mine")).body ?? {};
  assert.deepEqual([data?.client_id, data?.allow_sessions], ["another", true]);
  await importGrant(pair, "me");
  await go("/ui/servers/oauth2/as?do=delete");
  await page.getByText("Credentials of this server: 1. Sessions: 0.").waitFor();
  await look("server-delete");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "Servers", exact: true }).waitFor();
  assert.equal((await pair.read("oauth2/servers/as")).status, 404);
});

test("what a form does not have stays as it is when a server is edited", async (t) => {
  const pair = await startPair(t);
  const { issuer } = pair.as;
  const more = {
    provider: "custom",
    client_id: "client",
    client_secret: "a-secret-of-the-test",
    token_endpoint_auth_method: "client_secret_post",
    proxy_apis: { api: "https://api.example/v1" },
    auth_url_params: { prompt: "consent" },
    maximum_expiry_seconds: 600,
    session_flow: "page",
    provider_options: {
      token_url: `${issuer}/token`,
      device_code_url: `${issuer}/device`,
      auth_code_url: `${issuer}/authorize`,
    },
  };
  assert.equal((await pair.write("oauth2/servers/full", more)).status, 204);
  const before = (await pair.read("oauth2/servers/full")).body?.data ?? {};
  const guest = await new Guest(pair).signIn();
  await guest.open("/ui/new-server?mount=oauth2&name=full&provider=custom");
  const typed = Object.fromEntries(
    Object.entries(more.provider_options).map(([key, value]) => [`option.${key}`, value]),
  );
  assert.match(guest.html, /<option value="client_secret_post" selected>/);
  const { token_url, ...shown } = typed;
  const form = { name: "full", provider: "custom", edits: "yes", client_id: "other", do: "save" };
  // A form that has neither the method nor one of the options takes nothing of them away.
  await guest.send("/ui/new-server", { ...form, ...shown });
  assert.match(guest.html, /Enter client_secret again/);
  await guest.send("/ui/new-server", { ...form, ...shown, client_secret: "a-secret-of-the-test" });
  assert.match(guest.html, /It has been written/);
  assert.deepEqual((await pair.read("oauth2/servers/full")).body?.data, { ...before, client_id: "other" });
  const { auth_method_chosen, secrets, registered } = before;
  assert.deepEqual(
    { auth_method_chosen, secrets, registered },
    { auth_method_chosen: true, secrets: ["client_secret"], registered: false },
  );
  const emptied = { ...typed, "option.auth_code_url": "", client_secret: "a-secret-of-the-test" };
  await guest.send("/ui/new-server", { ...form, ...emptied, token_endpoint_auth_method: "" });
  const { data: after } = (await pair.read("oauth2/servers/full")).body ?? {};
  const { auth_code_url: _, ...left } = more.provider_options;
  assert.deepEqual([after?.provider_options, after?.auth_method_chosen], [left, false]);
});

test("a connection is tried step by step: what was asked and came is shown, secrets masked, and hostile answers as text alone", async (t) => {
  const pair = await startPair(t);
  const secret = "a-secret-of-the-test";
  const server = { provider: "oidc", client_id: "client", client_secret: secret };
  const written = { ...server, provider_options: { issuer_url: pair.as.issuer } };
  assert.equal((await pair.write("oauth2/servers/tried", written)).status, 204);
  pair.as.reply("/token", ({ request, response }) => {
    response.writeHead(401, { "content-type": "text/html" });
    const { authorization = "" } = request.headers;
    response.end(
      `<script>document.title = "hurt"</script><img src=x onerror="document.title='hurt'"><h1>Sign in</h1>\u202e${authorization}${"wide".repeat(5_000)}`,
    );
  });
  const { page, go, look } = await openScreens(t, pair, await browserOf(t));
  await go("/ui/servers/oauth2/tried");
  await signInOn(page);
  await page.getByRole("link", { name: "Test the connection …" }).click();
  assert.equal(pair.as.to("/token").length, 0, "nothing is asked before the button");
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "Test now" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Client authentication" }).waitFor();
  const main = await page.locator("main").textContent();
  for (const text of [
    "/.well-known/openid-configuration",
    "Basic [masked]",
    "<script>",
    "⟨U+202E⟩",
    "this is its beginning",
  ])
    assert.ok(main?.includes(text), text);
  assert.ok(!main?.includes(secret) && !main?.includes(Buffer.from(`client:${secret}`).toString("base64")));
  assert.equal(await page.locator("main script, main img, main ol h1").count(), 0);
  assert.doesNotMatch(await page.title(), /hurt/);
  for (const fold of await page.locator("summary").all()) await fold.click();
  await look("server-trial");
  pair.as.reply("/token", ({ response }) => {
    response.writeHead(400, { "content-type": "application/json" });
    response.end('{"error":"invalid_grant"}');
  });
  await page.getByRole("button", { name: "Test now" }).click();
  await page.getByText("invalid_grant, as it should be").waitFor();
  await pair.delete("oauth2/servers/tried");
  await page.getByRole("button", { name: "Test now" }).click();
  await page.getByRole("alert").waitFor();
});

test("the test of a connection is offered to those alone who may, and asks nothing for others", async (t) => {
  const pair = await startPair(t);
  const rules = 'path "oauth2/servers/*" { capabilities = ["list", "read"] }';
  await policy(pair, "sees", rules);
  await policy(pair, "tries", `${rules} path "oauth2/try/servers/as" { capabilities = ["update"] }`);
  for (const name of ["sees", "tries"]) {
    const token = (await child(pair, { policies: [name] })).client_token;
    const guest = await new Guest(pair).signIn(token, "/ui/servers/oauth2/as");
    assert.equal(guest.html.includes("/ui/test-server/oauth2/as"), name === "tries");
    await guest.open("/ui/test-server/oauth2/as");
    assert.deepEqual([guest.status, guest.html.includes("Test now")], [200, name === "tries"]);
    await guest.send("/ui/test-server/oauth2/as", {});
    assert.deepEqual([guest.status, pair.as.requests.length > 0], name === "tries" ? [200, true] : [403, false]);
  }
});

test("providers are told with what each wants; a token that may not write servers is shown no button", async (t) => {
  const broker = await startCoatcheck(t);
  const { data } = (await broker.read("sys/providers/github")).body ?? {};
  assert.match(String(data?.docs), /^https:\/\/docs\.github\.com\//);
  assert.equal((await broker.read("sys/providers/nowhere")).status, 404);
  const { keys } = (await broker.read("sys/providers?list=true")).body?.data ?? {};
  assert.ok(Array.isArray(keys) && keys.includes("oidc"));
  await policy(broker, "sees", 'path "oauth2/servers/*" { capabilities = ["list", "read"] }');
  const guest = await new Guest(broker).signIn(
    (await child(broker, { policies: ["sees"] })).client_token,
    "/ui/servers",
  );
  assert.equal(guest.status, 200);
  assert.doesNotMatch(guest.html, /Add a server/);
  await guest.open("/ui/new-server?provider=oidc");
  assert.equal(guest.status, 403);
  const root = await new Guest(broker).signIn();
  await root.open("/ui/new-server?provider=nowhere");
  assert.equal(root.status, 404);
  await root.open("/ui/new-server?provider=oidc");
  for (const [form, says] of [
    [{ name: "" }, "Enter a name."],
    [{ name: "x" }, "issuer"],
    [{ name: "x", client_id: "c", "option.issuer_url": "nonsense" }, "issuer"],
  ] as const) {
    await root.send("/ui/new-server", { provider: "oidc", do: "save", ...form });
    assert.ok(root.status >= 400 && root.html.includes(says), JSON.stringify(form));
  }
});

test("a server that is there is not replaced by one that is added under its name, nor in another mount", async (t) => {
  const pair = await startPair(t);
  const before = (await pair.read("oauth2/servers/as")).body?.data;
  const guest = await new Guest(pair).signIn();
  const form = { provider: "oidc", name: "as", client_id: "other", "option.issuer_url": pair.as.issuer, do: "save" };
  await guest.open("/ui/new-server?mount=oauth2&provider=oidc");
  await guest.send("/ui/new-server", { ...form, mount: "oauth2" });
  assert.deepEqual([guest.status, /There is already a server called as/.test(guest.html)], [409, true]);
  assert.match(guest.html, /value="other"/, "what was typed stays");
  for (const name of ["a//b", "..", "ends:", "x".repeat(513)]) {
    await guest.send("/ui/new-server", { ...form, mount: "oauth2", name });
    assert.deepEqual(
      [guest.status, /This cannot be a name: it may have at most 512 bytes/.test(guest.html)],
      [404, true],
    );
  }
  await guest.send("/ui/new-server", { ...form, mount: "nowhere", name: "new" });
  assert.equal(guest.status, 404);
  assert.deepEqual((await pair.read("oauth2/servers/as")).body?.data, before);
  assert.equal((await pair.read("oauth2/servers/new")).status, 404);
});
