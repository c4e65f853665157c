import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { oauthError, proper } from "../../servers/faults.ts";
import type { Fault } from "../../servers/misbehaving.ts";
import { configure, DEVICE, importGrant, type Pair, startDevice, startPair } from "../../support/misbehaving.ts";
import { ask } from "../../support/sessions.ts";

const S256 = { code_challenge_methods_supported: ["S256"] };

async function writeServer(pair: Pair, name: string, options: Record<string, string> = {}) {
  const provider_options = { issuer_url: pair.as.issuer, ...options };
  const written = await pair.write(`oauth2/servers/${name}`, {
    provider: "oauth2",
    client_id: "client",
    provider_options,
  });
  assert.equal(written.status, 204, JSON.stringify(written.body));
}

async function login(pair: Pair, server: string, more: Record<string, unknown> = {}) {
  pair.as.tokens.approved = true;
  const polls = pair.as.to("/token").length;
  const started = await startDevice(pair, "me", { server, ...more });
  assert.equal(started.status, 200, JSON.stringify(started.body));
  await pair.passUntil("the flow is polled", () => pair.as.to("/token").length > polls, 10_000);
  await pair.pass(2_000);
  assert.equal((await pair.read("oauth2/creds/me")).status, 200);
  const [device, poll] = [pair.as.to("/device").at(-1)?.form, pair.as.to("/token").at(-1)?.form];
  assert.ok(device && poll);
  return { device, poll };
}

/** Whether the verifier of a poll is that of the challenge that was sent before (RFC 7636 4.6). */
function proves({ device, poll }: { device: URLSearchParams; poll: URLSearchParams }): boolean {
  const verifier = poll.get("code_verifier") ?? "";
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const isS256 = device.get("code_challenge_method") === "S256";
  return verifier.length >= 43 && isS256 && challenge === device.get("code_challenge");
}

const hasPkce = ({ device, poll }: { device: URLSearchParams; poll: URLSearchParams }) =>
  device.has("code_challenge") || device.has("code_challenge_method") || poll.has("code_verifier");

test("FC-29 a device login has PKCE where the metadata list S256, and none where they do not", async (t) => {
  const pair = await startPair(t);
  await writeServer(pair, "silent");
  assert.ok(!hasPkce(await login(pair, "silent")));
  assert.ok(!hasPkce(await login(pair, "as")), "custom without discovery");
  await writeServer(pair, "always", { device_pkce: "always" });
  assert.ok(proves(await login(pair, "always")));
  pair.as.metadata = S256;
  await writeServer(pair, "lists");
  const [first, second] = [await login(pair, "lists"), await login(pair, "lists")];
  assert.ok(proves(first) && proves(second));
  assert.notEqual(first.poll.get("code_verifier"), second.poll.get("code_verifier"));
  await writeServer(pair, "never", { device_pkce: "never" });
  assert.ok(!hasPkce(await login(pair, "never")));
});

test("FC-29 Keycloak's client that wants a challenge gets one at the second request, and from then on at the first", async (t) => {
  const pair = await startPair(t);
  const missing = { error_description: "Missing parameter: code_challenge_method" };
  pair.as.reply("/device", (exchange) =>
    exchange.form.has("code_challenge_method")
      ? proper()(exchange)
      : oauthError("invalid_request", 400, missing)(exchange),
  );
  await configure(pair, pair.as, {}, "keycloak");
  assert.ok(proves(await login(pair, "keycloak")));
  assert.equal(pair.as.to("/device").length, 2);
  assert.ok(proves(await login(pair, "keycloak")));
  assert.equal(pair.as.to("/device").length, 3);
});

test("FC-29 a server that takes no parameter it does not know is asked without PKCE; its other refusals stay", async (t) => {
  const pair = await startPair(t);
  pair.as.metadata = S256;
  await writeServer(pair, "strict");
  const strict: Fault = (exchange) =>
    exchange.form.has("code_challenge") ? oauthError("invalid_request")(exchange) : proper()(exchange);
  pair.as.reply("/device", strict);
  assert.ok(!hasPkce(await login(pair, "strict")));
  assert.equal(pair.as.to("/device").length, 2);
  pair.as.reply("/device", oauthError("invalid_request", 400, { error_description: "no" }));
  const refused = await startDevice(pair, "me", { server: "strict" });
  assert.equal(refused.status, 400);
  assert.match(String(refused.body?.errors), /invalid_request: no/);
});

test("FC-29 openid and PKCE are given up or added one after the other, each once", async (t) => {
  const pair = await startPair(t);
  const asked = { issuer_url: pair.as.issuer };
  await pair.write("oauth2/servers/both", { provider: "oidc", client_id: "client", provider_options: asked });
  pair.as.reply("/device", (exchange) => {
    const { form } = exchange;
    if (form.get("scope")?.includes("openid")) return oauthError("invalid_scope")(exchange);
    const missing = { error_description: "Missing parameter: code_challenge" };
    return form.has("code_challenge") ? proper()(exchange) : oauthError("invalid_request", 400, missing)(exchange);
  });
  assert.ok(proves(await login(pair, "both")));
  assert.equal(pair.as.to("/device").length, 3);
});

test("a caller's own device code may have a code_verifier", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.approved = true;
  const own = { device_code: "mine", code_verifier: "v".repeat(43), interval: 5 };
  const written = await pair.write("oauth2/creds/me", { server: "as", grant_type: DEVICE, ...own });
  assert.equal(written.status, 204, JSON.stringify(written.body));
  await pair.passUntil("the flow is polled", () => pair.as.to("/token").length === 1, 10_000);
  assert.equal(pair.as.to("/token")[0]?.form.get("code_verifier"), own.code_verifier);
});

const WANTED = { audience: "https://api.example.com", resource: "https://a.example/x,urn:b" };

const sent = (form: URLSearchParams | undefined) => [
  form?.getAll("audience"),
  form?.getAll("resource"),
  form?.get("x"),
];

test("FC-30 audience and several resources go with the device request, the poll, the refresh and the link", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 200;
  const options = { ...WANTED, request_parameters: JSON.stringify({ x: "1" }) };
  await configure(pair, pair.as, { provider_options: options }, "api");
  const expected = [["https://api.example.com"], ["https://a.example/x", "urn:b"], "1"];
  const { device, poll } = await login(pair, "api");
  assert.deepEqual([sent(device), sent(poll)], [expected, expected]);
  await pair.passUntil("it is refreshed", () => pair.as.to("/token").at(-1)?.form.has("refresh_token") === true);
  assert.deepEqual(sent(pair.as.to("/token").at(-1)?.form), expected);
  const link = await pair.write("oauth2/auth-code-url", { server: "api", redirect_url: "https://a.example/cb" });
  assert.deepEqual(sent(new URL(String(link.body?.data?.url)).searchParams), expected);
  const shown = await pair.read("oauth2/servers/api");
  const { audience, resource, request_parameters } = (shown.body?.data?.provider_options ?? {}) as typeof options;
  assert.deepEqual({ audience, resource, request_parameters }, options);
});

test("FC-30 a token exchange has the further parameters too, and is for whom its caller says", async (t) => {
  const pair = await startPair(t);
  const options = { ...WANTED, request_parameters: JSON.stringify({ x: "1" }) };
  await configure(pair, pair.as, { provider_options: options }, "api");
  await importGrant(pair, "me", { server: "api" });
  const exchanged = async (query: string) => {
    assert.equal((await pair.read(`oauth2/sts/me${query}`)).status, 200);
    return sent(pair.as.to("/token").at(-1)?.form);
  };
  assert.deepEqual(await exchanged(""), [[], [], "1"]);
  assert.deepEqual(await exchanged("?audience=b&resource=urn:c"), [["b"], ["urn:c"], "1"]);
});

test("FC-30 a credential says its own; a code, an import and self carry them as well; a read shows them", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secret: "s3cret" });
  const provider_options = WANTED;
  const expected = [["https://api.example.com"], ["https://a.example/x", "urn:b"], null];
  const { device } = await login(pair, "as", { provider_options });
  assert.deepEqual(sent(device), expected);
  const own = { server: "as", provider_options };
  await pair.write("oauth2/creds/code", { ...own, code: "c", redirect_url: "https://a.example/cb" });
  assert.deepEqual(sent(pair.as.to("/token").at(-1)?.form), expected);
  await pair.write("oauth2/creds/import", { ...own, refresh_token: pair.as.tokens.grant() });
  assert.deepEqual(sent(pair.as.to("/token").at(-1)?.form), expected);
  await pair.write("oauth2/self/robot", { ...own, token_url_params: { audience: "mine" } });
  assert.deepEqual(sent(pair.as.to("/token").at(-1)?.form), [["mine"], ["https://a.example/x", "urn:b"], null]);
  const read = await pair.read("oauth2/creds/me");
  assert.deepEqual(read.body?.data?.provider_options, provider_options);
});

test("parameters that are the broker's own, and what is no resource, are refused at the write; nothing is sent", async (t) => {
  const pair = await startPair(t);
  const bad: readonly [Record<string, string>, RegExp][] = [
    [{ resource: "/relative" }, /option "resource": must be absolute URIs without fragment, not "\/relative"/],
    [{ resource: "https://a.example/#x" }, /without fragment/],
    [{ request_parameters: "x=1" }, /option "request_parameters": must be a JSON object of texts/],
    [{ request_parameters: '{"x":1}' }, /must be a JSON object of texts/],
    [{ request_parameters: '{"grant_type":"password"}' }, /must not contain "grant_type"/],
    [{ request_parameters: '{"Grant_Type":"password"}' }, /must not contain "Grant_Type"/],
    [{ request_parameters: '{" client.id":"other"}' }, /must not contain " client.id"/],
    [{ request_parameters: '{"scope[]":"admin"}' }, /must not contain "scope\[\]"/],
    [{ request_parameters: '{"refresh_token\\u0000":"x"}' }, /must not contain "refresh_token/],
    [{ request_parameters: '{"audience":"a"}' }, /must not contain "audience": use the option "audience"/],
  ];
  for (const [options, text] of bad) {
    const started = await startDevice(pair, "me", { provider_options: options });
    assert.equal(started.status, 400, JSON.stringify(options));
    assert.match(String(started.body?.errors), text);
    const token_url = `${pair.as.issuer}/token`;
    const server = { provider: "custom", client_id: "c", provider_options: { token_url, ...options } };
    assert.match(String((await pair.write("oauth2/servers/x", server)).body?.errors), text);
  }
  assert.equal(pair.as.requests.length, 0);
});

test("a program without an operator's token says whom its token is for, and sends no free parameters", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { allow_sessions: true });
  const start = (options: Record<string, string>) =>
    ask(pair, "POST", "/sessions", { body: { server: "as", options } });
  const refused = await start({ request_parameters: '{"x":"1"}' });
  assert.equal(refused.status, 400, JSON.stringify(refused.body));
  assert.equal((await start(WANTED)).status, 201);
  assert.deepEqual(sent(pair.as.to("/device").at(-1)?.form), [
    ["https://api.example.com"],
    ["https://a.example/x", "urn:b"],
    null,
  ]);
});

test("a refresh goes to the endpoint that is only for refreshes, where there is one; a device login does not", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.accessLife = 100;
  await configure(pair, pair.as, { provider_options: { refresh_url: `${pair.as.issuer}/refresh` } });
  await login(pair, "as");
  const asked = pair.as.to("/token").length;
  await importGrant(pair, "imported");
  await pair.passUntil("both are refreshed", () => pair.as.to("/refresh").length === 3, 100_000);
  assert.equal(pair.as.to("/token").length, asked);
  assert.deepEqual(
    pair.as.to("/refresh").map(({ form }) => form.get("grant_type")),
    ["refresh_token", "refresh_token", "refresh_token"],
  );
});
