import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { type Agent, agentOf, type CallerRequest, signInTool, standInAnswer } from "../../src/mcp/sign-in-answers.ts";
import {
  addressProblem,
  elicitation,
  elicitationComplete,
  LISTS_CHANGED,
  notSignedIn,
  type PendingLogin,
  sayInText,
  signedInAnswer,
  signInAnswer,
  signInRetry,
  signInToolAnswer,
  stillWaiting,
} from "../../src/mcp/sign-in-calls.ts";

const NOW = Date.UTC(2026, 10, 30);
const standIn = { server: "mcp.example.com", version: "1.2.3" };
const login: PendingLogin = {
  id: "login-1",
  address: "https://auth.example.com/device",
  addressWithCode: "https://auth.example.com/device?user_code=WDJB-MJHT",
  code: "WDJB-MJHT",
  expiresAt: NOW + 60_000,
};
const mac = (text: string) => createHmac("sha256", "key").update(text).digest("base64url");
const same = (a: string, b: string) => a === b;
const serverInfo = { "io.modelcontextprotocol/serverInfo": { name: "coatcheck", version: "1.2.3" } };

const ask = (method: string, params = {}): CallerRequest => ({ id: 7, method, params });
const call = ask("tools/call", { name: "read" });
const legacy: Agent = { era: "legacy", version: "2025-11-25", asksByUrl: false };
const legacyByUrl: Agent = { ...legacy, asksByUrl: true };
const modern: Agent = { era: "modern", asksByUrl: false };
const modernByUrl: Agent = { era: "modern", asksByUrl: true };
const TEXT =
  "Not signed in to mcp.example.com. Open https://auth.example.com/device and type WDJB-MJHT, then call this tool again.";

test("MCP-S1 who asks is known by a request's own metadata, else by the handshake before it", () => {
  const meta = (capabilities: object) => ({
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": capabilities,
    },
  });
  const shake = (protocolVersion: string, capabilities: object) => ({ protocolVersion, capabilities });
  const byUrl = { elicitation: { url: {} } };
  const table = [
    [ask("tools/call", meta(byUrl)), undefined, modernByUrl],
    [ask("tools/call", meta({ elicitation: {} })), undefined, modern],
    [ask("tools/call", meta({ elicitation: { form: {} } })), shake("2025-11-25", byUrl), modern],
    [ask("initialize", shake("2025-11-25", byUrl)), undefined, legacyByUrl],
    [call, shake("2025-11-25", byUrl), legacyByUrl],
    [call, shake("2025-06-18", byUrl), { ...legacy, version: "2025-06-18" }],
    [call, shake("2025-11-25", { elicitation: {} }), legacy],
    [call, undefined, { era: "legacy", asksByUrl: false }],
  ] as const;
  for (const [request, handshake, expected] of table) assert.deepEqual(agentOf(request, handshake), expected);
});

test("MCP-S1 initialize and server/discover are answered for the server, each as its era has it", () => {
  const capabilities = {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { listChanged: true },
  };
  const instructions =
    "Nobody has signed in to mcp.example.com yet: a person must do so before its tools can be used. Call the tool sign_in, and show the person the address and the code that it returns.";
  assert.deepEqual(standInAnswer(ask("initialize"), { ...legacy, version: "2025-03-26" }, standIn), {
    result: {
      protocolVersion: "2025-03-26",
      capabilities,
      serverInfo: { name: "coatcheck", title: "mcp.example.com", version: "1.2.3" },
      instructions,
    },
  });
  assert.deepEqual(standInAnswer(ask("server/discover"), modern, standIn), {
    result: {
      resultType: "complete",
      supportedVersions: ["2026-07-28"],
      capabilities,
      instructions,
      ttlMs: 0,
      cacheScope: "private",
      _meta: serverInfo,
    },
  });
});

test("MCP-S1 a version that nobody knows is answered with the last; remembered capabilities stay, and tools may change", () => {
  const remembered = { capabilities: { tools: {}, logging: {} }, instructions: "Be kind." };
  for (const agent of [{ ...legacy, version: "1999-01-01" }, { era: "legacy", asksByUrl: false } as const]) {
    const outcome = standInAnswer(ask("initialize"), agent, { ...standIn, remembered });
    assert.ok(outcome && "result" in outcome);
    assert.equal(outcome.result.protocolVersion, "2025-11-25");
    assert.deepEqual(outcome.result.capabilities, { tools: { listChanged: true }, logging: {} });
    assert.match(String(outcome.result.instructions), /the tool sign_in, .*\n\nBe kind\.$/s);
  }
});

test("MCP-S2 the tools are those remembered and sign_in, which gives way to one of that name; other lists are empty", () => {
  const names = (tools: readonly string[]) => {
    const remembered = { tools: tools.map((name) => ({ name })) };
    const outcome = standInAnswer(ask("tools/list"), legacy, { ...standIn, remembered });
    assert.ok(outcome && "result" in outcome);
    return (outcome.result.tools as { name: string }[]).map(({ name }) => name);
  };
  assert.deepEqual(names(["read"]), ["read", "sign_in"]);
  assert.deepEqual(names(["sign_in"]), ["sign_in", "coatcheck_sign_in"]);
  assert.equal(signInTool({}), "sign_in");
  assert.deepEqual(standInAnswer(ask("prompts/list"), legacy, standIn), { result: { prompts: [] } });
  assert.deepEqual(standInAnswer(ask("resources/list"), modern, standIn), {
    result: { resultType: "complete", resources: [], ttlMs: 0, cacheScope: "private", _meta: serverInfo },
  });
  assert.deepEqual(standInAnswer(ask("resources/templates/list"), legacy, standIn), {
    result: { resourceTemplates: [] },
  });
  assert.deepEqual(standInAnswer(ask("ping"), legacy, standIn), { result: {} });
  for (const method of ["tools/call", "prompts/get", "resources/read", "completion/complete"]) {
    assert.equal(standInAnswer(ask(method), legacy, standIn), undefined);
  }
});

test("MCP-S4 a call that needs a person is answered by what the agent said of itself", () => {
  const signIn = { url: login.addressWithCode, code: "WDJB-MJHT", expires_at: "2026-11-30T00:01:00.000Z" };
  const error = { code: -32603, message: TEXT, data: { coatcheck: { reason: "sign_in_required", sign_in: signIn } } };
  const content = [{ type: "text", text: TEXT }];
  const message = "Sign in to mcp.example.com. Code: WDJB-MJHT";
  const elicited = { mode: "url", elicitationId: "login-1", url: login.addressWithCode, message };
  const data = { elicitations: [elicited] };
  const table = [
    [call, legacyByUrl, { error: { code: -32042, message: "Sign in to mcp.example.com first.", data } }],
    [call, legacy, { result: { content, isError: true } }],
    [ask("prompts/get"), legacy, { error }],
    [ask("completion/complete"), legacyByUrl, { error }],
    [call, modern, { result: { resultType: "complete", content, isError: true, _meta: serverInfo } }],
    [ask("resources/read"), modern, { error }],
  ] as const;
  for (const [request, agent, expected] of table) {
    assert.deepEqual(signInAnswer(request, agent, standIn, { login }, mac), expected);
  }
  assert.deepEqual(elicitation(standIn, { login }, login), elicited);
  assert.deepEqual(elicitationComplete(login).params, { elicitationId: "login-1" });
});

test("MCP-S4 a modern agent that shows addresses is asked for input, and its retry is known again", () => {
  const outcome = signInAnswer(call, modernByUrl, standIn, { login }, mac);
  assert.ok("result" in outcome);
  const { requestState, ...rest } = outcome.result;
  const message = "Sign in to mcp.example.com. Code: WDJB-MJHT";
  const params = { mode: "url", url: login.addressWithCode, message };
  assert.deepEqual(rest, {
    resultType: "input_required",
    inputRequests: { sign_in: { method: "elicitation/create", params } },
    _meta: serverInfo,
  });
  const again = (method: string, name: string, state: unknown, action = "accept") =>
    ask(method, { name, requestState: state, inputResponses: { sign_in: { action } }, arguments: { a: 1 } });
  const retry = signInRetry(again("tools/call", "read", requestState), NOW, mac, same);
  assert.deepEqual(retry, {
    login: "login-1",
    isOver: false,
    action: "accept",
    request: ask("tools/call", { name: "read", arguments: { a: 1 } }),
  });
  assert.equal(signInRetry(again("tools/call", "read", requestState, "cancel"), NOW, mac, same)?.action, "cancel");
  assert.equal(signInRetry(again("tools/call", "read", requestState), NOW + 60_000, mac, same)?.isOver, true);
  const others = [
    again("tools/call", "write", requestState),
    again("prompts/get", "read", requestState),
    again("tools/call", "read", String(requestState).replace("login-1", "login-2")),
    again("tools/call", "read", "a state of the server's own"),
    call,
  ];
  for (const other of others) assert.equal(signInRetry(other, NOW, mac, same), undefined);
});

test("MCP-S4 a step-up says for what, and a login that could not begin says why", () => {
  const more = signInAnswer(call, legacy, standIn, { login, scopes: ["files:write"] }, mac);
  assert.match(JSON.stringify(more), /mcp\.example\.com wants more access for this: files:write\. Open https/);
  const asked = elicitation(standIn, { scopes: ["files:write"] }, login);
  assert.equal(asked.message, "Sign in to mcp.example.com again, to allow files:write. Code: WDJB-MJHT");
  for (const agent of [legacy, legacyByUrl, modern, modernByUrl]) {
    const none = signInAnswer(call, agent, standIn, { problem: "its authorization server cannot be reached" }, mac);
    const text = "Not signed in to mcp.example.com: its authorization server cannot be reached.";
    assert.ok("result" in none);
    assert.deepEqual(none.result.content, [{ type: "text", text }]);
  }
});

test("MCP-S3 sign_in tells where, then that it waits, and who has signed in", () => {
  const begun = signInToolAnswer(legacy, standIn, { login });
  const text =
    "Open https://auth.example.com/device and type WDJB-MJHT, then call this tool again: it waits until that is done.";
  assert.deepEqual(begun, { result: { content: [{ type: "text", text }] } });
  const withoutCode = { ...login, code: undefined, addressWithCode: undefined, address: "https://auth.example.com/a" };
  const { code: _, addressWithCode: _with, ...plain } = withoutCode;
  assert.match(
    JSON.stringify(signInToolAnswer(modern, standIn, { login: plain })),
    /Open https:\/\/auth.example.com\/a, then/,
  );
  assert.deepEqual(signedInAnswer(legacy, standIn, "kim"), {
    result: { content: [{ type: "text", text: "Signed in to mcp.example.com as kim. Its tools can be used now." }] },
  });
  assert.match(stillWaiting(standIn, { login }), /^Still not signed in to mcp\.example\.com\. Open .* type WDJB-MJHT/);
  assert.ok("result" in sayInText(call, modern, standIn, notSignedIn(standIn)));
  assert.match(
    JSON.stringify(sayInText(ask("prompts/get"), modern, standIn, notSignedIn(standIn))),
    /-32603.*declined/,
  );
  assert.deepEqual(
    LISTS_CHANGED.map((method) => method.split("/")[1]),
    ["tools", "prompts", "resources"],
  );
});

test("ST-37 a method that is called like a member of every object is one like any other", () => {
  for (const method of ["constructor", "toString", "__proto__"]) {
    assert.equal(standInAnswer(ask(method), legacy, standIn), undefined, method);
  }
});

test("MCP-S5 a person is sent to https alone, or by http to this machine", () => {
  const at = (address: string, addressWithCode = address) =>
    addressProblem({ id: "login-1", address, addressWithCode, expiresAt: NOW });
  const fit = [
    "https://auth.example.com/device",
    "http://127.0.0.1:8200/device",
    "http://[::1]/",
    "http://localhost:1/",
  ];
  for (const address of fit) assert.equal(at(address), undefined, address);
  const unfit = ["http://auth.example.com/", "http://localhost.example.com/", "http://127.0.0.1.example.com/"];
  for (const address of [...unfit, "javascript:alert(1)", "file:///etc/passwd", ""]) {
    assert.match(at(address) ?? "", /is not https/, address);
    assert.match(at("https://auth.example.com/device", address) ?? "", /is not https/, address);
  }
});
