import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { PROFILES } from "../../src/dev/matrix/profiles.ts";
import { quirkServer } from "../servers/matrix/quirk-server.ts";
import { startCoatcheck } from "../support/coatcheck.ts";
import { launchChromium } from "../support/person/chromium.ts";
import { ROOT_TOKEN } from "../support/request.ts";

async function press(page: Page, step: string, name: string, ends = true): Promise<void> {
  await page.locator(`#step-${step}`).getByRole("button", { name, exact: true }).click();
  if (ends) await page.locator(`#step-${step}.done`).waitFor();
}

test("15 a login of the walk is kept: the broker goes on with it, and the page has forgotten it", async (t) => {
  const { device } = PROFILES.spec;
  const broker = await startCoatcheck(t);
  const homeserver = await quirkServer(t, { ...PROFILES.spec, device: { ...device, interval: 1 } });
  const browser = await launchChromium(t);
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`${broker.running.address}/walk`);
  await page.getByLabel("User id, server name or address of the homeserver").fill(homeserver.baseUrl);
  await press(page, "1", "Find the authorization server");
  await press(page, "3", "Register");
  await press(page, "4", "Request a code");
  const code = await page.locator("#step-5 strong").textContent();
  homeserver.deviceCodes.approve(String(code), "alice");
  await press(page, "6", "Poll automatically");

  const step = page.locator("#step-k");
  await step.getByLabel("Operator's token").fill("wrong");
  await step.getByLabel("Name").fill("no/name");
  await press(page, "k", "Keep this login", false);
  await step.getByText("Give a name of letters").waitFor();
  await step.getByLabel("Name").fill("bot");
  await press(page, "k", "Keep this login", false);
  await step.getByText("permission denied").waitFor();
  assert.equal((await broker.read("oauth2/servers/bot")).status, 404);
  await step.getByLabel("Operator's token").fill(ROOT_TOKEN);
  await page.route("**/v1/**", (route) => route.abort());
  await press(page, "k", "Keep this login", false);
  await step.getByText("The broker did not answer").waitFor();
  await page.unroute("**/v1/**");
  await step.getByRole("button", { name: "Keep this login" }).dblclick();
  await page.locator("#step-k.done").waitFor();
  await step.getByText("The broker now has the login as oauth2/creds/bot").waitFor();

  const { status, body } = await broker.read("oauth2/creds/bot");
  assert.equal(status, 200, JSON.stringify(body));
  const { extra_data: extra = {} } = (body?.data ?? {}) as { extra_data?: { user_id?: string } };
  assert.equal(extra.user_id, `@alice:${homeserver.serverName}`);
  const [, refresh] = homeserver.requests.flatMap(({ form }) => form.get("refresh_token") ?? []);
  assert.equal(refresh, undefined, "the refresh token was used once, by the broker");
  assert.equal(await page.locator("#step-7.waiting").count(), 1);
  assert.ok(!(await page.content()).includes(ROOT_TOKEN));
  assert.equal(await step.getByLabel("Operator's token").count(), 0);
});
