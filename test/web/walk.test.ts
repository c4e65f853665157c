import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, type TestContext, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { PROFILES } from "../../src/dev/matrix/profiles.ts";
import { listen, start } from "../http/start.ts";
import { type QuirkServer, quirkServer } from "../servers/matrix/quirk-server.ts";
import { launchChromium } from "../support/person/chromium.ts";

let browser: Browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser.close());

interface Stage {
  readonly page: Page;
  readonly server: QuirkServer;
  /** What the page sent to the broker, without its own files. */
  readonly relayed: readonly string[];
}

/** The page, and a homeserver that plays beside it. */
async function stage(t: TestContext, name: keyof typeof PROFILES, interval = 1): Promise<Stage> {
  const profile = PROFILES[name];
  // A second is what the tests can wait; a real one asks for five.
  const server = await quirkServer(t, { ...profile, device: { ...profile.device, interval } });
  const simulators = [{ name, of: server.profile.of, url: server.baseUrl }];
  const { app } = start(t, { simulators });
  const port = await listen(app);
  const page = await browser.newPage();
  t.after(() => page.close());
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on(
    "console",
    (message) => message.type() === "error" && /policy/i.test(message.text()) && errors.push(message.text()),
  );
  t.after(() => assert.deepEqual(errors, []));
  const relayed: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(`http://127.0.0.1:${port}/`) && !/\/walk($|\/)/.test(request.url()))
      relayed.push(request.url());
  });
  await page.goto(`http://127.0.0.1:${port}/walk`);
  return { page, server, relayed };
}

async function press(page: Page, step: string, name: string, ends = true): Promise<void> {
  await page.locator(`#step-${step}`).getByRole("button", { name, exact: true }).click();
  if (ends) await page.locator(`#step-${step}.done`).waitFor();
}

async function registered({ page, server }: Stage): Promise<void> {
  await press(page, "1", server.profile.name);
  await press(page, "2", "Check the metadata");
  await press(page, "3", "Register");
}

async function downloaded(page: Page): Promise<string> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download a transcript" }).click();
  return readFileSync(await (await download).path(), "utf8");
}

/** Nothing that opens anything may be where another script, person or visit finds it. */
async function requireNoSecret({ page, server }: Stage, where?: string): Promise<void> {
  const secrets = server.requests.flatMap(({ form, headers }) => [
    ...["device_code", "refresh_token", "token", "code", "code_verifier"].map((name) => form.get(name) ?? ""),
    headers.authorization?.replace("Bearer ", "") ?? "",
  ]);
  const used = [...new Set(secrets)].filter((secret) => secret !== "");
  assert.ok(used.length > 0);
  const seen =
    where ??
    (await page.evaluate(
      "document.documentElement.outerHTML + location.href + JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])",
    ));
  for (const secret of used) assert.ok(!String(seen).includes(secret), `${secret} can be found`);
}

// They wait for each other's timers otherwise: polls take real seconds in a browser.
describe("the page of the walk", { concurrency: 6 }, () => {
  for (const name of ["spec", "mas-1.22", "mas-next", "tuwunel", "continuwuity"] as const) {
    test(`MX-P2 … P11 the page walks through 1 to 9 on ${name}`, async (t) => {
      const staged = await stage(t, name);
      const { page, server, relayed } = staged;
      await registered(staged);
      await press(page, "4", "Request a code");
      await press(page, "6", "Poll automatically", false);
      const timeline = page.locator("#step-6 ol.timeline");
      await timeline.getByText("authorization_pending").first().waitFor();
      assert.equal(await page.locator("#step-6.done").count(), 0);
      assert.equal(await page.evaluate("document.activeElement.textContent"), "Stop polling");
      await press(page, "5", "Allow", false);
      await page.locator("#step-6.done").waitFor();
      await page.locator("#step-6 ol.timeline li", { hasText: "tokens" }).waitFor();
      await press(page, "7", "Ask whose token it is");
      await page.getByText(`Account: @alice:${server.serverName}`).waitFor();
      if (server.profile.refresh.rotation.kind !== "strict") {
        await press(page, "8", "Refresh and lose the answer", false);
        await page.locator("#step-8").getByText("The answer was lost").waitFor();
      }
      await press(page, "8", "Refresh");
      await requireNoSecret(staged);
      await press(page, "9", "Revoke");
      await page.locator("#step-9").getByText("Revoked.").waitFor();
      await requireNoSecret(staged);
      assert.deepEqual(relayed, []);
    });
  }

  test("FC-82 every clock of the page goes on, and ends where it says", async (t) => {
    const staged = await stage(t, "continuwuity", 30);
    const { page } = staged;
    await page.clock.install();
    await page.reload();
    await registered(staged);
    await press(page, "4", "Request a code");
    const clocks = page.locator(".clock:visible");
    const [code, poll] = [page.locator("#step-5 .clock"), page.locator("#step-6 .clock")];
    assert.equal(await clocks.count(), 2, "each one that there is must be looked at here");
    const seconds = async () => {
      const [minutes = 0, left = 0] = String(await code.textContent())
        .split(":")
        .map(Number);
      const [, next] = /due in (\d+) s/.exec(String(await poll.textContent())) ?? [];
      return [minutes * 60 + left, Number(next)] as const;
    };
    const before = await seconds();
    await page.clock.runFor(10_000);
    const after = await seconds();
    for (const at of [0, 1] as const) {
      const gone = before[at] - after[at];
      assert.ok(gone >= 9 && gone <= 25, `${before[at]} → ${after[at]}`);
    }
    await page.clock.runFor(60_000);
    assert.deepEqual(
      [await code.textContent(), (await poll.textContent())?.slice(0, 21)],
      ["now", "The next poll is due."],
    );
  });

  test("C the code flow: link, callback, tokens", async (t) => {
    const staged = await stage(t, "spec");
    const { page } = staged;
    await registered(staged);
    await press(page, "c", "Create the link", false);
    const link = await page.locator("#step-c a[href*=code_challenge]").getAttribute("href");
    const { headers } = await fetch(String(link), { redirect: "manual" });
    await page.getByLabel("The address in your browser's address bar").fill(String(headers.get("location")));
    await page.locator("#step-c").getByRole("cell", { name: "matches" }).waitFor();
    await press(page, "c", "Exchange the code", false);
    await page.getByText("The code was exchanged for tokens.").waitFor();
    await press(page, "7", "Ask whose token it is");
    await requireNoSecret(staged);
  });

  test("MX-P10 a secret is shown when somebody asks for it, and hidden again", async (t) => {
    const staged = await stage(t, "spec");
    const { page } = staged;
    await registered(staged);
    await press(page, "4", "Request a code");
    const step = page.locator("#step-4");
    await step.locator("details.exchange summary").click();
    assert.match((await step.textContent()) ?? "", /"device_code": "sha256:/);
    await press(page, "4", "Show the secrets", false);
    assert.match((await step.textContent()) ?? "", /"device_code": "device-code-1"/);
    await press(page, "4", "Hide the secrets", false);
    assert.doesNotMatch((await step.textContent()) ?? "", /device-code-1/);
  });

  test("MX-P14 what happened can be downloaded, without its secrets", async (t) => {
    const staged = await stage(t, "spec");
    const { page } = staged;
    await registered(staged);
    await press(page, "4", "Request a code");
    await press(page, "5", "Deny", false);
    await page.getByText("Decided: deny.").waitFor();
    await press(page, "6", "Poll automatically", false);
    await page.locator("#step-6").getByText("The person refused.").waitFor();
    const text = await downloaded(page);
    const steps = JSON.parse(text).map(({ step, ok }: { step: string; ok: boolean }) => `${step} ${ok}`);
    assert.deepEqual(steps, ["discover true", "check true", "register true", "device true", "token false"]);
    await requireNoSecret(staged, text);
  });

  test("MX-P6 a new homeserver, and forgetting, clear everything behind", async (t) => {
    const staged = await stage(t, "spec");
    const { page, server } = staged;
    await registered(staged);
    assert.equal(await page.locator(".step.done").count(), 3);
    await page.getByLabel("User id, server name").fill("http://127.0.0.1:1");
    await press(page, "1", "Find the authorization server", false);
    await page.getByText("The browser got no answer").waitFor();
    await page.getByText("coatcheck walk HOMESERVER").first().waitFor();
    assert.equal(await page.locator(".step.done").count(), 0);
    assert.ok(!(await page.locator("main").textContent())?.includes(server.baseUrl));
    await registered(staged);
    await page.getByRole("button", { name: "Forget everything" }).click();
    assert.equal(await page.locator(".step.done, .step.open").count(), 1);
    assert.ok(!(await page.locator("main").textContent())?.includes(server.baseUrl));
  });

  test("MX-P14 every field and button has a name, the code is spelled out, and the focus goes on to the next step", async (t) => {
    const staged = await stage(t, "spec");
    const { page } = staged;
    await registered(staged);
    assert.equal(await page.evaluate("document.activeElement.id"), "step-4-title");
    await press(page, "4", "Request a code");
    assert.equal(await page.evaluate("document.activeElement.id"), "step-5-title");
    const nameless = await page.evaluate(
      "[...document.querySelectorAll('input, select, textarea')].filter((field) => field.labels.length === 0).length",
    );
    assert.equal(nameless, 0);
    await page.getByRole("img", { name: /^QR code of http/ }).waitFor();
    assert.match((await page.locator("#step-5").textContent()) ?? "", /User code: ([A-Z], ){4}hyphen, /);
  });

  test("MX-P1 a broken rule of the registration is told as it is typed, and nothing is sent", async (t) => {
    const staged = await stage(t, "spec");
    const { page, server } = staged;
    await press(page, "1", "spec");
    await page.getByLabel("client_uri").fill("https://localhost/");
    await page.locator("#step-3 .violations").getByText("client_uri must have a real domain name").waitFor();
    await press(page, "3", "Register", false);
    await page.locator("#step-3 .note.bad").waitFor();
    assert.equal(server.to("/oauth2/registration").length, 0);
  });
});
