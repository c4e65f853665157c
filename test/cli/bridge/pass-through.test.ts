import assert from "node:assert/strict";
import { test } from "node:test";
import { eventOf, type Seen, scriptedServer, withNotifications } from "../../servers/mcp/scripted.ts";
import { eventually } from "../../support/eventually.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { bridgeTo, HELLO, modernMeta } from "./in-process.ts";

test("MCP-B1 messages pass unchanged both ways: numbers, unknown methods and members, the text of a line", async (t) => {
  const text =
    '{"jsonrpc":"2.0","id":1,"method":"x/unknown","params":{"n":12345678901234567890,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","own/key":1.0}},"extra":[]}';
  const answer = '{"jsonrpc":"2.0",\n "id":1,\n "result":{"n":98765432109876543210}}';
  let raw = "";
  const { url, server } = await scriptedServer(t, () => ({ text: answer }));
  server.prependListener("request", (request) => request.on("data", (part: Buffer) => (raw += part)));
  const { send, message, lines } = bridgeTo(t, url);
  send(text);
  await message(({ id }) => id === 1);
  assert.equal(raw, text);
  assert.deepEqual(lines, ['{"jsonrpc":"2.0",  "id":1,  "result":{"n":98765432109876543210}}']);
});

test("MCP-B1 the same era on both sides: nothing is probed first and nothing added; both types are accepted", async (t) => {
  const { url, seen, calls } = await scriptedServer(t, () => ({ result: { tools: [] } }));
  const { ask } = bridgeTo(t, url);
  await ask("tools/list", modernMeta());
  assert.deepEqual(calls(), ["tools/list"]);
  const { accept, "mcp-protocol-version": version, "mcp-method": method } = seen[0]?.headers ?? {};
  assert.deepEqual([accept, version, method], ["application/json, text/event-stream", "2026-07-28", "tools/list"]);
});

test("MCP-B1 an event stream: what comes before the answer is passed on as it comes, in its order", async (t) => {
  const progress = { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 1, progress: 1 } };
  const script = ({ body }: Pick<Seen, "body">) => ({
    events: [": comment\n\n", progress, "event: other\ndata: {}\n\n", { jsonrpc: "2.0", id: body.id, result: {} }],
  });
  const { url } = await scriptedServer(t, script);
  const { ask, lines } = bridgeTo(t, url);
  await ask("tools/call", { name: "a", ...modernMeta() });
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).method ?? "answer"),
    ["notifications/progress", "answer"],
  );
});

test("MCP-B1 an HTTP error with a JSON-RPC body keeps the id of its request; one without names status and server", async (t) => {
  const errors = [
    { status: 500, json: { jsonrpc: "2.0", id: null, error: { code: -32000, message: "boom" } } },
    { status: 503, text: "<html>" },
  ];
  const { url } = await scriptedServer(t, () => errors.shift());
  const { ask } = bridgeTo(t, url);
  assert.deepEqual((await ask("tools/call", modernMeta())).error, { code: -32000, message: "boom" });
  const { error } = await ask("tools/call", modernMeta());
  assert.equal(error.code, -32603);
  assert.match(error.message, /^127\.0\.0\.1:\d+ answered with HTTP status 503/);
  assert.equal(error.data.coatcheck.reason, "http_error");
});

test("MCP-B2 what is no message is answered with an error and told on stderr", (t) => {
  const { send, lines, said } = bridgeTo(t, "http://127.0.0.1:1/mcp");
  send("hello");
  assert.equal(JSON.parse(lines[0] ?? "").error.code, -32700);
  assert.deepEqual(said, ["the line is no message of JSON-RPC"]);
});

test("MCP-B5 a server that is not there, and one that goes away in the middle, are errors; the next call works", async (t) => {
  let isGone = true;
  const { url } = await scriptedServer(t, ({ response, body }) => {
    if (!isGone) return { result: {} };
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(eventOf({ jsonrpc: "2.0", method: "notifications/progress", params: {} }));
    setImmediate(() => response.destroy());
    assert.ok(body);
    return undefined;
  });
  const { ask } = bridgeTo(t, url);
  const { error } = await ask("tools/call", { ...modernMeta() });
  assert.equal(error.data.coatcheck.reason, "stream_broken");
  isGone = false;
  assert.deepEqual((await ask("tools/call", modernMeta())).result, {});
  const nobody = bridgeTo(t, "http://127.0.0.1:1/mcp");
  assert.equal((await nobody.ask("tools/call", modernMeta())).error.data.coatcheck.reason, "server_unreachable");
});

test("MCP-B6 --header goes to the server; what the protocol sets cannot be given, and the error shows no value", async (t) => {
  const { url, seen } = await scriptedServer(t, () => ({ result: {} }));
  const { ask } = bridgeTo(t, url, { flags: { "--header": ["X-Tenant: acme"] } });
  await ask("tools/call", modernMeta());
  assert.equal(seen[0]?.headers["x-tenant"], "acme");
  for (const header of ["Authorization: Bearer s3cret", "Mcp-Name: s3cret", "no colon s3cret", "A: s3cret\n"]) {
    assert.throws(
      () => bridgeTo(t, url, { flags: { "--header": [header] } }),
      (error: Error) => {
        assert.doesNotMatch(error.message, /s3cret/);
        return /--header/.test(error.message);
      },
    );
  }
});

test("MCP-B6 a tool that is not allowed is neither listed nor called", async (t) => {
  const tools = ["get_a", "get_b", "drop"].map((name) => ({ name, inputSchema: {} }));
  const { url, calls } = await scriptedServer(t, ({ body }) => ({
    result: body.method === "tools/list" ? { tools } : {},
  }));
  const { ask } = bridgeTo(t, url, { flags: { "--allow-tools": ["get_*,x"], "--deny-tools": ["get_b"] } });
  const { result } = await ask("tools/list", modernMeta());
  assert.deepEqual(
    result.tools.map(({ name }: { name: string }) => name),
    ["get_a"],
  );
  for (const name of ["get_b", "drop"]) {
    assert.equal((await ask("tools/call", { name, ...modernMeta() })).error.code, -32602);
  }
  assert.deepEqual((await ask("tools/call", { name: "get_a", ...modernMeta() })).result, {});
  assert.deepEqual(calls(), ["tools/list", "tools/call"]);
});

test("MCP-B9 a cancelled request closes its exchange, is not told to a modern server, and has no answer", async (t) => {
  const closed = Promise.withResolvers<void>();
  const { url, calls } = await scriptedServer(t, ({ body, response }) => {
    if (String(body.params.name) !== "slow") return { result: {} };
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": open\n\n");
    response.on("close", closed.resolve);
    return undefined;
  });
  const { ask, send, lines } = bridgeTo(t, url);
  void ask("tools/call", { name: "slow", ...modernMeta() }, "slow");
  await ask("tools/call", { name: "fast", ...modernMeta() });
  send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "slow" } });
  await closed.promise;
  await ask("tools/call", { name: "fast", ...modernMeta() });
  assert.deepEqual(
    calls().filter((method) => method !== "tools/list"),
    ["tools/call", "tools/call", "tools/call"],
  );
  assert.ok(lines.every((line) => JSON.parse(line).id !== "slow"));
});

test("MCP-B10 a legacy session: id and version on every request, the stream of the server, cancellation and leave posted", async (t) => {
  const listening = Promise.withResolvers<void>();
  const script = withNotifications(({ method, body, response }) => {
    if (method === "DELETE") return { status: 200 };
    if (body?.method === "initialize") {
      return {
        headers: { "mcp-session-id": "s-1" },
        result: { ...HELLO, protocolVersion: "2025-06-18", serverInfo: {} },
      };
    }
    if (method !== "GET") return { result: {} };
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(eventOf({ jsonrpc: "2.0", id: 99, method: "roots/list" }));
    listening.resolve();
    return undefined;
  });
  const { url, seen } = await scriptedServer(t, script);
  const { ask, send, message, bridge } = bridgeTo(t, url);
  await ask("initialize", HELLO);
  send({ jsonrpc: "2.0", method: "notifications/initialized" });
  await ask("ping");
  await listening.promise;
  await message(({ method }) => method === "roots/list");
  send({ jsonrpc: "2.0", id: 99, result: { roots: [] } });
  send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 5 } });
  await ask("ping");
  await bridge.end();
  assert.deepEqual(seen.map(({ method, body }) => `${method} ${body?.method ?? body?.id ?? ""}`.trim()).sort(), [
    "DELETE",
    "GET",
    "POST 99",
    "POST initialize",
    "POST notifications/cancelled",
    "POST notifications/initialized",
    "POST ping",
    "POST ping",
  ]);
  for (const { headers, body } of seen.filter((one) => one.body?.method !== "initialize")) {
    assert.deepEqual([headers["mcp-session-id"], headers["mcp-protocol-version"]], ["s-1", "2025-06-18"], body?.method);
  }
});

test("MCP-B10 a session that the server has forgotten is begun again with the agent's words, and the call sent once more", async (t) => {
  let session = 0;
  const script = withNotifications(({ method, headers, body }) => {
    if (method !== "POST") return { status: 405 };
    if (body.method === "initialize") {
      session += 1;
      return { headers: { "mcp-session-id": `s-${session}` }, result: HELLO };
    }
    return headers["mcp-session-id"] === "s-1" && body.method === "tools/call"
      ? { status: 404 }
      : { result: { session } };
  });
  const { url, seen } = await scriptedServer(t, script);
  const { ask, send, lines } = bridgeTo(t, url);
  await ask("initialize", { ...HELLO, clientInfo: { name: "special", version: "1" } });
  send({ jsonrpc: "2.0", method: "notifications/initialized" });
  assert.deepEqual((await ask("tools/call", { name: "a" })).result, { session: 2 });
  const starts = seen.filter(({ body }) => body?.method === "initialize");
  assert.deepEqual(
    starts.map(({ body }) => body.params.clientInfo?.name),
    ["special", "special"],
  );
  assert.equal(seen.filter(({ body }) => body?.method === "notifications/initialized").length, 2);
  assert.equal(lines.length, 2, "the agent sees nothing of it");
});

test("MCP-B10 a stream that ends before its answer is resumed where it was, after the time it said", async (t) => {
  const script = withNotifications(({ method, headers, body }) => {
    if (body?.method === "initialize") return { result: HELLO };
    if (method === "POST") return { events: ["id: e-1\nretry: 30\ndata:\n\n"] };
    if (headers["last-event-id"] !== "e-1") return { status: 405 };
    return { events: [{ jsonrpc: "2.0", id: 2, result: { ok: true } }] };
  });
  const { url } = await scriptedServer(t, script);
  const { ask } = bridgeTo(t, url);
  await ask("initialize", HELLO, 1);
  assert.deepEqual((await ask("tools/call", { name: "a" }, 2)).result, { ok: true });
});

test("MCP-B10 a server of 2024-11-05: its stream names where to post, and carries the answers", async (t) => {
  let stream: import("node:http").ServerResponse | undefined;
  const { url, seen } = await scriptedServer(t, ({ method, path, body, response }) => {
    if (method === "GET") {
      stream = response;
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("event: endpoint\ndata: /messages?s=1\n\n");
      return undefined;
    }
    if (path !== "/messages?s=1") return { status: 405 };
    const answer = { jsonrpc: "2.0", id: body.id, result: body.method === "initialize" ? HELLO : { tools: [] } };
    if (body.id !== undefined) setImmediate(() => stream?.write(eventOf(answer)));
    return { status: 202 };
  });
  const { ask, send } = bridgeTo(t, url);
  assert.deepEqual((await ask("initialize", HELLO)).result, HELLO);
  send({ jsonrpc: "2.0", method: "notifications/initialized" });
  assert.deepEqual((await ask("tools/list")).result, { tools: [] });
  assert.deepEqual(
    seen.map(({ method, path }) => `${method} ${path}`),
    ["POST /mcp", "GET /mcp", ...Array(3).fill("POST /messages?s=1")],
  );
});

test("MCP-B1 notifications that a server does not take hold up what comes after them for a second in all, not for one each", async (t) => {
  const { url, calls } = await scriptedServer(t, ({ method, body }) => {
    if (method !== "POST") return { status: 405 };
    if (body.method === "initialize") return { result: { ...HELLO, capabilities: {}, serverInfo: {} } };
    return body.id === undefined ? undefined : { result: {} };
  });
  const clock = new FakeClock();
  const { ask, send } = bridgeTo(t, url, { clock });
  await ask("initialize", HELLO);
  const note = () => send({ jsonrpc: "2.0", method: "notifications/roots/list_changed" });
  note();
  const first = ask("tools/call", { name: "a" });
  await eventually("it is sent", () => calls().includes("notifications/roots/list_changed"));
  assert.ok(!calls().includes("tools/call"), "what came before goes first");
  clock.advance(1_000);
  assert.deepEqual((await first).result, {});
  note();
  note();
  assert.deepEqual((await ask("tools/call", { name: "a" })).result, {});
});
