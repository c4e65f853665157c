import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { empty, oauthError, proper } from "../../servers/faults.ts";
import { startServer } from "../../servers/watched.ts";
import {
  comeBack,
  describeResource,
  type McpPair,
  RESOURCE_DOCUMENT,
  startMcpPair,
} from "../../support/mcp/mcp-pair.ts";
import { ask } from "../../support/sessions.ts";

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

/** A session that is signed in, and how its program says that the server refuses its token. */
async function beginActive(pair: McpPair) {
  pair.as.tokens.approved = true;
  const bearer = String((await pair.begin()).body.session_id);
  await pair.pass(6_000);
  const get = (path: string) => ask(pair, "GET", `/session${path}`, { bearer });
  const current = async () => String((await get("/token")).body.access_token);
  const refuse = async (secret: string) => {
    const token_sha256 = createHash("sha256").update(secret).digest("hex");
    return (await ask(pair, "POST", "/session/rejected", { bearer, body: { token_sha256 } })).body;
  };
  return { get, current, refuse };
}

test("MCP-R4 after a 401 the document is read again: where it names another issuer nothing goes to either, and the login says why it ends", async (t) => {
  const pair = await startMcpPair(t);
  const { get, current, refuse } = await beginActive(pair);
  const first = await current();
  const next = await startServer(t);
  next.metadata = { code_challenge_methods_supported: ["S256"] };
  describeResource(pair.as, { authorization_servers: [next.issuer] });
  const asked = pair.as.to("/token").length;
  assert.deepEqual(await refuse(first), { refreshed: false });
  const { body } = await get("");
  const told = `sign in again: ${new URL(pair.as.origin).host} takes no more tokens of ${pair.as.issuer}: its authorization server is ${next.issuer} now`;
  assert.deepEqual([body.status, body.reason, body.error_description], ["active", "invalid_grant", told]);
  assert.equal(await current(), first, "while its own server honours it, it is not thrown away");
  await refuse(first);
  await pair.pass(4_000_000);
  assert.equal((await get("")).body.status, "failed");
  assert.deepEqual([pair.as.to("/token").length, next.to("/token").length, next.to("/register").length], [asked, 0, 0]);
  await pair.begin();
  assert.equal(next.to("/register").length, 1, "the next login knows it at once");
});

test("MCP-R4 a login without a refresh token ends in the same way, and while our issuer is named it is left as it is", async (t) => {
  const pair = await startMcpPair(t);
  pair.as.reply("/token", proper({ refresh_token: undefined }));
  const { get, current, refuse } = await beginActive(pair);
  const only = await current();
  assert.deepEqual(await refuse(only), { refreshed: false });
  assert.equal((await get("")).body.reason, undefined);
  const next = await startServer(t);
  next.metadata = { code_challenge_methods_supported: ["S256"] };
  describeResource(pair.as, { authorization_servers: [next.issuer] });
  assert.deepEqual(await refuse(only), { refreshed: false });
  assert.equal((await get("")).body.reason, "invalid_grant");
  assert.equal(await current(), only);
});

test("MCP-R4 a document that names our issuer still, or cannot be had, lets the refresh go on", async (t) => {
  const pair = await startMcpPair(t);
  const { current, refuse } = await beginActive(pair);
  const other = await startServer(t);
  other.metadata = { code_challenge_methods_supported: ["S256"] };
  const documents = [
    () => describeResource(pair.as, { authorization_servers: [other.issuer, pair.as.issuer] }),
    () => pair.as.reply(RESOURCE_DOCUMENT, empty(500)),
    () => pair.as.reply(RESOURCE_DOCUMENT, empty(404)),
    () => {
      describeResource(pair.as, { authorization_servers: [other.issuer, pair.as.issuer] });
      pair.as.reply("/.well-known/oauth-authorization-server", empty(500));
    },
  ];
  for (const [index, describe] of documents.entries()) {
    describe();
    const before = await current();
    assert.deepEqual(await refuse(before), { refreshed: true }, String(index));
    assert.notEqual(await current(), before);
  }
});

test("MCP-T5 a login without a refresh token says until when it works, and 5 minutes before its end that it ends", async (t) => {
  const pair = await startMcpPair(t);
  pair.as.reply("/token", proper({ refresh_token: undefined, expires_in: 900 }));
  const { get } = await beginActive(pair);
  const { body } = await get("");
  assert.deepEqual([body.refreshable, body.warnings], [false, undefined]);
  const end = String(body.expire_time);
  await pair.pass(Date.parse(end) - pair.clock.now() - 301_000);
  assert.equal((await get("")).body.warnings, undefined);
  // What is shown is in whole seconds.
  await pair.pass(2_000);
  const told = `this login ends at ${end}, because the server gave no refresh token: sign in again before then`;
  assert.deepEqual((await get("")).body.warnings, [told]);
  await pair.pass(300_000);
  const { status, reason, warnings } = (await get("")).body;
  assert.deepEqual([status, reason, warnings], ["failed", "token_expired", undefined]);
});
