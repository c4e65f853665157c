import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { startDemoServer } from "../../src/dev/demo-server.ts";
import { freePort } from "../servers/free-port.ts";
import { type Coatcheck, startCoatcheck } from "../support/coatcheck.ts";
import { requireAccessible } from "../support/person/axe.ts";
import { sharedChromium } from "../support/person/chromium.ts";
import { ask } from "../support/sessions.ts";

const SCREENS = join(import.meta.dirname, "../../.cache/screens");

const browserOf = sharedChromium();

interface Stage {
  readonly coatcheck: Coatcheck;
  readonly page: Page;
  /** A program begins a login. */
  begin(): Promise<Record<string, unknown>>;
  /** Looks at the page, and has it looked at. */
  shot(name: string): Promise<void>;
}

/** The demo server, a broker under the address that it tells, and a browser as small as a phone's. */
async function stage(t: TestContext): Promise<Stage> {
  const browser = await browserOf(t);
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const demo = await startDemoServer({ redirectUris: [`${publicUrl}/v1/oauth2/callback`] });
  t.after(() => demo.close());
  const coatcheck = await startCoatcheck(t, { port, publicUrl });
  const server = {
    provider: "oidc",
    client_id: demo.publicClientId,
    provider_options: { issuer_url: demo.issuer, extra_data_fields: "user_info" },
    allow_sessions: true,
    session_flow: "page",
  };
  assert.equal((await coatcheck.write("oauth2/servers/demo", server)).status, 204);
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  t.after(() => context.close());
  const page = await context.newPage();
  mkdirSync(SCREENS, { recursive: true });
  return {
    coatcheck,
    page,
    begin: async () => {
      const body = { server: "demo", scopes: "offline_access notes:read", label: "deploy-bot on build-7" };
      const started = await ask(coatcheck, "POST", "/sessions", { body });
      assert.equal(started.status, 201, JSON.stringify(started.body));
      return started.body;
    },
    shot: (name) =>
      requireAccessible(page, (look) =>
        page.screenshot({ path: join(SCREENS, `session-${name}-${look}.png`), fullPage: true }),
      ),
  };
}

test("a person types the code, sees who asks, allows it, signs in at the provider, and the program has its session", async (t) => {
  const { coatcheck, page, begin, shot } = await stage(t);
  const started = await begin();
  const bearer = String(started.session_id);
  const waiting = ask(coatcheck, "GET", "/session?wait=60", { bearer });
  await page.goto(String(started.verification_uri));
  await page.getByLabel("Code").fill("wdjb mjht");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("alert").waitFor();
  await shot("1-wrong-code");
  await page.getByLabel("Code").fill(String(started.user_code).toLowerCase());
  await shot("2-code");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("deploy-bot on build-7").waitFor();
  await shot("3-decide");
  const [deny, allow] = await Promise.all(
    ["Deny", "Allow"].map((name) => page.getByRole("button", { name }).boundingBox()),
  );
  assert.ok(deny && allow && deny.width >= allow.width && deny.height >= allow.height, "to deny is as easy");
  await page.getByRole("button", { name: "Allow" }).click();
  await page.getByLabel("Name").fill("octavia");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  await shot("4-done");
  const session = (await waiting).body;
  assert.equal(session.status, "active");
  assert.equal((session.account as { subject?: string }).subject, "octavia");
  assert.deepEqual(session.scopes, ["offline_access", "notes:read"]);
  const token = await ask(coatcheck, "GET", "/session/token", { bearer });
  assert.equal(token.status, 200);
  const ended = await ask(coatcheck, "DELETE", "/session", { bearer });
  assert.equal(ended.status, 204, JSON.stringify(ended.body));
});

test("a link with the code only fills it in; the person denies", async (t) => {
  const { coatcheck, page, begin, shot } = await stage(t);
  const started = await begin();
  await page.goto(String(started.verification_uri_complete));
  assert.equal(await page.getByLabel("Code").inputValue(), started.user_code);
  await shot("5-filled");
  await page.getByRole("button", { name: "Continue" }).click();
  await shot("6-decide");
  await page.getByRole("button", { name: "Deny" }).click();
  await page.getByRole("heading", { name: "Nothing was connected" }).waitFor();
  await shot("7-denied");
  await page.goto(`${coatcheck.running.address}/v1/oauth2/callback`);
  await page.getByRole("heading", { name: "This link cannot be used" }).waitFor();
  await shot("8-unknown");
  const session = await ask(coatcheck, "GET", "/session", { bearer: String(started.session_id) });
  assert.equal(session.body.status, "denied");
});
