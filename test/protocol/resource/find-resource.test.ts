import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Call } from "../../../src/protocol/client.ts";
import { DiscoveryError } from "../../../src/protocol/discovery-error.ts";
import type { Located } from "../../../src/protocol/ladder/ladder.ts";
import { findResource } from "../../../src/protocol/resource/find-resource.ts";
import type { ResourceHints } from "../../../src/protocol/resource/resource.ts";
import { empty, html, json, raw, redirect } from "../../servers/faults.ts";
import type { Misbehaving } from "../../servers/misbehaving.ts";
import { startServer } from "../../servers/watched.ts";

const LADDER = { kind: "protected-resource", noun: "MCP server" } as const;
const OAUTH = "/.well-known/oauth-authorization-server";
const OPENID = "/.well-known/openid-configuration";
const RESOURCE = "/.well-known/oauth-protected-resource";

const CALL: Omit<Call, "signal"> = { fetch: (url, init) => fetch(url, init), allowHttp: true };

/** An MCP server at `/mcp` that wants a token, its document and its authorization server, all at one origin. */
async function mcpServer(t: TestContext): Promise<Misbehaving> {
  const server = await startServer(t);
  server.metadata = { code_challenge_methods_supported: ["S256"] };
  server.reply("/mcp", empty(401, { "www-authenticate": 'Bearer scope="tools"' }));
  describe(server, {});
  return server;
}

function describe(server: Misbehaving, more: Record<string, unknown>, path = `${RESOURCE}/mcp`): void {
  const usual = { resource: `${server.origin}/mcp`, authorization_servers: [server.issuer] };
  server.reply(path, json(200, { ...usual, ...more }));
}

function find(server: Misbehaving, path = "/mcp", hints: ResourceHints = {}, call = CALL): Promise<Located> {
  return findResource(LADDER, server.origin + path, hints, { ...call, signal: AbortSignal.timeout(20_000) });
}

async function refusal(found: Promise<Located>): Promise<DiscoveryError> {
  const error = await found.then(
    (located) => assert.fail(`found ${JSON.stringify(located)}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DiscoveryError, String(error));
  assert.doesNotMatch(error.message, /\n|\p{Cc}/u, "one sentence");
  return error;
}

const asked = (server: Misbehaving) => server.requests.map(({ method, path }) => `${method} ${path}`);

test("MCP-D1 a complete server/discover is asked without a token, and the challenge's scopes are those of the login", async (t) => {
  const server = await mcpServer(t);
  const { resource, baseUrl, metadata } = await find(server);
  const [first] = server.requests;
  const { jsonrpc, id, method, params } = JSON.parse(first?.body ?? "");
  assert.deepEqual([jsonrpc, id, method], ["2.0", 1, "server/discover"]);
  assert.equal(params._meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
  assert.deepEqual(params._meta["io.modelcontextprotocol/clientCapabilities"], {});
  const headers: Record<string, unknown> = first?.headers ?? {};
  assert.deepEqual(
    [headers["mcp-protocol-version"], headers["mcp-method"], headers.accept, headers.authorization],
    ["2026-07-28", "server/discover", "application/json, text/event-stream", undefined],
  );
  assert.deepEqual(resource?.scopes, ["tools"]);
  assert.deepEqual([baseUrl, metadata.issuer], [`${server.origin}/mcp`, server.issuer]);
});

test("MCP-D1 after 400 without a modern error initialize is tried, after a modern one not, and 403 with a Bearer is a challenge", async (t) => {
  const server = await mcpServer(t);
  server.reply("/mcp", json(400, { error: { code: -32_000 } }), empty(401));
  await find(server);
  assert.deepEqual(
    server.to("/mcp").map(({ body }) => JSON.parse(body).method),
    ["server/discover", "initialize"],
  );
  server.reply("/mcp", json(400, { jsonrpc: "2.0", id: 1, error: { code: -32_022, message: "no" } }));
  await find(server);
  assert.equal(server.to("/mcp").length, 3);
  server.reply("/mcp", empty(403, { "www-authenticate": 'Bearer scope="tools:write"' }));
  assert.deepEqual((await find(server)).resource?.scopes, ["tools:write"]);
});

test("MCP-D2 the document that a challenge names is fetched and no other, also where it is missing", async (t) => {
  const server = await mcpServer(t);
  const named = (url: string) =>
    server.reply("/mcp", empty(401, { "www-authenticate": `Bearer resource_metadata="${url}"` }));
  named(`${server.origin}/elsewhere`);
  describe(server, { scopes_supported: ["a", "b"] }, "/elsewhere");
  assert.deepEqual((await find(server)).resource?.scopes, ["a", "b"]);
  assert.equal(server.to(`${RESOURCE}/mcp`).length, 0);
  server.reply("/elsewhere", empty(404));
  assert.match((await refusal(find(server))).message, /elsewhere\) answered with status 404$/);
  assert.equal(server.to(`${RESOURCE}/mcp`).length, 0);
  for (const odd of ["file:///etc/passwd", "javascript:alert(1)", "//h/x", "https://u@h.example/x"]) {
    named(odd);
    assert.match((await refusal(find(server))).message, /^the server names metadata at ".*", which is no https URL$/);
  }
});

test("MCP-D2 without a challenge the document is at the path, after a 404 at the root, and after any other error nowhere", async (t) => {
  const server = await mcpServer(t);
  server.reply("/mcp", empty(401));
  server.reply(`${RESOURCE}/mcp`, empty(404));
  describe(server, { resource: server.origin }, RESOURCE);
  assert.equal((await find(server)).resource?.identifier, server.origin);
  server.reply(`${RESOURCE}/mcp`, empty(500));
  assert.equal((await refusal(find(server))).temporary, true);
  for (const fault of [empty(403), html(200), redirect(302, `${server.origin}${RESOURCE}`)]) {
    server.reply(`${RESOURCE}/mcp`, fault);
    assert.equal((await refusal(find(server))).temporary, false);
  }
  assert.equal(server.to(RESOURCE).length, 1);
});

test("MCP-D3 a document speaks for its own URL or, at path boundaries, for what is below it; its text is kept byte for byte", async (t) => {
  const server = await mcpServer(t);
  const { origin } = server;
  for (const resource of [`${origin}/mcp`, origin, `${origin}/`, `${origin}/mcp/`]) {
    describe(server, { resource });
    assert.equal((await find(server)).resource?.identifier, resource);
  }
  for (const resource of [
    `${origin}/mc`,
    `${origin}/mcp/more`,
    `${origin}/mcp?a=b`,
    "https://other.example/mcp",
    "mcp",
    "",
  ]) {
    describe(server, { resource });
    const { message } = await refusal(find(server));
    assert.match(message, resource === "" ? /name no resource$/ : /another resource: expected http\S+\/mcp, found /);
  }
  assert.equal(server.to(OAUTH).length, 4, "nobody is asked for the metadata of somebody else's document");
  describe(server, { resource: "https://other.example/mcp" });
  const agreed = await find(server, "/mcp", { resource: "https://other.example/mcp" });
  assert.equal(agreed.resource?.identifier, "https://other.example/mcp");
});

test("MCP-D4 of several authorization servers the one with a device grant goes first, and what is wrong with one spoils no other", async (t) => {
  const [server, plain, broken] = [await mcpServer(t), await startServer(t), await startServer(t)];
  plain.metadata = { device_authorization_endpoint: undefined, code_challenge_methods_supported: ["S256"] };
  broken.reply(OAUTH, empty(500));
  describe(server, { authorization_servers: [broken.issuer, plain.issuer, server.issuer] });
  const { metadata, resource } = await find(server);
  assert.equal(metadata.issuer, server.issuer);
  assert.deepEqual(
    resource?.servers.map(({ issuer }) => issuer),
    [server.issuer, plain.issuer],
  );
  describe(server, { authorization_servers: [broken.issuer] });
  assert.equal((await refusal(find(server))).temporary, true);
});

test("MCP-D5 an issuer with a path is asked for at three places in order, and never for the root's document", async (t) => {
  const server = await mcpServer(t);
  const issuer = `${server.origin}/tenant`;
  describe(server, { authorization_servers: [issuer] });
  const places = [`${OAUTH}/tenant`, `${OPENID}/tenant`, `/tenant${OPENID}`];
  assert.match((await refusal(find(server))).message, /tenant has no metadata$/);
  assert.deepEqual(
    asked(server).slice(-3),
    places.map((path) => `GET ${path}`),
  );
  const metadata = {
    issuer,
    token_endpoint: `${issuer}/token`,
    code_challenge_methods_supported: ["S256"],
    authorization_endpoint: `${issuer}/authorize`,
  };
  server.reply(places[0] ?? "", html(200));
  server.reply(places[1] ?? "", json(400, { error: "no" }));
  server.reply(places[2] ?? "", json(200, metadata));
  assert.equal((await find(server)).metadata.issuer, issuer);
  server.reply(places[1] ?? "", json(200, { ...metadata, issuer: `${issuer}/` }));
  assert.match((await refusal(find(server))).message, /another issuer: expected \S+tenant, found \S+tenant\/$/);
  const expected = await find(server, "/mcp", { issuer: `${issuer}/` });
  assert.equal(expected.metadata.issuer, `${issuer}/`, "a setting of the record may name another");
  server.reply(places[0] ?? "", empty(503));
  assert.equal((await refusal(find(server))).temporary, true);
});

test("MCP-D6 metadata that were fetched and do not list S256 have none", async (t) => {
  const server = await mcpServer(t);
  server.metadata = {};
  assert.deepEqual((await find(server)).metadata.code_challenge_methods_supported, []);
});

test("MCP-D7 a server of 2025-03-26 has its authorization server at its own origin, only after 404s, and it is told", async (t) => {
  const server = await mcpServer(t);
  server.reply("/mcp", empty(401));
  server.reply(`${RESOURCE}/mcp`, empty(404));
  const found = await find(server, "/mcp?tenant=1");
  assert.deepEqual([found.metadata.issuer, found.resource?.identifier], [server.issuer, `${server.origin}/mcp`]);
  assert.match(found.warnings.join(), /2025-03-26/);
  server.reply(OAUTH, empty(404));
  server.reply(OPENID, empty(404));
  const { metadata, warnings } = await find(server);
  const { authorization_endpoint: page, token_endpoint: token, registration_endpoint: register } = metadata;
  assert.deepEqual(
    [page, token, register],
    ["/authorize", "/token", "/register"].map((path) => server.origin + path),
  );
  assert.equal(metadata.code_challenge_methods_supported, undefined, "PKCE is used all the same");
  assert.equal(warnings.length, 1);
  for (const fault of [empty(500), empty(403)]) {
    server.reply(`${RESOURCE}/mcp`, fault);
    await refusal(find(server));
  }
});

test("MCP-D8 an answer without a token does not say that none is needed: a document leads on, and none is nothing to sign in to", async (t) => {
  const server = await mcpServer(t);
  server.reply("/mcp", json(200, { jsonrpc: "2.0", id: 1, result: {} }));
  assert.equal((await find(server)).metadata.issuer, server.issuer);
  server.reply(`${RESOURCE}/mcp`, empty(404));
  const error = await refusal(find(server));
  assert.match(error.message, /^nothing to sign in to: /);
  assert.equal(error.isUnsupported, true);
  server.reply("/mcp", empty(404));
  assert.match((await refusal(find(server))).message, /is no MCP server: it answered with status 404$/);
});

test("a hostile server gets one sentence for whatever it says, and nobody is asked further", async (t) => {
  const server = await mcpServer(t);
  const challenge = (text: string) => empty(401, { "www-authenticate": text });
  const cases: readonly (readonly [string, () => void, RegExp])[] = [
    ["100 challenges", () => server.reply("/mcp", challenge("Bearer, ".repeat(100))), /cannot be read$/],
    [
      "a redirect",
      () => server.reply("/mcp", redirect(307, "http://127.0.0.1/mcp")),
      /redirect, which is not followed$/,
    ],
    ["a scope to hide in", () => server.reply("/mcp", challenge('Bearer scope="a \u00e9b"')), /scope with characters/],
    ["a scope of the document", () => describe(server, { scopes_supported: ['a"b'] }), /scope with characters/],
    ["a scope that beeps", () => describe(server, { scopes_supported: ["a\u0007b"] }), /scope with characters/],
    ["an issuer that is a file", () => describe(server, { authorization_servers: ["file:///etc"] }), /can be used$/],
    ["no issuer", () => describe(server, { authorization_servers: [] }), /no authorization server that can be used$/],
    ["a page that is a script", () => endpoint("javascript:alert(1)"), /invalid authorization_endpoint$/],
    ["a page that is a file", () => endpoint("file:///etc/passwd"), /invalid authorization_endpoint$/],
    ["a page for a shell", () => endpoint("https://h.example/`id`"), /invalid authorization_endpoint$/],
    ["a page for Windows", () => endpoint('https://h.example/"&calc'), /invalid authorization_endpoint$/],
    ["a page in a network", () => endpoint("http://10.0.0.1/authorize"), /invalid authorization_endpoint$/],
    ["a document that is text", () => server.reply(`${RESOURCE}/mcp`, raw(200, "[]")), /other than a JSON object$/],
  ];
  function endpoint(url: string): void {
    server.metadata = { authorization_endpoint: url, code_challenge_methods_supported: ["S256"] };
  }
  for (const [what, prepare, text] of cases) {
    server.metadata = {};
    server.reply("/mcp", challenge("Bearer"));
    describe(server, {});
    prepare();
    const { message } = await refusal(find(server));
    assert.match(message, text, what);
  }
});
