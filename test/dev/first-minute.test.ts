import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { DemoStep } from "../../src/compose/demo.ts";
import { type DemoStage, startDemoStage } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { requireAccessible } from "../support/person/axe.ts";
import { launchChromium } from "../support/person/chromium.ts";
import { missing } from "../support/programs.ts";

const SCREENS = join(import.meta.dirname, "../../.cache/screens");

test("in the browser alone: the start page, a login from its button to an API that answers, signing out, and a cancelled one", async (t) => {
  const stage = await startDemoStage(t);
  const { address } = stage.running;
  const browser = await launchChromium(t);
  t.after(() => browser.close());
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  mkdirSync(SCREENS, { recursive: true });
  const shot = (what: string) => (name: string) =>
    page.screenshot({ path: join(SCREENS, `${what}-${name}.png`), fullPage: true });

  await page.goto(`${address}/nowhere`);
  await requireAccessible(page, shot("nowhere"));
  assert.deepEqual(errors.splice(0), [
    "Failed to load resource: the server responded with a status of 404 (Not Found)",
  ]);
  await page.getByRole("link", { name: "Start page" }).click();
  await page.getByRole("heading", { name: "Coatcheck is running" }).waitFor();
  await page.getByRole("button", { name: "Copy" }).first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Copy" }).count(), stage.steps.length);
  await requireAccessible(page, shot("start"));

  await page.getByRole("link", { name: "Read the documentation" }).click();
  const find = page.getByRole("searchbox", { name: "Search the documentation" });
  await requireAccessible(page, shot("docs"));
  await page.keyboard.press("/");
  await page.keyboard.type("rotate the key");
  await page.getByRole("link", { name: "The key may be known" }).waitFor();
  await requireAccessible(page, shot("docs-search"));
  await find.fill("no such words zzz");
  await page.getByText("Nothing has “no such words zzz”.").waitFor();
  await find.fill("which browser");
  await page.getByRole("link", { name: "Which browser opens" }).first().waitFor();
  await find.press("Enter");
  await page.waitForURL("**/docs/cli#which-browser-opens");
  await requireAccessible(page, shot("docs-cli"));
  await page.goto(address);

  await page.getByRole("button", { name: "Start a demo login" }).click();
  const link = page.getByRole("link", { name: "Open the sign-in page" });
  await link.waitFor();
  assert.match(String(await page.evaluate("document.activeElement.textContent")), /^Open the sign-in page/);
  await requireAccessible(page, shot("start-code"));
  const opened = page.waitForEvent("popup");
  await link.click();
  const demo = await opened;
  await demo.getByRole("button", { name: "Continue" }).click();
  await demo.getByRole("heading", { name: "Sign-in Success" }).waitFor();
  await demo.close();
  await stage.pass(6_000);
  await page.getByText("octavia has approved it").waitFor();
  await page.getByText('"hello": "octavia"').waitFor();
  await page.getByRole("button", { name: "Call the API again" }).click();
  await page.getByText("And again:").waitFor();
  await requireAccessible(page, shot("start-used"));
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("Signed out").waitFor();
  await page.getByRole("button", { name: "Start again" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("It ended: ").waitFor();
  await page.getByRole("button", { name: "Start again" }).waitFor();
  assert.deepEqual(
    errors.splice(0).filter((text) => !text.includes("401")),
    [],
  );
});

interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

/** Pastes a command into a shell that knows nothing, in another folder; `approve` is done once a code is shown. */
function paste(stage: DemoStage, { command }: DemoStep, approve?: (said: string) => Promise<void>): Promise<Ran> {
  const { HOME = "", ...folders } = stage.person.env;
  const env = { ...folders, HOME, COATCHECK_ADDR: "", PATH: process.env.PATH ?? "" };
  const child = spawn("sh", ["-c", command], { cwd: HOME, env, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err, asked] = ["", "", false];
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
    if (asked || !approve || !/Code: +\S+/.test(err)) return;
    asked = true;
    void approve(err);
  });
  return new Promise((done) => child.on("close", (code) => done({ out, err, code })));
}

const bodyOf = ({ out }: Ran) => JSON.parse(out.split("\r\n\r\n").at(-1) ?? "");

test("every command of the guide runs as it is pasted in another folder, one after the other", {
  skip: missing("curl"),
}, async (t) => {
  const stage = await startDemoStage(t);
  const [login, use, proxied, server, bot, read, ...more] = stage.steps;
  assert.ok(login && use && proxied && server && bot && read && more.length === 0);
  for (const { command } of stage.steps) assert.doesNotMatch(command, /npx|\n/);
  const signedIn = await paste(stage, login, stage.decide);
  assert.equal(signedIn.code, 0, signedIn.err);
  assert.match(signedIn.err, /signed in as octavia/);
  for (const step of [use, proxied]) {
    const { hello, token, token_expires_in } = bodyOf(await paste(stage, step));
    assert.equal(hello, "octavia");
    assert.match(token, /^\S{4}…$/);
    assert.ok(token_expires_in > 0 && token_expires_in <= 60);
  }
  const written = await paste(stage, server);
  assert.deepEqual([written.out, written.code], ["", 0], "no answer is the answer");
  const { user_code, verification_uri_complete } = bodyOf(await paste(stage, bot)).data;
  assert.match(verification_uri_complete, new RegExp(`/device\\?user_code=${user_code}$`));
  const pending = await paste(stage, read);
  assert.match(pending.out, /^HTTP\/1\.1 503 [\s\S]*token pending issuance/);
  await stage.decide(user_code);
  const issued = await eventually("the bot's token", async () => {
    const ran = await paste(stage, read);
    return ran.out.startsWith("HTTP/1.1 200 ") ? ran : undefined;
  });
  const { access_token } = bodyOf(issued).data;
  const used = await fetch(`${stage.issuer}/api/hello`, { headers: { authorization: `Bearer ${access_token}` } });
  assert.equal(((await used.json()) as { hello: string }).hello, "octavia");
});

test("the demo's API refuses what is no token of the demo server, and says how (RFC 6750)", async (t) => {
  const { issuer } = await startDemoStage(t);
  const without = await fetch(`${issuer}/api/hello`);
  assert.deepEqual([without.status, without.headers.get("www-authenticate")], [401, 'Bearer realm="demo"']);
  const wrong = await fetch(`${issuer}/api/hello`, { headers: { authorization: "Bearer nobody" } });
  assert.match(wrong.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
  assert.equal((await fetch(`${issuer}/api/else`)).status, 404);
});
