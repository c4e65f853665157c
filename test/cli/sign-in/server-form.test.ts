import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { acceptedCallback } from "../../../src/cli/sign-in/server-form.ts";
import { wayBackLines } from "../../../src/cli/sign-in/way-back.ts";
import { type CoatcheckOptions, startCoatcheck } from "../../support/coatcheck.ts";
import { person } from "../../support/person/person.ts";
import { openTerminal } from "../../support/person/terminal.ts";
import { ROOT_TOKEN } from "../../support/request.ts";

async function operatorOf(t: TestContext, options: CoatcheckOptions = {}) {
  const broker = await startCoatcheck(t, options);
  const alice = person(t);
  const env = { COATCHECK_ADDR: broker.running.address, COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN };
  return { ...broker, alice, env };
}

test("server add asks for what is missing, and says where to register the application and with which redirect URI", async (t) => {
  const { alice, env, read } = await operatorOf(t);
  const terminal = openTerminal(
    t,
    ["server", "add", "work", "--provider", "zendesk"],
    { ...alice.env, ...env },
    { columns: 150, rows: 24 },
  );
  await terminal.sees(/subdomain \(what stands before \.zendesk\.com\):$/);
  terminal.press("acme\r");
  await terminal.sees(
    /Register an application at https:\/\/acme\.zendesk\.com\/admin\/apps-integrations\/apis\/oauth-clients/,
  );
  assert.ok(terminal.seen().includes("redirect URI to enter there: http://127.0.0.1:8200/v1/oauth2/callback"));
  await terminal.sees(/client id:$/);
  terminal.press("my-client\r");
  await terminal.sees(/client secret \(empty for a public client\):$/);
  terminal.press("hush-hush\r");
  await terminal.sees(/server work has been set up; to sign in: coatcheck login work/);
  assert.equal(await terminal.ended, 0);
  // An older question that still listens would show each key, one by one.
  assert.doesNotMatch(terminal.raw(), /h+u+s+h/, "a secret that is typed is not shown");
  assert.match(terminal.seen(), /client id: my-client$/m, "what is typed is shown once");
  const written = (await read("oauth2/servers/work")).body?.data;
  assert.deepEqual(
    [written?.provider, written?.client_id, written?.provider_options],
    ["zendesk", "my-client", { subdomain: "acme" }],
  );
});

test("server add where nobody can be asked: one error names all that is missing; Ctrl-C changes nothing", async (t) => {
  const { alice, env, read } = await operatorOf(t, { publicUrl: "https://broker.example.com" });
  const { code, err } = await alice.run(["server", "add", "work", "--provider", "zendesk"], { env });
  assert.equal(code, 2);
  assert.equal(
    err,
    `coatcheck: provider zendesk still needs --option subdomain=… (what stands before .zendesk.com); --client-id ID and, if it has one, --client-secret @FILE. How to register an application: https://developer.zendesk.com/documentation/api-basics/authentication/refresh-token; redirect URI to enter there: https://broker.example.com/v1/oauth2/callback\n`,
  );
  const notion = await alice.run(["server", "add", "n", "--provider", "notion"], { env });
  assert.match(
    notion.err,
    /Register an application at https:\/\/www\.notion\.so\/developers\/connections; redirect URI/,
  );
  const terminal = openTerminal(t, ["server", "add", "n", "--provider", "notion"], { ...alice.env, ...env });
  await terminal.sees(/client id:$/);
  terminal.press("abc\x03");
  assert.equal(await terminal.ended, 130);
  assert.match(terminal.seen(), /client id: abc\n\s*coatcheck: nothing was changed/);
  assert.equal((await read("oauth2/servers/n")).status, 404);
});

test("MCP-L3 the redirect URI that is named is one that the provider accepts; nothing of this machine answers https", () => {
  const own = "http://127.0.0.1:8214/callback";
  const shared = "http://127.0.0.1:8200/v1/oauth2/callback";
  const named = (id: string, usual: string | undefined) => acceptedCallback(id, usual);
  assert.deepEqual([named("notion", own), named("slack", shared), named("slack", undefined)], [own, shared, undefined]);
  const redirectUri = named("slack", own) ?? "";
  assert.equal(redirectUri, "https://localhost:8214/callback");
  const prompt = {
    redirectUri,
    verificationUri: "https://slack.com/oauth/v2/authorize",
    userCode: "",
    expiresIn: 600,
    interval: 5,
  };
  assert.deepEqual(wayBackLines(prompt, "slack", true), [
    `  The browser ends at a page that it cannot open (${redirectUri}): paste the address of that page here and press Enter.`,
  ]);
});
