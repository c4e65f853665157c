import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import type * as Client from "../../src/client/index.ts";
import { startApi } from "../servers/api-server.ts";
import { portOf } from "../servers/free-port.ts";
import { launchChromium } from "../support/person/chromium.ts";
import { startSessions } from "../support/sessions.ts";

declare const client: typeof Client;

const CLIENT = join(import.meta.dirname, "../../src/client");

/** The origin of a web application, whose page has the library. */
async function startApplication(t: TestContext): Promise<string> {
  const server = createServer(({ url = "" }, response) => {
    const [, file] = /^\/([\w-]+\.ts)$/.exec(url) ?? [];
    if (file === undefined) return response.setHeader("content-type", "text/html").end("<!doctype html>");
    const script = stripTypeScriptTypes(readFileSync(join(CLIENT, file), "utf8"));
    return response.setHeader("content-type", "text/javascript").end(script);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  return `http://127.0.0.1:${portOf(server)}`;
}

async function openPage(t: TestContext, origin: string): Promise<Page> {
  const browser = await launchChromium(t);
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`${origin}/`);
  await page.evaluate('import("/index.ts").then((all) => { globalThis.client = all; })');
  return page;
}

test("a page of an origin that the operator named: login, token, proxy, logout, and errors it can read", async (t) => {
  const origin = await startApplication(t);
  const api = await startApi(t);
  const more = { proxy_apis: { api: `${api.url}/base` } };
  const pair = await startSessions(t, more, { allowedOrigins: new Set([origin]) });
  pair.as.tokens.approved = true;
  const page = await openPage(t, origin);
  const broker = pair.running.address;
  const begun = await page.evaluate(async (address) => {
    const { session, prompt } = await client.start({ broker: address, server: "as", label: "a page" });
    return { id: session.id, code: prompt?.userCode };
  }, broker);
  assert.equal(begun.code, "USER-1");
  await pair.pass(6_000);
  const seen = await page.evaluate(
    async ([address = "", id = ""]) => {
      const session = client.resume(id, { broker: address });
      const state = await session.ready();
      const token = await session.token();
      const answer = await session.fetch("api/things", {
        headers: { "x-of-the-page": "1" },
        method: "PATCH",
        body: "{}",
      });
      const name = answer.headers.get("coatcheck-api");
      await session.logout();
      const error = await client
        .resume(id, { broker: address })
        .token()
        .catch((failure) => failure.code);
      return { status: state.status, token, answered: answer.status, name, error };
    },
    [broker, begun.id] as const,
  );
  assert.match(seen.token, /^access-token-/);
  assert.deepEqual(
    { ...seen, token: "" },
    { status: "active", token: "", answered: 200, name: "api", error: "invalid_session" },
  );
  assert.equal(api.seen[0]?.headers["x-of-the-page"], "1");
});

test("a page of any other origin reads nothing, and a broker without such origins says nothing of them", async (t) => {
  const origin = await startApplication(t);
  const pair = await startSessions(t, {}, { allowedOrigins: new Set(["https://app.example.com"]) });
  const page = await openPage(t, origin);
  const code = await page.evaluate(
    (broker) =>
      client.start({ broker, server: "as" }).then(
        () => "",
        (error) => error.code,
      ),
    pair.running.address,
  );
  assert.equal(code, "unreachable");
  const preflight = { method: "OPTIONS", headers: { origin, "access-control-request-method": "GET" } };
  const foreign = await fetch(`${pair.running.address}/session`, preflight);
  assert.deepEqual([foreign.status, foreign.headers.get("access-control-allow-origin")], [405, null]);
  const vault = await fetch(`${pair.running.address}/v1/oauth2/config`, {
    headers: { origin: "https://app.example.com" },
  });
  assert.equal(vault.headers.get("access-control-allow-origin"), null);
});
