import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { PROFILES } from "../../src/dev/matrix/profiles.ts";
import { listen, start } from "../http/start.ts";
import { type QuirkServer, quirkServer } from "../servers/matrix/quirk-server.ts";
import { requireAccessible } from "../support/person/axe.ts";
import { sharedChromium } from "../support/person/chromium.ts";

const browserOf = sharedChromium();

interface Stage {
  readonly page: Page;
  readonly server: QuirkServer;
  /** What the page sent to the broker, without its own files. */
  readonly relayed: readonly string[];
}

/** The page, and a homeserver that plays beside it. */
async function stage(t: TestContext, name: keyof typeof PROFILES, interval = 1): Promise<Stage> {
  const browser = await browserOf(t);
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

async function saved(page: Page, withSecrets = false): Promise<string> {
  const panel = page.locator("details.saved");
  if ((await panel.getAttribute("open")) === null) await panel.locator("summary").click();
  await page.getByLabel("Also save the secrets of this login").setChecked(withSecrets);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as a file" }).click();
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
      await press(page, "9", "Revoke", false);
      await page.locator("#step-9").getByText("Revoked.", { exact: true }).waitFor();
      for (const step of ["5", "6", "7", "8", "9"])
        await page.locator(`#step-${step}.past`).getByText("This login has been revoked.").waitFor();
      await page.getByText(`Account: @alice:${server.serverName}`).waitFor();
      await page.locator("#step-6 ol.timeline li", { hasText: "tokens" }).waitFor();
      const manage = page.locator("#step-9").getByRole("link", { name: `${server.baseUrl}/account` });
      assert.equal(await manage.getAttribute("href"), `${server.baseUrl}/account`);
      await page
        .locator("#step-7")
        .getByRole("link", { name: /device_view&device_id=/ })
        .waitFor();
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
      const [, minutes, left] = /Expires in (\d+):(\d\d)/.exec(String(await code.textContent())) ?? [];
      const [, next] = /due in (\d+) s/.exec(String(await poll.textContent())) ?? [];
      return [Number(minutes) * 60 + Number(left), Number(next)] as const;
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
      ["The code has expired.", "The next poll is due "],
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

  test("MX-P12 MX-P15 a quirk that is switched on holds from then on, and soft_logout is explained where it comes", async (t) => {
    const staged = await stage(t, "mas-1.22");
    const { page, server } = staged;
    await page.getByText("Make the simulated homeserver misbehave").click();
    await page.getByLabel("soft_logout is the opposite").check();
    await page.getByLabel("The first poll of each code").check();
    await registered(staged);
    await page.reload();
    assert.equal(await page.getByLabel("soft_logout is the opposite").isChecked(), true);
    await registered(staged);
    await press(page, "4", "Request a code");
    server.deviceCodes.approve(String(await page.locator("#step-5 strong").textContent()), "alice");
    await press(page, "6", "Poll once", false);
    await page.locator("#step-6").getByText("slow_down: That poll came too soon").waitFor();
    await press(page, "6", "Poll once");
    await press(page, "7", "Let the access token expire", false);
    await page.getByText("The access token has expired.").waitFor();
    await press(page, "7", "Ask whose token it is", false);
    await page.locator("#step-7").getByText("soft_logout: true. The device still exists").waitFor();
    await press(page, "8", "Refresh");
    await press(page, "7", "Ask whose token it is");
  });

  test("MX-P14 a run that was saved is open again after a reload: to be read without its secrets, to go on with them", async (t) => {
    const staged = await stage(t, "spec");
    const { page, server } = staged;
    await registered(staged);
    await press(page, "4", "Request a code");
    const code = String(await page.locator("#step-5 strong").textContent());
    const open = await saved(page);
    const whole = await saved(page, true);
    assert.deepEqual([open.includes("device-code-1"), whole.includes("device-code-1")], [false, true]);
    const resumed = async (text: string) => {
      await page.reload();
      await page.getByText("Save or resume this run").click();
      const buffer = Buffer.from(text);
      const files = { name: "matrix-login.json", mimeType: "application/json", buffer };
      await page.getByLabel("Resume from a saved file").setInputFiles(files);
    };
    await resumed("[]");
    await page.getByText("This is not the file of a saved run: it is not JSON.").waitFor();
    await resumed(open);
    await page.getByText("Its secrets were not saved").waitFor();
    await page.locator("#step-3.done").getByText("Client id: ").waitFor();
    await page.locator("#step-5.waiting").waitFor();
    await press(page, "4", "Request a code");
    await resumed(whole);
    await page.getByText("The file contains the secrets of the login.").waitFor();
    assert.equal(await page.locator("#step-5 strong").textContent(), code);
    server.deviceCodes.approve(code, "alice");
    await press(page, "6", "Poll automatically");
    await press(page, "7", "Ask whose token it is");
    const registrations = server.to("/oauth2/registration").filter(({ method }) => method === "POST");
    assert.equal(registrations.length, 1);
    await requireNoSecret(staged);
  });

  test("MX-P14 the language is the browser's, changes in place with all that was typed, and stays in the address", async (t) => {
    const staged = await stage(t, "spec");
    const { page } = staged;
    await page.setExtraHTTPHeaders({ "accept-language": "de-AT,de;q=0.9,en;q=0.5" });
    await page.reload();
    await page.getByRole("heading", { name: "Eine Matrix-Anmeldung, Schritt für Schritt" }).waitFor();
    await press(page, "1", "spec");
    await page.getByLabel("client_name").fill("Mein Programm");
    await page.getByLabel("Sprache").selectOption("fr");
    await page.getByRole("heading", { name: "Une connexion à Matrix, pas à pas" }).waitFor();
    await page
      .locator("#step-1.done")
      .getByText(/^Serveur d’autorisation.: http/)
      .waitFor();
    assert.equal(await page.getByLabel("client_name").inputValue(), "Mein Programm");
    assert.equal(await page.title(), "Connexion à Matrix, pas à pas – Coatcheck");
    assert.equal(new URL(page.url()).searchParams.get("lang"), "fr");
    await page.reload();
    assert.equal(await page.locator("html").getAttribute("lang"), "fr");
    await page.getByRole("button", { name: "Tout oublier" }).waitFor();
  });

  test("MX-P7 the older way shows the addresses that it asks, before and after, and takes others", async (t) => {
    const staged = await stage(t, "mas-1.22");
    const { page, server } = staged;
    await page.getByText("Older servers: issuer first").click();
    const issuer = page.getByLabel("URL that names the issuer");
    const configuration = page.getByLabel("URL of the issuer's metadata");
    await page.getByLabel("User id, server name").fill("@me:example.org");
    assert.match(await issuer.inputValue(), /^https:\/\/example\.org\/_matrix\/client\/unstable\/.*auth_issuer$/);
    assert.equal(await configuration.inputValue(), "https://example.org/.well-known/openid-configuration");
    await page.getByLabel("User id, server name").fill(server.baseUrl);
    await press(page, "1", "Use the older way");
    assert.equal(await configuration.inputValue(), `${server.baseUrl}/.well-known/openid-configuration`);
    await page.locator("#step-1 details.exchange summary").first().click();
    const command = `coatcheck walk ${server.baseUrl} --allow-networks loopback --older-servers --until discover`;
    await page.locator("#step-1").getByText(command).first().waitFor();
    await configuration.fill(`${server.baseUrl}/elsewhere`);
    await press(page, "1", "Use the older way", false);
    await page.locator("#step-1").getByText("/elsewhere) does not exist").waitFor();
    assert.equal(await configuration.inputValue(), `${server.baseUrl}/elsewhere`);
  });

  test("MX-P14 axe finds nothing in any step, in light, dark and on a phone", async (t) => {
    const staged = await stage(t, "spec");
    const { page } = staged;
    const look = async (...steps: readonly string[]) => {
      await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
      await requireAccessible(page, undefined, steps);
    };
    await look("html");
    await registered(staged);
    await press(page, "c", "Create the link", false);
    await page.locator("#step-c a[href*=code_challenge]").waitFor();
    await look("#step-1", "#step-2", "#step-3", "#step-c");
    await press(page, "4", "Request a code");
    await press(page, "6", "Poll once", false);
    await page.locator("#step-6 ol.timeline li").waitFor();
    await look("#step-4", "#step-5", "#step-6");
    await press(page, "5", "Allow", false);
    await press(page, "6", "Poll automatically");
    await press(page, "7", "Ask whose token it is");
    await press(page, "8", "Refresh");
    await look("#step-7", "#step-8", "#step-9", "#step-k");
    await press(page, "9", "Revoke", false);
    await page.locator("#step-9.past").waitFor();
    await look("#step-6", "#step-7", "#step-8", "#step-9");
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
    const text = await saved(page);
    const steps = JSON.parse(text).steps.map(({ step, ok }: { step: string; ok: boolean }) => `${step} ${ok}`);
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
    await page
      .getByText("coatcheck walk http://127.0.0.1:1 --allow-networks loopback --until discover")
      .first()
      .waitFor();
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
