import assert from "node:assert/strict";
import { test } from "node:test";
import { eventOf, type Script, scriptedServer, withNotifications } from "../../servers/mcp/scripted.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { bridgeTo, HELLO, modernMeta } from "./in-process.ts";

const VERSION = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";

/** Knows nothing of 2026-07-28: no session, no answer. */
const legacyOnly = (script: Script): Script =>
  withNotifications((seen) => {
    const { method, headers, body } = seen;
    if (method !== "POST") return { status: 405 };
    if (body.method === "initialize") {
      const capabilities = { tools: {}, resources: { subscribe: true } };
      return {
        headers: { "mcp-session-id": "s" },
        result: { ...HELLO, capabilities, serverInfo: { name: "old", version: "1" } },
      };
    }
    if (headers["mcp-session-id"] !== "s") {
      return { status: 400, json: { jsonrpc: "2.0", id: null, error: { code: -32000, message: "not initialized" } } };
    }
    return script(seen);
  });

/** Knows nothing of `initialize`. */
const modernOnly =
  (script: Script): Script =>
  (seen) => {
    const { method, body } = seen;
    if (method !== "POST") return { status: 405 };
    if (String(body.params?._meta?.[VERSION]) !== "2026-07-28") {
      return { status: 400, json: { jsonrpc: "2.0", id: body.id, error: { code: -32020, message: "headers" } } };
    }
    if (body.method !== "server/discover") return script(seen);
    const capabilities = { tools: { listChanged: true } };
    const _meta = { "io.modelcontextprotocol/serverInfo": { name: "new", version: "2" } };
    return {
      result: {
        resultType: "complete",
        supportedVersions: ["2026-07-28"],
        capabilities,
        instructions: "hi",
        ttlMs: 0,
        cacheScope: "private",
        _meta,
      },
    };
  };

test("MCP-B11 a modern agent at a legacy server: server/discover is refused, so that an agent of both eras falls back", async (t) => {
  const { url, calls } = await scriptedServer(
    t,
    legacyOnly(() => ({ result: { tools: [] } })),
  );
  const first = bridgeTo(t, url);
  assert.ok((await first.ask("server/discover", modernMeta())).error);
  assert.deepEqual((await first.ask("initialize", HELLO)).result.serverInfo, { name: "old", version: "1" });
  assert.deepEqual((await first.ask("tools/list")).result, { tools: [] });
  await first.bridge.end();
  // It is remembered: the next one does not ask.
  const before = calls().length;
  const next = bridgeTo(t, url, { state: first.state });
  assert.equal((await next.ask("server/discover", modernMeta())).error.code, -32601);
  assert.equal(calls().length, before);
});

test("MCP-B11 an agent that stays modern at a legacy server: initialize is made for it, requests and results are translated", async (t) => {
  const { url, seen } = await scriptedServer(
    t,
    legacyOnly(({ body }) => {
      if (body.method === "resources/read") return { error: { code: -32002, message: "no such" } };
      return { result: body.method === "tools/list" ? { tools: [{ name: "a", inputSchema: {} }] } : {} };
    }),
  );
  const { ask } = bridgeTo(t, url);
  assert.ok((await ask("server/discover", modernMeta())).error);
  const { result } = await ask("tools/list", modernMeta({ roots: {} }, { traceparent: "00-1" }));
  assert.deepEqual(
    [result.resultType, result.ttlMs, result.cacheScope, result.tools.length],
    ["complete", 0, "private", 1],
  );
  assert.deepEqual(result._meta["io.modelcontextprotocol/serverInfo"], { name: "old", version: "1" });
  const sent = seen.map(({ body }) => body);
  const params = sent.find(({ method }) => method === "initialize")?.params;
  assert.ok(params);
  assert.deepEqual(
    [params.protocolVersion, params.capabilities, params.clientInfo?.name],
    ["2025-11-25", { roots: {} }, "test"],
  );
  assert.deepEqual(sent.filter(({ method }) => method === "tools/list").at(-1)?.params, {
    _meta: { traceparent: "00-1" },
  });
  assert.deepEqual((await ask("server/discover", modernMeta())).result.supportedVersions, ["2026-07-28"]);
  assert.equal((await ask("resources/read", { uri: "x:y", ...modernMeta() })).error.code, -32602);
});

test("MCP-B11 a legacy server's question becomes input_required, and the retry goes on with the call that is open", async (t) => {
  let stream: import("node:http").ServerResponse | undefined;
  const { url } = await scriptedServer(
    t,
    legacyOnly(({ body, response }) => {
      if (body.method === undefined) {
        const content = [{ type: "text", text: body.result.content?.name }];
        stream?.end(eventOf({ jsonrpc: "2.0", id: call, result: { content } }));
        return { status: 202 };
      }
      if (body.method !== "tools/call") return { result: {} };
      call = body.id;
      stream = response;
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(
        eventOf({
          jsonrpc: "2.0",
          id: 77,
          method: "elicitation/create",
          params: { message: "Name?", requestedSchema: {} },
        }),
      );
      return undefined;
    }),
  );
  let call: unknown;
  const { ask } = bridgeTo(t, url);
  await ask("server/discover", modernMeta());
  const meta = modernMeta({ elicitation: { form: {} } });
  const { result } = await ask("tools/call", { name: "a", ...meta });
  assert.equal(result.resultType, "input_required");
  const { question } = result.inputRequests;
  assert.deepEqual(question.params, { mode: "form", message: "Name?", requestedSchema: {} });
  const inputResponses = { question: { action: "accept", content: { name: "Ada" } } };
  const done = await ask("tools/call", { name: "a", requestState: result.requestState, inputResponses, ...meta });
  assert.deepEqual(done.result.content, [{ type: "text", text: "Ada" }]);
  assert.equal(done.result.resultType, "complete");
});

test("MCP-B11 a legacy agent at a modern server: initialize comes of server/discover, every request says who asks", async (t) => {
  const { url, seen } = await scriptedServer(
    t,
    modernOnly(() => ({ result: { resultType: "complete", tools: [], ttlMs: 5, cacheScope: "public" } })),
  );
  const { ask } = bridgeTo(t, url);
  const { result } = await ask("initialize", {
    ...HELLO,
    protocolVersion: "2025-06-18",
    capabilities: { elicitation: {} },
  });
  assert.deepEqual(result, {
    protocolVersion: "2025-06-18",
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: "new", version: "2" },
    instructions: "hi",
  });
  assert.deepEqual((await ask("ping")).result, {});
  assert.deepEqual((await ask("logging/setLevel", { level: "debug" })).result, {});
  assert.deepEqual((await ask("tools/list")).result, { tools: [] });
  const { _meta } = seen.at(-1)?.body.params ?? {};
  assert.deepEqual(_meta?.[CAPABILITIES], { elicitation: { form: {} } });
  assert.equal(_meta?.["io.modelcontextprotocol/logLevel"], "debug");
  assert.equal(seen.at(-1)?.headers["mcp-method"], "tools/list");
});

test("MCP-B11 what a modern server asks is asked of a legacy agent, and the call is sent again: same state, new id", async (t) => {
  const { url, seen } = await scriptedServer(
    t,
    modernOnly(({ body }) => {
      const { inputResponses } = body.params;
      if (inputResponses) return { result: { resultType: "complete", content: [inputResponses.q?.content] } };
      const inputRequests = {
        q: { method: "elicitation/create", params: { mode: "form", message: "Name?", requestedSchema: {} } },
      };
      return { result: { resultType: "input_required", requestState: "opaque", inputRequests } };
    }),
  );
  const { ask, message, send } = bridgeTo(t, url);
  await ask("initialize", { ...HELLO, capabilities: { elicitation: {} } });
  const answer = ask("tools/call", { name: "a", arguments: { x: 1 } });
  const question = await message(({ method }) => method === "elicitation/create");
  send({ jsonrpc: "2.0", id: question.id, result: { action: "accept", content: { name: "Ada" } } });
  assert.deepEqual((await answer).result, { content: [{ name: "Ada" }] });
  const [first, second] = seen.filter(({ body }) => body.method === "tools/call").map(({ body }) => body);
  assert.ok(first && second);
  assert.notEqual(first.id, second.id);
  assert.deepEqual([second.params.requestState, second.params.arguments], ["opaque", { x: 1 }]);
});

test("MCP-B11 a legacy agent hears of changes at a modern server by a subscription of ours", async (t) => {
  const { url } = await scriptedServer(
    t,
    modernOnly(({ body, response }) => {
      if (body.method !== "subscriptions/listen") return { result: { resultType: "complete" } };
      const _meta = { "io.modelcontextprotocol/subscriptionId": body.id };
      response.writeHead(200, { "content-type": "text/event-stream" });
      const { notifications } = body.params;
      response.write(
        eventOf({
          jsonrpc: "2.0",
          method: "notifications/subscriptions/acknowledged",
          params: { _meta, notifications },
        }),
      );
      response.write(eventOf({ jsonrpc: "2.0", method: "notifications/tools/list_changed", params: { _meta } }));
      return undefined;
    }),
  );
  const { ask, send, message, lines } = bridgeTo(t, url);
  await ask("initialize", HELLO);
  send({ jsonrpc: "2.0", method: "notifications/initialized" });
  const told = await message(({ method }) => method === "notifications/tools/list_changed");
  assert.deepEqual(told, { jsonrpc: "2.0", method: "notifications/tools/list_changed" });
  assert.ok(lines.every((line) => !line.includes("acknowledged")));
});

test("MCP-B9 a subscription whose stream breaks is opened again, with its id and filter; the agent sees one acknowledgement", async (t) => {
  let opened = 0;
  const { url, seen } = await scriptedServer(t, ({ body }) => {
    const _meta = { "io.modelcontextprotocol/subscriptionId": body.id };
    opened += 1;
    const first = {
      jsonrpc: "2.0",
      method: "notifications/subscriptions/acknowledged",
      params: { _meta, notifications: {} },
    };
    const change = { jsonrpc: "2.0", method: "notifications/tools/list_changed", params: { _meta } };
    return {
      events:
        opened === 1 ? [first] : [first, change, { jsonrpc: "2.0", id: body.id, result: { resultType: "complete" } }],
    };
  });
  const { ask, lines } = bridgeTo(t, url);
  await ask("subscriptions/listen", { notifications: { toolsListChanged: true }, ...modernMeta() }, "sub");
  const methods = lines.map((line) => JSON.parse(line).method ?? "answer");
  assert.deepEqual(methods, ["notifications/subscriptions/acknowledged", "notifications/tools/list_changed", "answer"]);
  assert.deepEqual(seen[0]?.body, seen[1]?.body);
});

test("MCP-B8 a tool that was not listed here is looked up first; -32020 reads the list again and sends once more", async (t) => {
  let header = "Region";
  const { url, calls, seen } = await scriptedServer(t, ({ body, headers }) => {
    const inputSchema = { type: "object", properties: { region: { type: "string", "x-mcp-header": header } } };
    if (body.method === "tools/list")
      return {
        result: {
          tools: [
            { name: "a", inputSchema },
            { name: "bad", inputSchema: { "x-mcp-header": "X" } },
          ],
        },
      };
    const isThere = headers[`mcp-param-${header.toLowerCase()}`] === "eu";
    return isThere ? { result: {} } : { status: 400, error: { code: -32020, message: "headers" } };
  });
  const { ask, said } = bridgeTo(t, url);
  const call = () => ask("tools/call", { name: "a", arguments: { region: "eu" }, ...modernMeta() });
  assert.deepEqual((await call()).result, {});
  assert.deepEqual(calls(), ["tools/list", "tools/call"]);
  header = "Place";
  assert.deepEqual((await call()).result, {});
  assert.deepEqual(calls(), ["tools/list", "tools/call", "tools/call", "tools/list", "tools/call"]);
  assert.equal(seen.at(-1)?.headers["mcp-param-place"], "eu");
  const { result } = await ask("tools/list", modernMeta());
  assert.deepEqual(
    result.tools.map(({ name }: { name: string }) => name),
    ["a"],
  );
  assert.match(said.join("\n"), /the tool "bad" is left out/);
});

test("MCP-B12 a silent server is answered for within 3 s, with what is remembered; what it says later counts", async (t) => {
  let release: (() => void) | undefined;
  let isSilent = false;
  const { url } = await scriptedServer(t, async ({ body }) => {
    if (isSilent) await new Promise<void>((resolve) => (release = resolve));
    if (body.id === undefined) return { status: 202 };
    return {
      result: body.method === "initialize" ? { ...HELLO, serverInfo: { name: "slow" } } : { tools: [{ name: "a" }] },
    };
  });
  const first = bridgeTo(t, url);
  await first.ask("initialize", HELLO);
  await first.ask("tools/list");
  await first.bridge.end();
  isSilent = true;
  const clock = new FakeClock();
  const next = bridgeTo(t, url, { state: first.state, clock });
  const hello = next.ask("initialize", HELLO);
  clock.advance(2_999);
  assert.deepEqual(next.lines, []);
  clock.advance(1);
  assert.deepEqual((await hello).result.serverInfo, { name: "slow" });
  const list = next.ask("tools/list");
  clock.advance(3_000);
  assert.deepEqual((await list).result, { tools: [{ name: "a" }] });
  isSilent = false;
  release?.();
  await next.message(({ method }) => method === "notifications/tools/list_changed");
});

test("MCP-B12 a server that is not there, of which nothing is known: the agent starts all the same, and reads why", async (t) => {
  const { ask } = bridgeTo(t, "http://127.0.0.1:1/mcp");
  const { result } = await ask("initialize", HELLO);
  assert.match(result.instructions, /127\.0\.0\.1:1 cannot be reached/);
  assert.deepEqual((await ask("tools/list")).result, { tools: [] });
  assert.equal((await ask("tools/call", { name: "a" })).error.data.coatcheck.reason, "server_unreachable");
});
