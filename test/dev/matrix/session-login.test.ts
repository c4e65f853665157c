import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { createServer } from "node:tls";
import type { Page } from "playwright-core";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import { portOf } from "../../servers/free-port.ts";
import { LOCAL_CERTIFICATE, LOCAL_KEY } from "../../servers/local-certificate.ts";
import { quirkServer } from "../../servers/matrix/quirk-server.ts";
import { type Coatcheck, startCoatcheck } from "../../support/coatcheck.ts";
import { callApi, homeserverFor } from "../../support/matrix/homeserver.ts";
import { launchChromium } from "../../support/person/chromium.ts";
import { ask } from "../../support/sessions.ts";

const PUBLIC = "https://coatcheck.example.com";

/** A browser that finds the broker at its external address, behind a proxy that speaks TLS. */
async function browserOf(t: TestContext, { running }: Coatcheck): Promise<Page> {
  const broker = new URL(running.address);
  const proxy = createServer({ cert: LOCAL_CERTIFICATE, key: LOCAL_KEY }, (person) => {
    const upstream = connect(Number(broker.port), broker.hostname);
    for (const socket of [person, upstream]) socket.on("error", () => socket.destroy());
    person.pipe(upstream).pipe(person);
  });
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  t.after(() => proxy.close());
  const port = portOf(proxy);
  const browser = await launchChromium(t, [`--host-resolver-rules=MAP ${new URL(PUBLIC).host} 127.0.0.1:${port}`]);
  t.after(() => browser.close());
  return browser.newPage({ ignoreHTTPSErrors: true });
}

interface Stage {
  readonly coatcheck: Coatcheck;
  readonly page: Page;
  readonly bearer: string;
}

/** A program has begun a session, and a person has typed its code and allows it. */
async function allowed(t: TestContext, baseUrl: string, more: Record<string, unknown> = {}): Promise<Stage> {
  const coatcheck = await startCoatcheck(t, { publicUrl: PUBLIC });
  const provider_options = { homeservers: `*, ${new URL(baseUrl).host}` };
  await coatcheck.write("oauth2/servers/matrix", {
    provider: "matrix",
    provider_options,
    allow_sessions: true,
    ...more,
  });
  const body = { server: "matrix", options: { homeserver: baseUrl } };
  const started = await ask(coatcheck, "POST", "/sessions", { body });
  assert.equal(started.body.verification_uri, `${PUBLIC}/device`, JSON.stringify(started.body));
  const page = await browserOf(t, coatcheck);
  await page.goto(String(started.body.verification_uri_complete));
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  return { coatcheck, page, bearer: String(started.body.session_id) };
}

async function requireSignedIn({ coatcheck, page, bearer }: Stage, baseUrl: string, account: string): Promise<void> {
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  assert.equal(page.url(), `${PUBLIC}/v1/oauth2/callback/done`);
  const { body } = await ask(coatcheck, "GET", "/session?wait=10", { bearer });
  assert.deepEqual([body.status, (body.extra_data as Record<string, unknown>).user_id], ["active", account]);
  const token = (await ask(coatcheck, "GET", "/session/token", { bearer })).body.access_token;
  const who = await callApi(baseUrl, "account/whoami", token);
  assert.deepEqual([who.status, who.body.user_id], [200, account]);
}

test("MX-V6 MX-C2 a homeserver without device grant: code, the broker's page, sign-in, callback behind #, token", async (t) => {
  const homeserver = await quirkServer(t, PROFILES["mas-1.22"], { deviceGrant: false });
  await requireSignedIn(await allowed(t, homeserver.baseUrl), homeserver.baseUrl, `@alice:${homeserver.serverName}`);
});

async function signIn(page: Page): Promise<void> {
  await page.getByLabel("Name").fill("alice");
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("MX-C1 the same by the pages of a real provider, where the operator wants the broker's page", async (t) => {
  const homeserver = await homeserverFor(t);
  const stage = await allowed(t, homeserver.baseUrl, { session_flow: "page" });
  const { page } = stage;
  await signIn(page);
  await page.getByRole("button", { name: "Allow" }).click();
  await requireSignedIn(stage, homeserver.baseUrl, `@alice:${homeserver.serverName}`);
});

test("MX-C3 a person who refuses at the provider: the program is told, and gets nothing", async (t) => {
  const homeserver = await homeserverFor(t);
  const { coatcheck, page, bearer } = await allowed(t, homeserver.baseUrl, { session_flow: "page" });
  await signIn(page);
  await page.getByRole("button", { name: "Deny" }).click();
  await page.waitForURL(`${PUBLIC}/v1/oauth2/callback/failed`);
  const { body } = await ask(coatcheck, "GET", "/session?wait=10", { bearer });
  assert.deepEqual([body.status, body.reason], ["denied", "access_denied"]);
});
