import assert from "node:assert/strict";
import { test } from "node:test";
import { oauthError, proper } from "../../servers/faults.ts";
import { comeBack, type McpPair, startMcpPair } from "../../support/mcp/mcp-pair.ts";

const token = async (pair: McpPair) => (await pair.read("oauth2/creds/me")).body?.data?.access_token;

/** Signed in with tokens of ten minutes. */
async function signedIn(pair: McpPair): Promise<unknown> {
  pair.as.tokens.accessLife = 600;
  await comeBack(pair, await pair.link());
  return token(pair);
}

test("MCP-T4 an early refusal and a server in trouble lose nothing: the living token is used until its end", async (t) => {
  const pair = await startMcpPair(t);
  const first = await signedIn(pair);
  for (const refusal of [oauthError("temporarily_unavailable", 400), oauthError("invalid_request", 400)]) {
    pair.as.reply("/token", refusal);
    await pair.pass(200_000);
    assert.equal(await token(pair), first);
  }
  pair.as.behave("/token");
  await pair.pass(600_000);
  const later = await token(pair);
  assert.ok(later !== undefined && later !== first);
});

test("MCP-T4 an answer to a refresh without scope and without another refresh token keeps both", async (t) => {
  const pair = await startMcpPair(t);
  const first = await signedIn(pair);
  pair.as.reply("/token", proper({ refresh_token: undefined, scope: undefined }));
  await pair.pass(700_000);
  const second = await token(pair);
  assert.ok(second !== undefined && second !== first);
  const sent = () => pair.as.to("/token").at(-1)?.form.get("refresh_token");
  const before = sent();
  await pair.pass(700_000);
  assert.equal(sent(), before, "the same refresh token again");
});

test("MCP-T6 a token is refreshed before its end, though nobody asks for it", async (t) => {
  const pair = await startMcpPair(t);
  await signedIn(pair);
  await pair.pass(590_000);
  assert.ok(pair.as.to("/token").length > 1);
});
