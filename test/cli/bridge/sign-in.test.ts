import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseBridgeArguments, serverFlagsOf } from "../../../src/cli/bridge/bridge-flags.ts";
import { type Scripted, type Seen, scriptedServer, withNotifications } from "../../servers/mcp/scripted.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { bridgeTo, HELLO, modernMeta } from "./in-process.ts";

const PROMPT = {
  user_code: "WDJB-MJHT",
  verification_uri: "https://auth.example.com/device",
  verification_uri_complete: "https://auth.example.com/device?user_code=WDJB-MJHT",
  expires_in: 600,
  interval: 1,
};

/** A server that wants a token, and a broker that has one as soon as the person has approved. */
async function protectedServer(
  t: Parameters<typeof scriptedServer>[0],
  { capabilities = { tools: {} }, headers = {} }: { capabilities?: object; headers?: Record<string, string> } = {},
) {
  let approved = Promise.withResolvers<void>();
  let isApproved = false;
  let isDenied = false;
  let logins = 0;
  const server = { isRefused: false };
  const session = () => ({
    id: "public",
    status: isApproved ? "active" : "pending",
    server: "s",
    scopes: [],
    ...(!isApproved && PROMPT),
    ...(isDenied && { status: "denied", reason: "access_denied", error_description: "the provider did not want it" }),
  });
  const broker = async ({ method, path, headers }: Seen): Promise<Scripted> => {
    if (path === "/sessions") {
      logins += 1;
      isDenied = false;
      return { status: 201, json: { session_id: "ccs_secret", joined: logins > 1, ...session() } };
    }
    if (headers.authorization !== "Bearer ccs_secret") return { status: 401, json: { error: "invalid_session" } };
    if (path.startsWith("/session?") && !isApproved && !path.includes("wait=0")) await approved.promise;
    if (path.startsWith("/session"))
      return { json: { ...session(), account: { subject: "u1", issuer: "i", name: "ada" } } };
    assert.equal(method, "POST");
    return { status: 404 };
  };
  const mcp = withNotifications(({ body }) => {
    if (body?.method === "initialize") return { headers, result: { ...HELLO, capabilities, serverInfo: {} } };
    return { headers, result: { content: [{ type: "text", text: "done" }] } };
  });
  const { url, seen } = await scriptedServer(t, (one) => {
    if (one.path === "/mcp") return { status: 401, headers: { "www-authenticate": "Bearer" } };
    if (!one.path.startsWith("/mcp/")) return broker(one);
    if (server.isRefused) return { status: 401, json: { error: "sign_in_required", reason: "token_refused" } };
    if (isApproved && one.headers.authorization === "Bearer ccs_secret")
      return one.method === "POST" ? mcp(one) : { status: 405 };
    return { status: 401, json: { error: "sign_in_required", error_description: "sign in" } };
  });
  const approve = () => {
    isApproved = true;
    approved.resolve();
  };
  const deny = () => {
    isDenied = true;
    approved.resolve();
    approved = Promise.withResolvers();
  };
  const passed = () => seen.filter(({ path }) => path.startsWith("/mcp/")).map(({ body }) => body?.method);
  return {
    url,
    approve,
    deny,
    state: server,
    flags: { "--addr": new URL(url).origin },
    seen,
    passed,
    logins: () => logins,
  };
}

test("MCP-B6 a login that the bridge begins is told of the server what coatcheck login is told by the same options", () => {
  const typed =
    "https://h/mcp --client-id c --resource=r --auth-param a=1 --auth-param b=2 --use-id-token --allow-http";
  const parsed = parseBridgeArguments(typed.split(" "));
  assert.equal(parsed?.target, "https://h/mcp");
  const authParam = ["a=1", "b=2"];
  const expected = { clientId: "c", resource: "r", authParam, useIdToken: true, allowHttp: true };
  assert.deepEqual(serverFlagsOf(parsed?.flags ?? {}), expected);
  assert.deepEqual(serverFlagsOf({ "--no-resource": true }), { resource: false });
  for (const wrong of ["", "a b", "a --unknown", "a --name", "a --direct=1"]) {
    assert.equal(parseBridgeArguments(wrong.split(" ").filter((word) => word !== "")), undefined, wrong);
  }
});

const names = (result: { tools: { name: string }[] }) => result.tools.map(({ name }) => name);

test("MCP-S1, MCP-S2, MCP-S4 nobody signed in, an agent of 2025: it starts, has one tool, and a call says where and what to type", async (t) => {
  const { url, approve, flags, passed, logins } = await protectedServer(t);
  const { ask, send, message } = bridgeTo(t, url, { flags });
  const { result } = await ask("initialize", { ...HELLO, protocolVersion: "2025-06-18" });
  assert.equal(result.protocolVersion, "2025-06-18");
  assert.match(result.instructions, /must do so|sign in/i);
  send({ jsonrpc: "2.0", method: "notifications/initialized" });
  assert.deepEqual(names((await ask("tools/list")).result), ["sign_in"]);
  assert.equal(logins(), 0, "MCP-L5: no login begins by itself");
  const call = await ask("tools/call", { name: "read" });
  assert.equal(call.result.isError, true);
  assert.match(call.result.content[0].text, /Open https:\/\/auth\.example\.com\/device and type WDJB-MJHT/);
  assert.deepEqual(passed(), []);
  approve();
  await message(({ method }) => method === "notifications/tools/list_changed");
  assert.equal((await ask("tools/call", { name: "read" })).result.content[0].text, "done");
  const posted = passed().filter((method) => method !== undefined);
  assert.deepEqual(posted, ["initialize", "notifications/initialized", "tools/call"]);
  assert.equal(logins(), 1);
});

test("MCP-B3 a login that is over is begun anew at the broker and of the server that had it, under its name", async (t) => {
  const { url, approve, passed, seen } = await protectedServer(t);
  const state = temporaryFolder(t);
  mkdirSync(join(state, "coatcheck"), { mode: 0o700 });
  const over = { broker: new URL(url).origin, server: "work", session: "ccs_over", id: "over", scopes: [] };
  const kept = JSON.stringify({ version: 1, sessions: { tools: over } });
  writeFileSync(join(state, "coatcheck/sessions.json"), kept, { mode: 0o600 });
  const { ask } = bridgeTo(t, "tools", { state });
  await ask("initialize", HELLO);
  const { result } = await ask("tools/call", { name: "sign_in", arguments: {} });
  assert.match(result.content[0].text, /WDJB-MJHT/, JSON.stringify(result));
  const started = seen.find(({ path }) => path === "/sessions")?.body;
  assert.equal(new Map(Object.entries(started ?? {})).get("server"), "work");
  approve();
  await ask("tools/call", { name: "sign_in", arguments: {} });
  const called = await ask("tools/call", { name: "other", arguments: {} });
  assert.equal(called.result?.content[0].text, "done", JSON.stringify(called));
  assert.ok(passed().includes("tools/call"));
  const after = JSON.parse(readFileSync(join(state, "coatcheck/sessions.json"), "utf8")).sessions;
  assert.deepEqual([Object.keys(after), after.tools.session], [["tools"], "ccs_secret"]);
});

test("MCP-S3 the tool sign_in gives address and code at once; called again it waits until the person has signed in", async (t) => {
  const { url, approve, flags } = await protectedServer(t);
  const { ask } = bridgeTo(t, url, { flags });
  await ask("initialize", HELLO);
  const first = await ask("tools/call", { name: "sign_in" });
  assert.match(first.result.content[0].text, /WDJB-MJHT/);
  assert.notEqual(first.result.isError, true);
  const second = ask("tools/call", { name: "sign_in" });
  approve();
  assert.match((await second).result.content[0].text, /Signed in to 127\.0\.0\.1:\d+ as ada/);
});

test("MCP-S3 a login that comes to nothing is not waited for, and the next address comes with why the last one did not do", async (t) => {
  const { url, deny, flags, logins } = await protectedServer(t);
  const { ask } = bridgeTo(t, url, { flags });
  await ask("initialize", HELLO);
  await ask("tools/call", { name: "sign_in" });
  const waiting = ask("tools/call", { name: "sign_in" });
  deny();
  const came = (await waiting).result;
  assert.equal(came.isError, true);
  assert.match(
    came.content[0].text,
    /^Not signed in to \S+: the provider did not want it\.$/,
    "no address is shown that leads nowhere",
  );
  const next = (await ask("tools/call", { name: "read" })).result.content[0].text;
  assert.match(next, /The last login came to nothing: the provider did not want it\. Open \S+ and type WDJB-MJHT/);
  assert.equal(logins(), 2);
});

test("MCP-S4 an agent of 2025-11-25 that shows addresses gets -32042, and hears when it is done", async (t) => {
  const { url, approve, flags } = await protectedServer(t);
  const { ask, message } = bridgeTo(t, url, { flags });
  await ask("initialize", { ...HELLO, capabilities: { elicitation: { url: {} } } });
  const { error } = await ask("tools/call", { name: "read" });
  assert.equal(error.code, -32042);
  const [{ elicitationId, url: address, mode }] = error.data.elicitations;
  assert.deepEqual([mode, address], ["url", PROMPT.verification_uri_complete]);
  approve();
  const done = await message(({ method }) => method === "notifications/elicitation/complete");
  assert.equal(done.params.elicitationId, elicitationId);
});

test("MCP-S4 a modern agent that shows addresses gets input_required; its retry waits, and the call goes through without what is ours", async (t) => {
  const { url, approve, flags, seen } = await protectedServer(t);
  const { ask } = bridgeTo(t, url, { flags });
  const meta = modernMeta({ elicitation: { url: {} } });
  assert.deepEqual((await ask("server/discover", meta)).result.supportedVersions, ["2026-07-28"]);
  const { result } = await ask("tools/call", { name: "read", arguments: { a: 1 }, ...meta });
  assert.equal(result.resultType, "input_required");
  assert.equal(result.inputRequests.sign_in.params.url, PROMPT.verification_uri_complete);
  const back = { name: "read", arguments: { a: 1 }, requestState: result.requestState, ...meta };
  const declined = await ask("tools/call", { ...back, inputResponses: { sign_in: { action: "decline" } } });
  assert.match(declined.result.content[0].text, /declined/);
  const retry = ask("tools/call", { ...back, inputResponses: { sign_in: { action: "accept" } } });
  approve();
  assert.equal((await retry).result.content[0].text, "done");
  const last = seen.filter(({ path, body }) => path.startsWith("/mcp/") && body.method === "tools/call").at(-1);
  assert.deepEqual(Object.keys(last?.body.params ?? {}).sort(), ["_meta", "arguments", "name"]);
});

test("MCP-S4 a modern agent that shows none gets a complete result, and prompts an error with the code in its data", async (t) => {
  const { url, flags } = await protectedServer(t);
  const { ask } = bridgeTo(t, url, { flags });
  const { result } = await ask("tools/call", { name: "read", ...modernMeta() });
  assert.deepEqual([result.resultType, result.isError], ["complete", true]);
  const { error } = await ask("prompts/get", { name: "p", ...modernMeta() });
  assert.equal(error.code, -32603);
  assert.equal(error.data.coatcheck.sign_in.code, "WDJB-MJHT");
});

test("MCP-L5 several bridges that want a login at once have one, and all go on when it is approved", async (t) => {
  const { url, approve, flags, logins } = await protectedServer(t);
  const first = bridgeTo(t, url, { flags });
  const others = [1, 2].map(() => bridgeTo(t, url, { flags, state: first.state }));
  const all = [first, ...others];
  await Promise.all(all.map(({ ask }) => ask("tools/call", { name: "read", ...modernMeta() })));
  assert.ok(logins() <= all.length);
  approve();
  for (const { ask } of all) {
    assert.equal((await ask("tools/call", { name: "read", ...modernMeta() })).result.content[0].text, "done");
  }
});

test("MCP-B9 a subscription that is opened before the login is acknowledged, hears of it, and is opened at the server then", async (t) => {
  const { url, approve, flags, passed } = await protectedServer(t);
  const { ask, message, send } = bridgeTo(t, url, { flags });
  send({
    jsonrpc: "2.0",
    id: "l",
    method: "subscriptions/listen",
    params: { notifications: { toolsListChanged: true }, ...modernMeta() },
  });
  const told = await message(({ method }) => method === "notifications/subscriptions/acknowledged");
  assert.deepEqual(told.params.notifications, { toolsListChanged: true });
  await ask("tools/call", { name: "read", ...modernMeta() });
  approve();
  const changed = await message(({ method }) => method === "notifications/tools/list_changed");
  assert.equal(changed.params._meta["io.modelcontextprotocol/subscriptionId"], "l");
  await message(({ id }) => id === "l");
  assert.ok(passed().includes("subscriptions/listen"));
});

test("MCP-T5 a login that nothing renews: five minutes before its end it is said once, on stderr and to an agent that keeps a log", async (t) => {
  const headers: Record<string, string> = { "coatcheck-login-ends-in": "900" };
  const server = await protectedServer(t, { capabilities: { tools: {}, logging: {} }, headers });
  server.approve();
  const clock = new FakeClock();
  const first = bridgeTo(t, server.url, { flags: server.flags });
  const { state } = first;
  const call = () => first.ask("tools/call", { name: "read", ...modernMeta() });
  while ((await call()).result.isError);
  await first.bridge.end();
  const { ask, lines, said } = bridgeTo(t, server.url, { flags: server.flags, clock, state });
  await ask("initialize", HELLO);
  const done = () => ask("tools/call", { name: "read" });
  await done();
  const messages = () =>
    lines.map((line) => JSON.parse(line)).filter(({ method }) => method === "notifications/message");
  clock.advance(599_000);
  assert.deepEqual([said, messages()], [[], []]);
  headers["coatcheck-login-ends-in"] = "301";
  await done();
  clock.advance(1_000);
  const [text = ""] = said;
  assert.match(
    text,
    /^the login at 127\.0\.0\.1:\d+ ends in 5 minutes, and the server gave no refresh token: sign in again before then with coatcheck login http:/,
  );
  const params = { level: "warning", logger: "coatcheck", data: text };
  assert.deepEqual(messages(), [{ jsonrpc: "2.0", method: "notifications/message", params }]);
  headers["coatcheck-login-ends-in"] = "200";
  clock.advance(100_000);
  await done();
  clock.advance(300_000);
  assert.deepEqual([said.length, messages().length], [1, 1]);
  // Another login, which ends as well; the agent wants to hear of errors alone.
  headers["coatcheck-login-ends-in"] = "60";
  await ask("logging/setLevel", { level: "error" });
  assert.match(said[1] ?? "", /ends in 1 minute,/);
  assert.equal(messages().length, 1);
  // A modern agent hears it while it asks for something, and only where it says at which level.
  const modern = bridgeTo(t, server.url, { flags: server.flags, clock, state });
  const level = { "io.modelcontextprotocol/logLevel": "info" };
  await modern.ask("tools/call", { name: "read", ...modernMeta() });
  await modern.ask("tools/call", {
    name: "read",
    ...modernMeta({}, { ...level, "io.modelcontextprotocol/logLevel": "error" }),
  });
  assert.deepEqual([modern.said.length, modern.lines.length], [1, 2]);
  await modern.ask("tools/call", { name: "read", ...modernMeta({}, level) });
  assert.equal(JSON.parse(modern.lines[2] ?? "").params.data, modern.said[0]);
});

test("MCP-S3 an agent of 2025 that cannot ask its person, or whose person declines, is answered at once", async (t) => {
  const { url, flags } = await protectedServer(t);
  const answers = [
    [{ error: { code: -32603, message: "no browser" } }, /WDJB-MJHT/],
    [{ result: { action: "decline" } }, /declined/],
    [{ result: { action: "cancel" } }, /declined/],
  ] as const;
  for (const [said, expected] of answers) {
    const { ask, send, message } = bridgeTo(t, url, { flags });
    await ask("initialize", { ...HELLO, capabilities: { elicitation: { url: {} } } });
    const call = ask("tools/call", { name: "sign_in" });
    const { id } = await message(({ method }) => method === "elicitation/create");
    send({ jsonrpc: "2.0", id, ...said });
    assert.match((await call).result.content[0].text, expected);
  }
});

test("MCP-S4 a server that refuses the login which was just approved is not said to take it when the tool is called again", async (t) => {
  const { url, approve, flags, state: server } = await protectedServer(t);
  approve();
  const { ask } = bridgeTo(t, url, { flags });
  const call = async () => (await ask("tools/call", { name: "read", ...modernMeta() })).result.content[0].text;
  while ((await call()) !== "done");
  server.isRefused = true;
  assert.match(await call(), /the server does not take the login that was just approved/);
});
