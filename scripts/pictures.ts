/**
 * Makes the pictures of the README out of the running product: a terminal's as SVG, pages as PNG, light and dark. Needs the
 * ports 8200 and 8210, curl, and for the typeface of code DejaVu Sans Mono, where the system has it.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import type { Browser, Page } from "playwright-core";
import { start } from "../src/client/index.ts";
import { startChromium } from "../test/support/person/chromium.ts";
import { approve } from "./approve.ts";
import { Shell } from "./shell.ts";
import { terminalPicture } from "./terminal-picture.ts";

const ROOT = join(import.meta.dirname, "..");
const PICTURES = join(ROOT, "docs/pictures");
const BROKER = "http://127.0.0.1:8200";
const OPERATOR = { "x-vault-token": "dev-root-token" };
const MONO = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf";

/** A shell in which `coatcheck` is this clone's. */
function openShell(home: string): Shell {
  const bin = join(ROOT, "bin/coatcheck.js");
  writeFileSync(join(home, "coatcheck"), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`, { mode: 0o755 });
  const own = { HOME: home, PATH: `${home}:${process.env.PATH}` };
  return new Shell(home, { ...own, COATCHECK_ADDR: BROKER, COATCHECK_OPERATOR_TOKEN: OPERATOR["x-vault-token"] });
}

/** A picture of all that was shown since the last one. */
function picture(shell: Shell, name: string, title: string): void {
  writeFileSync(join(PICTURES, name), terminalPicture(shell.take(), title));
}

async function operate(path: string, body: object): Promise<Record<string, string>> {
  const response = await fetch(`${BROKER}/v1/oauth2/${path}`, {
    method: "PUT",
    headers: OPERATOR,
    body: JSON.stringify(body),
  });
  return ((await response.json()) as { data: Record<string, string> }).data;
}

/** A bot's login, as an operator starts it: with consent, or still waiting for it. */
async function addBot(browser: Browser, name: string, isApproved: boolean): Promise<void> {
  const grant = { server: "demo", grant_type: "urn:ietf:params:oauth:grant-type:device_code" };
  const { verification_uri_complete = "" } = await operate(`creds/${name}`, grant);
  if (!isApproved) return;
  await approve(browser, verification_uri_complete);
  for (let status = 503; status !== 200; ) {
    await new Promise((next) => setTimeout(next, 500));
    status = (await fetch(`${BROKER}/v1/oauth2/creds/${name}`, { headers: OPERATOR })).status;
  }
}

async function person(shell: Shell, browser: Browser): Promise<void> {
  shell.type("coatcheck login demo");
  await shell.sees(/Waiting, /);
  const sessions = await fetch(`${BROKER}/sessions`, { headers: OPERATOR });
  const [session] = ((await sessions.json()) as { sessions: readonly { id: string }[] }).sessions;
  const pending = await fetch(`${BROKER}/v1/oauth2/creds/session/${session?.id}`, { headers: OPERATOR });
  const { data } = (await pending.json()) as { data: Record<string, string> };
  await approve(browser, data.verification_uri_complete ?? "");
  await shell.sees(/signed in as[^\n]*\n\$ $/);
  shell.type('curl -H "Authorization: Bearer $(coatcheck token demo)" http://127.0.0.1:8210/api/hello');
  await shell.sees(/"hello"[^\n]*\n\$ $/);
  picture(shell, "login.svg", "A login in a terminal: a code, an address and a QR code, then a token that is used");
}

async function company(shell: Shell, browser: Browser): Promise<void> {
  await addBot(browser, "deploy-bot", true);
  await addBot(browser, "report-bot", false);
  shell.type("coatcheck creds");
  await shell.sees(/report-bot[\s\S]*\n\$ $/);
  shell.type("coatcheck why oauth2/creds/report-bot");
  await shell.sees(/why[\s\S]*\n\$ $/);
  picture(
    shell,
    "operator.svg",
    "An operator lists the credentials of bots, and asks why one of them has no token yet",
  );
}

async function shoot(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}.png`) });
  }
}

/** The start page, with a login that went through there. */
async function startPage(browser: Browser): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 860, height: 830 } });
  await page.goto(BROKER);
  await page.getByRole("button", { name: "Start a demo login" }).click();
  const link = page.getByRole("link", { name: "Open the sign-in page" });
  await approve(browser, (await link.getAttribute("href")) ?? "");
  await page.getByRole("button", { name: "Call the API again" }).waitFor();
  await shoot(page, "start");
}

/** The page on which a person decides, on a phone. */
async function decisionPage(browser: Browser): Promise<void> {
  const { prompt } = await start({
    broker: BROKER,
    server: "demo",
    flow: "page",
    scopes: ["notes:read"],
    label: "deploy-bot on build-7",
  });
  const page = await browser.newPage({ viewport: { width: 390, height: 700 } });
  await page.goto(prompt.verificationUriComplete ?? "");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "Allow this program?" }).waitFor();
  await shoot(page, "decide");
}

/** What screens are shown with: a policy, an audit log, a server of tools, and a login that waits for whoever has signed in. */
async function furnish(): Promise<void> {
  const write = async (path: string, body: object) => {
    const { status } = await fetch(`${BROKER}${path}`, {
      method: "POST",
      headers: OPERATOR,
      body: JSON.stringify(body),
    });
    if (status >= 300) throw new Error(`${path}: ${status}`);
  };
  const policy = 'path "oauth2/creds/deploy-bot" {\n  capabilities = ["read"]\n}\n';
  await write("/v1/sys/audit/file", { type: "file", options: { file_path: join(home, "audit.log") } });
  await write("/v1/sys/policies/acl/ci", { policy });
  await write("/v1/auth/token/create", { policies: ["ci"], ttl: "24h", no_parent: true, display_name: "ci" });
  await write("/v1/oauth2/servers/tools", {
    provider: "oidc",
    client_id: "coatcheck",
    provider_options: { issuer_url: "http://127.0.0.1:8210" },
    proxy_apis: { mcp: "http://127.0.0.1:8210/mcp" },
    allow_tools: "search,read_*",
    deny_tools: "read_secrets",
  });
  await write("/sessions", { server: "demo", label: "backup on build-7", flow: "page" });
}

/** The dashboard, as an operator sees it: light, dark, and on a phone. */
async function dashboard(browser: Browser): Promise<void> {
  await furnish();
  const page = await browser.newPage({ viewport: { width: 1024, height: 768 } });
  await page.goto(`${BROKER}/ui`);
  await page.getByLabel("Token").fill(OPERATOR["x-vault-token"]);
  await page.getByRole("button", { name: "Sign in" }).click();
  for (const [name, path] of DASHBOARD) {
    await page.setViewportSize({ width: 1024, height: 768 });
    await page.goto(`${BROKER}/ui${path}`);
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    if (name === "server-trial") await page.getByRole("button", { name: "Test now" }).click();
    if (name === "audit") await page.getByRole("button", { name: "Search" }).click();
    await shoot(page, `ui-${name}`);
    await page.setViewportSize({ width: 390, height: 780 });
    await page.emulateMedia({ colorScheme: "light" });
    await page.screenshot({ path: join(PICTURES, `ui-${name}-phone.png`) });
  }
}

const DASHBOARD = [
  ["overview", ""],
  ["credential", "/credentials/oauth2/deploy-bot"],
  ["pending", "/credentials/oauth2/report-bot"],
  ["credentials", "/credentials"],
  ["sessions", "/sessions"],
  ["servers", "/servers"],
  ["server-form", "/new-server?mount=oauth2&provider=github"],
  ["server-trial", "/test-server/oauth2/demo"],
  ["mine", "/mine"],
  ["mcp", "/mcp"],
  ["policy", "/access/policies/ci"],
  ["tokens", "/access/tokens"],
  ["methods", "/access/methods"],
  ["mounts", "/access/mounts"],
  ["audit", "/access/audit"],
] as const;

const home = mkdtempSync(join(tmpdir(), "coatcheck-pictures-"));
mkdirSync(PICTURES, { recursive: true });
const broker = spawn(process.execPath, [join(ROOT, "bin/coatcheck.js"), "serve", "--dev"], { cwd: home });
const browser = await startChromium();
if (existsSync(MONO)) copyFileSync(MONO, join(ROOT, ".cache/chromium/fonts/DejaVuSansMono.ttf"));
const shell = openShell(home);
try {
  await new Promise<void>((done) => broker.onData((text) => text.includes("/walk") && done()));
  await person(shell, browser);
  await company(shell, browser);
  await startPage(browser);
  await decisionPage(browser);
  await dashboard(browser);
} finally {
  shell.close();
  await browser.close();
  broker.kill("SIGTERM");
  rmSync(home, { recursive: true, force: true });
}
