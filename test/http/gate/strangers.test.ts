import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pair } from "../../support/misbehaving.ts";
import { ask, begin, startSessions } from "../../support/sessions.ts";
import { converse } from "../start.ts";

const portOf = (pair: Pair) => Number(new URL(pair.running.address).port);

/** Of a POST whose answer may be a page. */
async function statusOf(
  pair: Pair,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<number> {
  const response = await fetch(`${pair.running.address}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers,
  });
  await response.text();
  return response.status;
}

/** A request whose body never comes. */
function withoutBody(method: string, path: string, more = ""): string {
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 9999\r\n${more}\r\n`;
}

test("ST-5 who has had enough is told so before a body is read, and whose session it is before one is passed on", async (t) => {
  const pair = await startSessions(t, { proxy_apis: { api: "https://api.example.com/" } });
  await pair.write("oauth2/config", { tune_session_starts_per_minute: 1, tune_user_code_entries_per_minute: 1 });
  await begin(pair);
  for (const path of ["/device", "/device/decision"]) await statusOf(pair, path, {});
  const port = portOf(pair);
  for (const path of ["/sessions", "/device", "/device/decision"]) {
    assert.match(await converse(port, [withoutBody("POST", path)]), /^HTTP\/1\.1 429 /, path);
  }
  for (const bearer of ["", "Authorization: Bearer ccs_nobody\r\n"]) {
    const answer = await converse(port, [withoutBody("POST", "/session/proxy/api/x", bearer)]);
    assert.match(answer, /^HTTP\/1\.1 401 /);
  }
  assert.match(await converse(port, [withoutBody("PUT", "/v1/oauth2/creds/a")]), /^HTTP\/1\.1 403 /);
});

test("ST-5 what anybody may send is 16 KiB at most; an operator's is 1 MiB", async (t) => {
  const pair = await startSessions(t);
  const { secret } = await begin(pair);
  const size = (bytes: number) => ({ server: "as", pad: "x".repeat(bytes) });
  const open = ["/sessions", "/session/rejected", "/device", "/device/decision", "/v1/oauth2/callback"];
  for (const path of open) {
    assert.equal(await statusOf(pair, path, size(16_384), { authorization: `Bearer ${secret}` }), 413, path);
  }
  assert.equal((await ask(pair, "POST", "/sessions", { body: size(16_000) })).status, 201);
  const write = await pair.write("oauth2/servers/big", { provider: "nobody", client_secret: "x".repeat(1_000_000) });
  assert.equal(write.status, 400);
  assert.match(String(write.body?.errors), /provider/);
});

test("ST-20 a token in other characters than ASCII is one that is wrong", async (t) => {
  const pair = await startSessions(t, { session_flow: "page" });
  const code = String((await begin(pair)).started.user_code);
  const page = await fetch(`${pair.running.address}/device`);
  const cookie = page.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const own = /name="token" value="([^"]*)"/.exec(await page.text())?.[1] ?? "";
  const post = async (path: string, form: Record<string, string>) => {
    const response = await fetch(`${pair.running.address}${path}`, {
      method: "POST",
      headers: { cookie },
      body: new URLSearchParams(form),
    });
    return { status: response.status, html: await response.text() };
  };
  const token =
    /name="token" value="([^"]*)"/.exec((await post("/device", { user_code: code, token: own })).html)?.[1] ?? "";
  // As many characters as the right one, and more bytes.
  for (const wrong of [`é${token.slice(1)}`, `${token.slice(0, -1)}\u{10ffff}`.slice(0, token.length), "é", ""]) {
    const decided = await post("/device/decision", { user_code: code, token: wrong, decision: "allow" });
    assert.equal(decided.status, 400, wrong);
  }
  assert.equal((await post("/device", { user_code: code, token: `é${own.slice(1)}` })).status, 403);
  assert.equal((await ask(pair, "GET", "/sessions", { bearer: "\u00e9".repeat(31) })).status, 403);
});
