import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { startDemoServer } from "../../src/dev/demo-server.ts";
import { type Coatcheck, startCoatcheck } from "../support/coatcheck.ts";
import { eventually } from "../support/eventually.ts";
import { DEVICE } from "../support/misbehaving.ts";
import { requireAccessible } from "../support/person/axe.ts";
import { sharedChromium } from "../support/person/chromium.ts";

const SCREENS = join(import.meta.dirname, "../../.cache/screens");

const browserOf = sharedChromium();

interface Stage {
  readonly coatcheck: Coatcheck;
  readonly page: Page;
  /** Starts a device login and answers what a person is shown. */
  login(): Promise<Record<string, string>>;
  /** Looks at the page, and has it looked at. */
  shot(name: string): Promise<void>;
}

/** The demo server, a broker that knows it, and a browser that talks to nobody else. */
async function stage(t: TestContext): Promise<Stage> {
  const browser = await browserOf(t);
  const callback = "http://127.0.0.1:8200/v1/oauth2/callback";
  const demo = await startDemoServer({ redirectUris: [callback] });
  t.after(() => demo.close());
  const coatcheck = await startCoatcheck(t);
  const options = { issuer_url: demo.issuer, extra_data_fields: "id_token_claims" };
  const server = { provider: "oidc", client_id: demo.publicClientId, provider_options: options };
  assert.equal((await coatcheck.write("oauth2/servers/demo", server)).status, 204);
  const context = await browser.newContext({ viewport: { width: 480, height: 720 } });
  t.after(() => context.close());
  const page = await context.newPage();
  mkdirSync(SCREENS, { recursive: true });
  return {
    coatcheck,
    page,
    login: async () => {
      const started = await coatcheck.write("oauth2/creds/my-user-auth", {
        server: "demo",
        grant_type: DEVICE,
        scopes: "offline_access notes:read",
      });
      assert.equal(started.status, 200, JSON.stringify(started.body));
      return started.body?.data as Record<string, string>;
    },
    shot: (name) =>
      requireAccessible(page, (look) =>
        page.screenshot({ path: join(SCREENS, `${name}-${look}.png`), fullPage: true }),
      ),
  };
}

const read = (coatcheck: Coatcheck) => coatcheck.read("oauth2/creds/my-user-auth");

test("the seed case: a person approves in a real browser, the token is read, and refreshed by itself before it expires", async (t) => {
  const { coatcheck, page, login, shot } = await stage(t);
  const shown = await login();
  const pending = await read(coatcheck);
  assert.equal(pending.status, 503);
  assert.equal(pending.headers.get("retry-after"), "5");
  await page.goto(shown.verification_uri ?? "");
  await shot("1-code");
  await page.getByLabel("Code").fill(shown.user_code ?? "");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText(shown.user_code ?? "").waitFor();
  await shot("2-confirm");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Name").fill("octavia");
  await shot("3-sign-in");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("notes:read").waitFor();
  await shot("4-consent");
  await page.getByRole("button", { name: "Allow" }).click();
  await page.getByRole("heading", { name: "Sign-in Success" }).waitFor();
  await shot("5-success");
  await coatcheck.pass(6_000);
  const issued = await eventually("the token within interval + 1 s", async () => {
    const answer = await read(coatcheck);
    return answer.status === 200 ? answer : undefined;
  });
  const extra = issued.body?.data?.extra_data as { id_token_claims?: { sub?: string } } | undefined;
  assert.equal(extra?.id_token_claims?.sub, "octavia");
  const before = issued.body?.data?.access_token;
  await coatcheck.pass(45_000);
  const after = await eventually("another token, without a read that asked for it", async () => {
    const answer = await read(coatcheck);
    return answer.body?.data?.access_token === before ? undefined : answer;
  });
  assert.equal(after.status, 200);
  assert.equal((await coatcheck.delete("oauth2/creds/my-user-auth")).status, 204);
});

test("a person denies on the page, and the read is a permanent error", async (t) => {
  const { coatcheck, page, login, shot } = await stage(t);
  const shown = await login();
  await page.goto(shown.verification_uri_complete ?? "");
  await page.getByRole("button", { name: "Deny" }).click();
  await page.getByRole("heading", { name: "Nothing was connected" }).waitFor();
  await shot("6-denied");
  await coatcheck.pass(6_000);
  const refused = await eventually("the refusal", async () => {
    const answer = await read(coatcheck);
    return answer.status === 400 ? answer : undefined;
  });
  assert.equal(refused.body?.data?.reason, "access_denied");
});

test("a wrong code is said on the page, with the field still there", async (t) => {
  const { page, login, shot } = await stage(t);
  const shown = await login();
  await page.goto(shown.verification_uri ?? "");
  await page.getByLabel("Code").fill("WRNG-CODE");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("This code is unknown").waitFor();
  await page.getByLabel("Code").waitFor();
  await shot("7-wrong-code");
});
