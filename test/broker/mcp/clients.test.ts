import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { createLocalJWKSet, type JWK, jwtVerify } from "jose";
import { json, oauthError, proper } from "../../servers/faults.ts";
import { startServer } from "../../servers/watched.ts";
import {
  arrive,
  beMcpServer,
  comeBack,
  describeResource,
  PUBLIC_URL,
  registrations,
  startMcpPair,
  writeMcp,
} from "../../support/mcp/mcp-pair.ts";
import { DEVICE } from "../../support/misbehaving.ts";
import type { ApiAnswer } from "../../support/request.ts";

const CALLBACK = `${PUBLIC_URL}/v1/oauth2/callback`;
/** What stands for an issuer: 128 bits. */
const markOf = ({ issuer }: { readonly issuer: string }) =>
  createHash("sha256").update(issuer).digest("base64url").slice(0, 22);
const documentFor = (as: { readonly issuer: string }) => `${PUBLIC_URL}/oauth/client/${markOf(as)}`;
const CIMD = { client_id_metadata_document_supported: true };

const linked = ({ body }: ApiAnswer) => new URL(String(body?.data?.url)).searchParams;

test("MCP-R1 the given client goes before a metadata document, that before a registration, and without any of them it is said what to give", async (t) => {
  const pair = await startMcpPair(t, { metadata: CIMD, record: { client_id: "given" } });
  assert.equal(linked(await pair.link()).get("client_id"), "given");
  await writeMcp(pair, pair.as);
  assert.equal(linked(await pair.link()).get("client_id"), documentFor(pair.as));
  assert.equal(registrations(pair).length, 0);
  await writeMcp(pair, pair.as, { registration: "dynamic" });
  assert.equal(linked(await pair.link()).get("client_id"), "registered-client");
  await writeMcp(pair, pair.as, { registration: "static" });
  const none = await pair.link();
  assert.equal(none.status, 400);
  assert.match(
    String(none.body?.errors?.[0]),
    /^missing client ID: register a client at the authorization server, and give/,
  );
});

test("MCP-R1 a server that takes neither a document nor a registration wants a client ID", async (t) => {
  const pair = await startMcpPair(t, { metadata: { registration_endpoint: undefined } });
  const { status, body } = await pair.link();
  assert.deepEqual([status, /^missing client ID/.test(String(body?.errors?.[0]))], [400, true]);
});

test("MCP-R2 a broker that is reached by https serves its own document; a project's own is used as given, and not fetched", async (t) => {
  const pair = await startMcpPair(t, { metadata: CIMD });
  const answer = await fetch(`${pair.running.address}/oauth/client/${markOf(pair.as)}`);
  assert.match(answer.headers.get("cache-control") ?? "", /max-age=\d+/);
  const document = {
    client_id: documentFor(pair.as),
    client_name: "Coatcheck",
    client_uri: `${PUBLIC_URL}/`,
    redirect_uris: [`${CALLBACK}/${markOf(pair.as)}`],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    application_type: "web",
  };
  assert.deepEqual(await answer.json(), document);
  // Of logins that were begun before each issuer had its own.
  const shared = await fetch(`${pair.running.address}/oauth/client.json`);
  const forAll = { ...document, client_id: `${PUBLIC_URL}/oauth/client.json`, redirect_uris: [CALLBACK] };
  assert.deepEqual(await shared.json(), forAll);
  assert.equal((await fetch(`${pair.running.address}/oauth/client/nobody`)).status, 404);
  const own = "https://project.example/client.json";
  await writeMcp(pair, pair.as, { client_metadata_url: own });
  assert.equal(linked(await pair.link()).get("client_id"), own);
  await comeBack(pair, await pair.link());
  const [redeemed] = pair.as.to("/token");
  assert.deepEqual([redeemed?.form.get("client_id"), redeemed?.headers.authorization], [own, undefined]);
});

test("BCP-04 a code that comes back to another issuer's callback than the login's own goes to nobody", async (t) => {
  const pair = await startMcpPair(t);
  const dishonest = await startServer(t);
  beMcpServer(dishonest);
  const record = { provider: "mcp", provider_options: { url: `${dishonest.origin}/mcp` } };
  assert.ok((await pair.write("oauth2/servers/dishonest", record)).status < 300);
  const own = linked(await pair.link());
  const begun = linked(await pair.link({ server: "dishonest", name: "theirs" }));
  const [honest = "", theirs = ""] = [own, begun].map((asked) => asked.get("redirect_uri") ?? "");
  assert.notEqual(theirs, honest);
  // The dishonest server sends the browser on to the honest one, which knows its own redirect URI alone.
  const query = new URLSearchParams({ code: "c0de", state: begun.get("state") ?? "" });
  for (const uri of [honest, CALLBACK]) assert.equal((await arrive(pair, uri, query)).status, 400);
  assert.deepEqual([pair.as.to("/token").length, dishonest.to("/token").length], [0, 0]);
  assert.equal((await arrive(pair, theirs, query)).status, 303);
  assert.equal(dishonest.to("/token").length, 1);
});

test("BCP-04 MCP-R4 a client that a login by device code registered serves one by the browser, at the callback that it named", async (t) => {
  const pair = await startMcpPair(t);
  const begun = await pair.begin();
  assert.ok(begun.body.user_code, JSON.stringify(begun.body));
  const asked = linked(await pair.link());
  const [registered, ...more] = registrations(pair);
  assert.deepEqual([registered?.redirect_uris, more], [[asked.get("redirect_uri")], []]);
  assert.equal(asked.get("redirect_uri"), `${CALLBACK}/${markOf(pair.as)}`);
});

test("MCP-R3 a registration says what the server lists, once for all logins, and what the answer says wins", async (t) => {
  const pair = await startMcpPair(t);
  pair.as.reply(
    "/register",
    proper({ token_endpoint_auth_method: "client_secret_basic", client_secret: "granted-secret" }),
  );
  await comeBack(pair, await pair.link());
  await pair.link();
  assert.deepEqual(registrations(pair), [
    {
      client_name: "Coatcheck",
      client_uri: `${PUBLIC_URL}/`,
      application_type: "web",
      redirect_uris: [`${CALLBACK}/${markOf(pair.as)}`],
      response_types: ["code"],
      grant_types: ["authorization_code", "refresh_token", DEVICE],
      token_endpoint_auth_method: "none",
    },
  ]);
  assert.match(String(pair.as.to("/token")[0]?.headers.authorization), /^Basic /);
});

test("MCP-R3 what is refused is asked for again without the device grant, with one redirect URI and in the other shape; then the server's sentence", async (t) => {
  const pair = await startMcpPair(t);
  const first = "http://127.0.0.1:8214/callback";
  const six = "http://[::1]:8214/callback";
  const other = "http://localhost:8214/callback";
  const link = () => pair.link({ name: "", redirect_url: first, pkce: "S256" });
  pair.as.reply("/register", oauthError("invalid_client_metadata", 400, { error_description: "no such grant" }));
  const refused = await link();
  assert.match(String(refused.body?.errors?.[0]), /^client registration failed: .*no such grant/);
  assert.deepEqual(
    registrations(pair).map(({ redirect_uris: uris, grant_types: grants, application_type: type }) => [
      type,
      uris,
      (grants as string[]).includes(DEVICE),
    ]),
    [
      ["native", [first, six], true],
      ["native", [first, six], false],
      ["native", [first], false],
      ["native", [other], false],
    ],
  );
  pair.as.reply("/register", proper({ redirect_uris: [other] }));
  assert.equal(linked(await link()).get("redirect_uri"), other, "the one that was granted");
});

test("MCP-R4 another authorization server in the document gets a registration of its own, and no token of the first", async (t) => {
  const pair = await startMcpPair(t);
  await comeBack(pair, await pair.link());
  const next = await startServer(t);
  next.metadata = { code_challenge_methods_supported: ["S256"] };
  describeResource(pair.as, { authorization_servers: [next.issuer] });
  // What was found is kept for five minutes at least.
  await pair.pass(3_700_000);
  const link = await pair.link();
  assert.equal(new URL(String(link.body?.data?.url)).origin, next.issuer);
  assert.equal(next.to("/register").length, 1);
  assert.equal(next.to("/token").length, 0);
});

test("MCP-R4 a given client ID is for the issuer that it was given for: another one is an error until somebody agrees", async (t) => {
  const pair = await startMcpPair(t, { record: { client_id: "given" } });
  const next = await startServer(t);
  next.metadata = { code_challenge_methods_supported: ["S256"] };
  describeResource(pair.as, { authorization_servers: [next.issuer] });
  await pair.pass(3_700_000);
  const { status, body } = await pair.link();
  assert.equal(status, 400);
  assert.match(
    String(body?.errors?.[0]),
    /client ID was given for \S+, and the API server names \S+ now; to accept this, write the server record again/,
  );
  assert.equal(next.to("/token").length + next.to("/register").length, 0);
});

test("MCP-R4 a given client ID is for its own issuer also where another one is at the same origin, or beside it in the document", async (t) => {
  const pair = await startMcpPair(t, { record: { client_id: "given", client_secret: "hush" } });
  const issuer = `${pair.as.origin}/tenant`;
  const metadata = { issuer, token_endpoint: `${issuer}/token`, authorization_endpoint: `${issuer}/authorize` };
  pair.as.reply(
    "/.well-known/oauth-authorization-server/tenant",
    json(200, { ...metadata, code_challenge_methods_supported: ["S256"] }),
  );
  const named = async (...issuers: readonly string[]) => {
    describeResource(pair.as, { authorization_servers: issuers });
    await pair.pass(3_700_000);
    return pair.link();
  };
  const { status, body } = await named(issuer);
  assert.equal(status, 400);
  assert.match(String(body?.errors?.[0]), /given for \S+, and the API server names \S+\/tenant now; to accept this/);
  const beside = await named(issuer, pair.as.issuer);
  assert.equal(new URL(String(beside.body?.data?.url)).pathname, "/authorize");
  await writeMcp(pair, pair.as, {}, { client_id: "given" });
  describeResource(pair.as, { authorization_servers: [issuer] });
  const agreed = await writeMcp(pair, pair.as, {}, { client_id: "given" });
  assert.ok(agreed.status < 300, JSON.stringify(agreed.body));
  assert.equal(new URL(String((await named(issuer)).body?.data?.url)).pathname, "/tenant/authorize");
});

test("MCP-R5 a client that the server has forgotten is registered anew, once per login, and by hand", async (t) => {
  const pair = await startMcpPair(t);
  await pair.begin();
  pair.as.reply("/device", oauthError("invalid_client", 401), proper());
  assert.equal((await pair.begin()).status, 201);
  assert.equal(registrations(pair).length, 2);
  pair.as.reply("/device", oauthError("invalid_client", 401));
  assert.equal((await pair.begin()).status, 400);
  assert.equal(registrations(pair).length, 3, "once, not for ever");
  pair.as.behave("/device");
  assert.equal((await pair.begin({ new_registration: "true" })).status, 201);
  assert.equal(registrations(pair).length, 4);
});

test("MCP-R5 a secret that has run out is no client: the next login registers another", async (t) => {
  const pair = await startMcpPair(t);
  const end = Math.floor(pair.clock.now() / 1000) + 100;
  const secret = { token_endpoint_auth_method: "client_secret_post", client_secret: "granted-secret" };
  pair.as.reply("/register", proper({ ...secret, client_secret_expires_at: end }));
  await pair.link();
  await pair.link();
  assert.equal(registrations(pair).length, 1);
  await pair.pass(101_000);
  await pair.link();
  assert.equal(registrations(pair).length, 2);
});

test("MCP-R5 a refresh that the server's forgetting ends says so to the person, and the next login registers anew", async (t) => {
  for (const code of ["invalid_client", "unauthorized_client"]) {
    const pair = await startMcpPair(t);
    await comeBack(pair, await pair.link());
    pair.as.reply("/token", oauthError(code, 401));
    await pair.pass(4_000_000);
    const read = await pair.read("oauth2/creds/me");
    assert.equal(read.body?.data?.reason, "invalid_grant", `${code}: ${JSON.stringify(read.body)}`);
    assert.match(JSON.stringify(read.body), /the server forgot the client .*: sign in again/);
    await pair.link();
    assert.equal(registrations(pair).length, 2, code);
  }
});

test("MCP-R5 a code that the server redeems for no client it knows ends the login, and the next one registers anew", async (t) => {
  const pair = await startMcpPair(t);
  pair.as.reply("/token", json(401, { error: "invalid_client" }));
  await comeBack(pair, await pair.link());
  await pair.link();
  assert.equal(registrations(pair).length, 2);
});

test("MCP-L4 resource is in every request for a token, byte for byte; the scopes are the challenge's, else the document's, else none", async (t) => {
  const pair = await startMcpPair(t);
  const bare = pair.as.origin;
  describeResource(pair.as, { resource: bare, scopes_supported: ["a", "b"] });
  await writeMcp(pair, pair.as);
  const link = await pair.link();
  assert.deepEqual([linked(link).get("resource"), linked(link).get("scope")], [bare, "a b"]);
  assert.equal(linked(await pair.link({ scopes: ["own"] })).get("scope"), "own");
  await comeBack(pair, link);
  await pair.pass(4_000_000);
  await pair.begin();
  const asked = [...pair.as.to("/token"), ...pair.as.to("/device")];
  assert.ok(asked.length >= 3);
  for (const { form, path } of asked) assert.deepEqual(form.getAll("resource"), [bare], path);
  assert.equal(pair.as.to("/device")[0]?.form.get("scope"), "a b");
  describeResource(pair.as, { scopes_supported: [] });
  await writeMcp(pair, pair.as);
  assert.equal(linked(await pair.link({ name: "other" })).get("scope"), null);
});

test("MCP-L4 offline_access is asked for where the authorization server lists it and another scope is sent", async (t) => {
  const pair = await startMcpPair(t, { metadata: { scopes_supported: ["offline_access", "never-of-these"] } });
  assert.equal(linked(await pair.link()).get("scope"), null);
  assert.equal(linked(await pair.link({ scopes: ["tools"] })).get("scope"), "tools offline_access");
});

test("MCP-L7 ways out, of the server record and of one login: another resource, none, parameters of the link, the id_token", async (t) => {
  const pair = await startMcpPair(t);
  const link = async (options: Record<string, unknown>) => linked(await pair.link({ provider_options: options }));
  assert.equal((await link({ resource: "api://somebody" })).get("resource"), "api://somebody");
  assert.equal((await link({ no_resource: "true" })).get("resource"), null);
  const more = await link({ auth_params: '{"access_type":"offline","audience":"api"}' });
  assert.deepEqual([more.get("access_type"), more.get("audience")], ["offline", "api"]);
  for (const name of ["state", "client_id", "redirect_uri", "code_challenge", "scope", "resource"]) {
    const { status } = await pair.link({ provider_options: { auth_params: JSON.stringify({ [name]: "x" }) } });
    assert.equal(status, 400, name);
  }
  await writeMcp(pair, pair.as, { use_id_token: "true" });
  pair.as.reply("/token", proper({ id_token: "the.id.token" }));
  await comeBack(pair, await pair.link({ name: "other" }));
  assert.equal((await pair.read("oauth2/creds/other")).body?.data?.access_token, "the.id.token");
});

test("MCP-R3 MCP-R5 a port that is taken: the login comes back to another, and the client is registered for that by both addresses", async (t) => {
  const isThere = createServer().listen(8214, "127.0.0.1");
  t.after(() => isThere.close());
  // Whoever else has it is as good.
  await once(isThere, "listening").catch(() => {});
  const pairs = [1, 2].map(() => startMcpPair(t, { loopback: true, record: { session_flow: "page" } }));
  const uris = await Promise.all(
    pairs.map(async (starting) => {
      const pair = await starting;
      const { body } = await pair.begin();
      const uri = String(body.redirect_uri);
      assert.deepEqual(registrations(pair)[0]?.redirect_uris, [uri, uri.replace("127.0.0.1", "[::1]")]);
      assert.equal(new URL(String(body.verification_uri)).searchParams.get("redirect_uri"), uri);
      const again = await pair.begin();
      assert.deepEqual([again.body.redirect_uri, registrations(pair).length], [uri, 1], "one registration for all");
      return uri;
    }),
  );
  assert.equal(new Set([...uris, "http://127.0.0.1:8214/callback"]).size, 3, uris.join());
});

test("MCP-R2 a broker with a key to sign with says so in its document, serves the public half, and signs for the issuer", async (t) => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const clientKey = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  const listed = { ...CIMD, token_endpoint_auth_methods_supported: ["none", "private_key_jwt"] };
  const pair = await startMcpPair(t, { metadata: listed, clientKey });
  const read = async (path: string) => (await (await fetch(pair.running.address + path)).json()) as Document;
  const { token_endpoint_auth_method, jwks_uri } = await read(`/oauth/client/${markOf(pair.as)}`);
  assert.deepEqual([token_endpoint_auth_method, jwks_uri], ["private_key_jwt", `${PUBLIC_URL}/oauth/jwks.json`]);
  const { keys } = await read("/oauth/jwks.json");
  assert.deepEqual(Object.keys(keys[0] ?? {}).sort(), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
  await comeBack(pair, await pair.link());
  const [redeemed] = pair.as.to("/token");
  const assertion = redeemed?.form.get("client_assertion") ?? "";
  const { payload } = await jwtVerify(assertion, createLocalJWKSet({ keys: [...keys] as JWK[] }));
  const id = documentFor(pair.as);
  assert.deepEqual([payload.iss, payload.sub, payload.aud], [id, id, pair.as.issuer]);
  // Without the key nothing of it is sent, and the operator is told what to do.
  const without = await pair.restart(undefined, { clientKey: undefined });
  await without.pass(3_700_000);
  const { body } = await without.read("oauth2/creds/me");
  assert.match(JSON.stringify(body), /start the broker with COATCHECK_CLIENT_KEY/);
});

interface Document {
  readonly token_endpoint_auth_method: string;
  readonly jwks_uri: string;
  readonly keys: readonly Record<string, string>[];
}

test("MCP-R2 an authorization server that takes documents, but no signatures, gets a registration", async (t) => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const clientKey = JSON.stringify(privateKey.export({ format: "jwk" }));
  const metadata = { ...CIMD, token_endpoint_auth_methods_supported: ["none"] };
  const pair = await startMcpPair(t, { metadata, clientKey });
  assert.equal(linked(await pair.link()).get("client_id"), "registered-client");
});
