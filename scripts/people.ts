/**
 * Plays four people, each from an empty folder to what they want, with what README says and nothing else: a newcomer, the
 * author of a tool, somebody on a machine without a browser, an operator. What they saw is kept in docs/people. Needs git, npm
 * with a registry, and the ports 8200, 8210 and 8300.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { startChromium } from "../test/support/person/chromium.ts";
import { approve } from "./approve.ts";
import { here, STEPS } from "./people-steps.ts";
import { Shell } from "./shell.ts";
import { terminalPicture, terminalText } from "./terminal-picture.ts";

const ROOT = join(import.meta.dirname, "..");
const KEPT = join(ROOT, "docs/people");
/** A cold `npm ci`. Milliseconds. */
const INSTALL_MS = 300_000;

const prompt = (text: string) => new RegExp(`${text}[\\s\\S]*\\$ $`);

/** How this machine reaches a registry: its proxy, the authorities it trusts, its npm's settings. A home of one's own has none of it. */
const NETWORK = /^(node_extra_ca_certs|(https?|no)_proxy|npm_config_(registry|cafile|userconfig|globalconfig))$/i;
const network = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value = ""]) => (NETWORK.test(name) ? [[name, value]] : [])),
);

/** Without what `npm run` puts before it: a newcomer has the Node of their machine. */
const PATH = (process.env.PATH ?? "")
  .split(":")
  .filter((folder) => !folder.endsWith("node_modules/.bin"))
  .join(":");

/** One person's terminal: a home and a PATH of their own, in which `coatcheck` is the clone's. */
function shellOf(world: string, who: string, more: Readonly<Record<string, string>> = {}): Shell {
  const home = join(world, who);
  mkdirSync(join(home, "bin"), { recursive: true });
  const clone = join(world, "newcomer/coatcheck");
  const node = join(clone, "node_modules/.bin/node");
  const script = (name: string, text: string) =>
    writeFileSync(join(home, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  script("coatcheck", `exec '${node}' '${join(clone, "bin/coatcheck.js")}' "$@"`);
  // Vault's own client is not in npm; ours takes the same words.
  script("vault", 'COATCHECK_ADDR=$VAULT_ADDR COATCHECK_OPERATOR_TOKEN=$VAULT_TOKEN exec coatcheck "$@"');
  const shell = new Shell(home, {
    ...network,
    HOME: home,
    PATH: `${home}/bin:${PATH}`,
    npm_config_cache: join(world, "npm"),
    ...more,
  });
  shell.hide(world, "/home");
  shell.hide(home, "~");
  return shell;
}

/** What the terminal showed, as a text and, of its last part, as a picture. */
function keep(shell: Shell, who: string, title: string): void {
  writeFileSync(join(KEPT, `${who}.svg`), terminalPicture(shell.take(), title));
  writeFileSync(join(KEPT, `${who}.txt`), terminalText(shell.all));
}

async function newcomer(shell: Shell, browser: Browser): Promise<void> {
  shell.type(`git clone -q ${ROOT} coatcheck && cd coatcheck`);
  await shell.sees(prompt("coatcheck"));
  shell.hide(ROOT, "https://github.com/coatcheck/coatcheck");
  shell.type(here(STEPS.newcomer[0]));
  await shell.sees(/\/walk\s/, INSTALL_MS);
  keep(shell, "newcomer", "npm ci and npm start: what to open, and commands to paste");
  const page = await browser.newPage({ viewport: { width: 860, height: 900 } });
  await page.goto("http://127.0.0.1:8200");
  await page.getByRole("button", { name: "Start a demo login" }).click();
  const link = page.getByRole("link", { name: "Open the sign-in page" });
  await approve(browser, (await link.getAttribute("href")) ?? "");
  await page.getByRole("button", { name: "Call the API again" }).waitFor();
  await page.screenshot({ path: join(KEPT, "newcomer-page.png") });
  await page.close();
}

/** README's program, with one line that shows that it has a token. */
function toolOfReadme(): string {
  const [, code = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ?? [];
  return `${code}console.log("signed in; the token has", token.length, "characters");\n`;
}

async function author(shell: Shell, browser: Browser, world: string): Promise<void> {
  const [pack, install] = STEPS.author;
  shell.type(`cd ../newcomer/coatcheck && ${here(pack)}; cd ~`);
  await shell.sees(prompt("tgz"), INSTALL_MS);
  shell.type(
    `mkdir my-tool && cd my-tool && npm init -y > /dev/null && ${here(install).replace("../", "../../newcomer/")}`,
  );
  await shell.sees(prompt("added"), INSTALL_MS);
  writeFileSync(join(world, "author/my-tool/tool.mts"), toolOfReadme());
  shell.type("node tool.mts");
  const address = await shell.sees(/Open (http\S+) and enter/);
  const code = await shell.sees(/enter ([A-Z0-9-]+)/);
  await approve(browser, `${address}?user_code=${code}`);
  await shell.sees(prompt("signed in"));
  keep(shell, "author", "A tool that signs its user in with coatcheck/client");
}

async function headless(shell: Shell, browser: Browser): Promise<void> {
  const [add, login, token, setup] = STEPS.headless.map(here);
  shell.type(add ?? "");
  await shell.sees(prompt("has been set up"));
  shell.type(login ?? "");
  const address = await shell.sees(/Link:[^h]*(http[^\s\p{Cc}]+)/u);
  await shell.sees(/Waiting, /);
  await approve(browser, address, join(KEPT, "headless-phone.png"));
  await shell.sees(prompt("signed in as"));
  shell.take();
  shell.type(token ?? "");
  shell.hide(await shell.sees(/demo\r\n(\S{20,})\r\n\$ $/), "(a token)");
  shell.type(setup ?? "");
  await shell.sees(prompt("git now uses"));
  keep(shell, "headless", "A current token, and git set up to get its own, on a machine without a browser");
}

async function operator(serving: Shell, shell: Shell, browser: Browser): Promise<void> {
  const [serve, ...lines] = STEPS.operator.map(here);
  serving.type(serve ?? "");
  await serving.sees(/Keep a copy of the key/);
  keep(serving, "operator-broker", "The first start of a broker: where its key and its root token are");
  const [variables, server, creds, read] = lines;
  shell.type(variables ?? "");
  await shell.sees(/\n\$ $/);
  shell.type(server ?? "");
  await shell.sees(prompt("(?:done|Success)"));
  shell.type(creds ?? "");
  const address = await shell.sees(/verification_uri_complete\s+(http\S+)/);
  await shell.sees(prompt("verification_uri_complete"));
  await approve(browser, address);
  await new Promise((next) => setTimeout(next, 7_000));
  shell.type(read ?? "");
  shell.hide(await shell.sees(/access_token\s+(\S{20,})/), "(a token)");
  await shell.sees(prompt("access_token"));
  keep(shell, "operator", "An operator adds a server, starts a bot's login, and reads its token");
}

const world = mkdtempSync(join(tmpdir(), "coatcheck-people-"));
mkdirSync(KEPT, { recursive: true });
const browser = await startChromium();
const shells: Shell[] = [];
const open = async (who: string, more?: Readonly<Record<string, string>>) => {
  const shell = shellOf(world, who, more);
  shells.push(shell);
  await shell.sees(/\$ $/);
  return shell;
};
try {
  await newcomer(await open("newcomer"), browser);
  const bin = join(world, "newcomer/coatcheck/node_modules/.bin");
  await author(await open("author", { PATH: `${bin}:${PATH}` }), browser, world);
  // The demo server is on this machine; GitHub would not be.
  const config = join(world, "headless/.config/coatcheck");
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, "config.json"), '{"allowNetworks":"loopback"}', { mode: 0o600 });
  const ssh = { SSH_CONNECTION: "192.0.2.1 50000 192.0.2.2 22", XDG_RUNTIME_DIR: join(world, "headless/run") };
  mkdirSync(ssh.XDG_RUNTIME_DIR, { mode: 0o700, recursive: true });
  await headless(await open("headless", ssh), browser);
  await operator(await open("operator"), await open("operator"), browser);
  execFileSync(join(world, "headless/bin/coatcheck"), ["broker", "stop"], {
    env: { ...process.env, ...ssh, HOME: join(world, "headless") },
  });
} finally {
  for (const shell of shells) shell.close();
  await browser.close();
  rmSync(world, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
}
