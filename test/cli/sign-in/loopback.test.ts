import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { startDemoServer } from "../../../src/dev/demo-server.ts";
import { eventually } from "../../support/eventually.ts";
import { requireAccessible } from "../../support/person/axe.ts";
import { launchChromium } from "../../support/person/chromium.ts";
import { type Person, person } from "../../support/person/person.ts";
import { Visitor } from "../../support/person/visitor.ts";
import { said } from "../../support/process.ts";

const WIDE = { columns: 250, rows: 40 };

/** Over SSH, on a machine without a browser. */
const REMOTE = { SSH_CONNECTION: "198.51.100.7 40000 203.0.113.5 2222", COATCHECK_BROWSER: "none" };

/** Somebody with a broker of their own, which has registered itself at the certified provider, and signs in by the code flow. */
async function laptop(t: TestContext, signedIn?: string): Promise<Person> {
  const demo = await startDemoServer(signedIn === undefined ? {} : { person: signedIn });
  t.after(() => demo.close());
  const alice = person(t);
  const folder = join(alice.home, "config/coatcheck");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "config.json"), '{"allowNetworks":"loopback"}', { mode: 0o600 });
  const options = ["--option", `issuer_url=${demo.issuer}`, "--option", "registration=dynamic"];
  const uri = ["--redirect-uri", "http://127.0.0.1:0/callback"];
  const added = await alice.run(["server", "add", "demo", "--provider", "oidc", ...options, ...uri]);
  assert.equal(added.code, 0, added.err);
  return alice;
}

const OPEN = /Open: {2}(\S+)/;

function backOf(link: string): URL {
  return new URL(new URL(link).searchParams.get("redirect_uri") ?? "");
}

/** Where the person's browser, on some other machine, is sent at the end: to a page that it cannot open. */
async function lastAddress(link: string): Promise<string> {
  const { origin } = backOf(link);
  return (await new Visitor().open(link, undefined, origin)).url;
}

function listens(uri: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(uri.port), "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** A program that is told what to open, as a desktop's is. */
function browserTrap({ home }: Person) {
  const [program, trace] = [join(home, "browser"), join(home, "opened")];
  writeFileSync(program, `#!/bin/sh\necho "$1" > ${trace}.new\nmv ${trace}.new ${trace}\n`);
  chmodSync(program, 0o755);
  return { program, opened: () => existsSync(trace) && readFileSync(trace, "utf8").trim() };
}

async function signIn(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
}

test("MCP-L1 MCP-L3 a login on a laptop: Chromium and a terminal; a tab that is closed, a second one, and the port is closed after it", async (t) => {
  const alice = await laptop(t);
  const trap = browserTrap(alice);
  const login = alice.type(["login", "demo", "--web"], { env: { COATCHECK_BROWSER: trap.program }, size: WIDE });
  const [, link = ""] = await login.sees(OPEN);
  await login.sees(/Waiting, .* \(c copies the address, o opens the browser, Ctrl-C cancels\)/);
  assert.doesNotMatch(login.seen(), /Code:|ssh -L|[█▀▄]/, "nothing that is of no use here");
  assert.equal(await listens(backOf(link)), true, "before anybody opens the address");
  login.press("o");
  const opened = await eventually("the browser", () => trap.opened());
  assert.equal(opened, link);
  const browser = await launchChromium(t);
  t.after(() => browser.close());
  const context = await browser.newContext();
  const closed = await context.newPage();
  await closed.goto(opened);
  await closed.close();
  const [first, second] = [await context.newPage(), await context.newPage()];
  await first.goto(opened);
  await signIn(first);
  await first.getByRole("heading", { name: "You are signed in" }).waitFor();
  assert.match(first.url(), /^http:\/\/127\.0\.0\.1:\d+\/callback\/done$/);
  await login.sees(/✓ signed in as alice; .*refreshed automatically/);
  assert.equal(await login.ended, 0);
  const late = new URLSearchParams({ code: "late", state: new URL(opened).searchParams.get("state") ?? "" });
  await second.goto(`${backOf(opened).href}?${late}`);
  await second.getByRole("heading", { name: "This link cannot be used" }).waitFor();
  await first.reload();
  await first.getByRole("heading", { name: "You are signed in" }).waitFor();
  await requireAccessible(first, () => Promise.resolve(Buffer.alloc(0)));
  assert.match((await alice.run(["token", "demo"])).out, /^\S{20,}\n$/);
});

test("MCP-L2 a login over SSH: the address, the ssh line, a wrong paste, the right one; nothing of it is shown", async (t) => {
  const alice = await laptop(t, "octavia");
  const login = alice.type(["login", "demo", "--web"], { env: REMOTE, size: WIDE });
  const [, link = ""] = await login.sees(OPEN);
  const { port, href } = backOf(link);
  await login.sees(new RegExp(`ends at a page that it cannot open \\(${href}\\): paste the address of that page here`));
  await login.sees(new RegExp(`ssh -L ${port}:127\\.0\\.0\\.1:${port} -p 2222 \\S+@203\\.0\\.113\\.5\\n`));
  await login.sees(/\(c copies the address, Ctrl-C cancels\)/);
  login.press(`${link}\r`);
  await login.sees(/warning: this is the address to sign in at: open it, and paste the one that it leads to/);
  login.press("https://example.com/?code=of-another-login&state=x\r");
  await login.sees(/warning: the address is of another login, or not whole/);
  const address = await lastAddress(link);
  login.press(address.slice(0, 50));
  await login.sees(/Press Enter when the whole address is pasted/);
  login.press(`${address.slice(50)}\r`);
  await login.sees(/✓ signed in as octavia/);
  assert.equal(await login.ended, 0);
  assert.ok(!login.raw().includes(new URL(address).searchParams.get("code") ?? "code"), "the code is never shown");
});

test("MCP-L1 MCP-L2 Ctrl-C closes the port; a time limit leaves the login, which a program finishes by --paste", async (t) => {
  const alice = await laptop(t, "octavia");
  const cancelled = alice.type(["login", "demo", "--web"], { env: REMOTE, size: WIDE });
  const [, link = ""] = await cancelled.sees(OPEN);
  await cancelled.sees(/Ctrl-C cancels/);
  cancelled.press("\x03");
  assert.equal(await cancelled.ended, 130);
  await eventually("the port is closed", async () => !(await listens(backOf(link))));
  const limited = alice.start(["login", "demo", "--web", "--timeout", "1"], REMOTE);
  assert.equal(await limited.ended, 6, limited.stderr());
  assert.match(limited.stderr(), /hand in the address of that page: coatcheck login --resume demo --paste/);
  const [, waiting = ""] = OPEN.exec(limited.stderr()) ?? [];
  assert.equal(await listens(backOf(waiting)), true, "it is still pending");
  const vain = await alice.run(["login", "--resume", "demo", "--paste"], { input: "nothing\n", env: REMOTE });
  assert.deepEqual([vain.code, /no address was taken/.test(vain.err)], [2, true], vain.err);
  const address = await lastAddress(waiting);
  const taken = await alice.run(["login", "--resume", "demo", "--paste"], { input: `${address}\n`, env: REMOTE });
  assert.equal(taken.code, 0, taken.err);
  assert.match(taken.err, /Handing in the address\n[\s\S]*✓ signed in as octavia/);
});

test("MCP-L1 a port that is taken is told before anything is shown; --no-wait and --json say the address", async (t) => {
  const alice = await laptop(t, "octavia");
  const told = await alice.run(["login", "demo", "--web", "--no-wait", "--json"]);
  const { redirect_uri, verification_uri, user_code } = JSON.parse(told.out);
  assert.deepEqual([told.code, user_code], [8, ""]);
  assert.equal(backOf(verification_uri).href, redirect_uri);
  const other = createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await said(alice.start(["login", "--resume", "demo", "--no-wait"]), /open the address within/);
  const { port } = await eventually("a port", () => other.address() as { port: number } | null);
  const add = ["server", "add", "busy", "--provider", "notion", "--client-id", "c", "--client-secret", "-"];
  const uri = ["--redirect-uri", `http://localhost:${port}/back`];
  const added = await alice.run([...add, ...uri], { input: "secret" });
  assert.match(
    added.err,
    new RegExp(`redirect URI that is registered at the provider must be http://localhost:${port}/back\n`),
  );
  const { code, err } = await alice.run(["login", "busy"]);
  assert.equal(code, 7, err);
  assert.match(err, new RegExp(`^coatcheck: port ${port} of this machine, .* --redirect-uri\n`));
  assert.doesNotMatch(err, /Open:/);
});
