import assert from "node:assert/strict";
import { IncomingMessage, request, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { AnswerBody } from "../../../src/http/session/event-body.ts";
import { textOf } from "../../servers/api-server.ts";
import { json, proper } from "../../servers/faults.ts";
import type { CoatcheckOptions } from "../../support/coatcheck.ts";
import { eventually } from "../../support/eventually.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { answering, ask, type Gateway, modern, startGateway } from "../../support/mcp/gateway.ts";
import { startMcpPair } from "../../support/mcp/mcp-pair.ts";
import { beginActive } from "../../support/sessions.ts";
import { dataFolder } from "../../support/temporary-folder.ts";
import { whileTimePasses } from "../../support/while-time-passes.ts";
import { converse } from "../start.ts";

interface Told {
  readonly id: unknown;
  readonly result: { readonly content: readonly { readonly text: string }[] };
  readonly error: { readonly code: number; readonly data: { readonly coatcheck: { readonly reason: string } } };
}

const told = async (answer: Response | Promise<Response>) => (await (await answer).json()) as Told;

/** Of an answer that streams: the next piece as text. */
const next = async (reader: ReadableStreamDefaultReader<Uint8Array>) =>
  new TextDecoder().decode((await reader.read()).value);

test("MCP-G1 MCP-T1 a message goes to the endpoint with the token, as it was written, and the answer comes back", async (t) => {
  const { send, server, program, pair } = await startGateway(t);
  const text =
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":{"n":12345678901234567890.10}}}';
  const answer = await send(text);
  assert.equal(answer.status, 200);
  assert.equal((await told(answer)).result.content[0]?.text, "tools/call");
  const [seen] = server.seen;
  assert.equal(seen?.target, "/mcp");
  assert.equal(seen?.body, text);
  const token = String((await program.get("/token")).body.access_token);
  assert.equal(seen?.headers.authorization, `Bearer ${token}`);
  assert.ok(!JSON.stringify(server.seen).includes(program.secret));
  assert.equal((await send({ jsonrpc: "2.0", method: "notifications/initialized" })).status, 202);
  assert.equal((await send(undefined, { method: "DELETE" })).status, 202);
  assert.equal(server.seen.at(-1)?.method, "DELETE");
  for (const path of ["/mcp/other", "/mcp/as/x/y"]) assert.equal((await send(ask("ping"), { path })).status, 404);
  assert.equal((await send(ask("ping"), { method: "PUT" })).status, 405);
  assert.equal(server.seen.length, 3);
  assert.ok(!pair.logged.join("").includes(token));
});

test("MCP-B5 a short answer that breaks off is an error that says so, not half an answer; the next call goes through", async (t) => {
  const { send, server } = await startGateway(t);
  const { handle } = server;
  server.handle = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
    response.write('{"jsonrpc"', () => response.destroy());
  };
  const answer = await send(ask("tools/call", { name: "half" }));
  assert.equal(answer.status, 502);
  assert.match(await answer.text(), /broke off/);
  server.handle = handle;
  assert.equal((await told(send(ask("ping")))).result.content[0]?.text, "ping");
});

test("MCP-G1 events go on as they come, with a comment line after 30 s of silence, and a closed stream reaches the server", async (t) => {
  const { send, server, pair } = await startGateway(t);
  const warned: Error[] = [];
  const note = (warning: Error) => void warned.push(warning);
  process.on("warning", note);
  t.after(() => process.off("warning", note));
  const closed = Promise.withResolvers<void>();
  let write = (_text: string) => {};
  server.handle = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n");
    response.on("close", () => closed.resolve());
    write = (text) => void response.write(text);
  };
  const leaving = new AbortController();
  const answer = await send(undefined, { signal: leaving.signal });
  assert.equal(answer.headers.get("x-accel-buffering"), "no");
  const reader = answer.body?.getReader();
  assert.ok(reader);
  assert.equal(await next(reader), "data: 1\n\n");
  await pair.pass(31_000);
  assert.equal(await next(reader), ":\n");
  write("data: ");
  assert.equal(await next(reader), "data: ");
  await pair.pass(600_000);
  write("2\n\n");
  assert.equal(await next(reader), "2\n\n", "no comment in the middle of a line, and no end of patience");
  leaving.abort();
  await closed.promise;
  assert.deepEqual(warned, [], "Node takes too many listeners for a leak, and says so on stderr");
});

test("ST-171 while nobody has signed in to an MCP server a message is 256 KiB at most", async (t) => {
  const { send } = await startGateway(t, { isPending: true });
  const long = (bytes: number) => ask("tools/call", { name: "read", arguments: { text: "x".repeat(bytes) } });
  assert.equal((await send(long(200_000))).status, 200);
  assert.equal((await send(long(262_144))).status, 413);
});

test("MCP-G1 the head of a stream that says nothing comes with a comment after a second, and its end is an end", async (t) => {
  const { send, server, pair } = await startGateway(t);
  let end = () => {};
  server.handle = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    end = () => void response.end();
  };
  const answer = await whileTimePasses(pair, send(undefined));
  const reader = answer.body?.getReader();
  assert.ok(reader);
  assert.equal(await next(reader), ":\n");
  end();
  assert.equal((await reader.read()).done, true);
});

test("MCP-G1 a stream that is over says nothing more, however long its reader takes for the rest", async () => {
  const clock = new FakeClock();
  // Without a socket: as one whose reader takes nothing.
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const problems: Error[] = [];
  response.on("error", (error) => problems.push(error));
  const events = async function* () {
    yield Buffer.from("data: 1\n\n");
  };
  const whole = new AnswerBody(events(), clock);
  whole.sendTo(response, () => {}, assert.fail);
  await eventually("its end", () => response.writableEnded);
  clock.advance(60_000);
  await new Promise(setImmediate);
  assert.deepEqual(problems, []);
});

test("MCP-G1 a body of 16 MiB is passed on, a longer one is refused, and neither is read without a session", async (t) => {
  const { send, server } = await startGateway(t);
  const sized = (bytes: number) => {
    const head = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"write","arguments":{"text":"';
    return `${head}${"x".repeat(bytes - head.length - 4)}"}}}`;
  };
  assert.equal((await send(sized(16_777_216))).status, 200);
  assert.equal(server.seen[0]?.body.length, 16_777_216);
  assert.equal((await send(sized(16_777_217))).status, 413);
  const stranger = await send(ask("ping"), { headers: { authorization: "Bearer ccs_nobody" } });
  assert.equal(stranger.status, 401);
  assert.ok(!stranger.headers.get("www-authenticate")?.includes("resource_metadata"));
  assert.equal(server.seen.length, 1);
});

test("MCP-G3 what names the caller stays here, what belongs to MCP goes through both ways, and nothing secret comes back", async (t) => {
  const { send, server, program } = await startGateway(t);
  const token = String((await program.get("/token")).body.access_token);
  server.handle = answering(
    { content: [{ type: "text", text: `the token is ${token}` }] },
    {
      "mcp-session-id": "s-1",
      "mcp-protocol-version": "2025-11-25",
      traceparent: "00-1",
      "www-authenticate": "Bearer x",
      "set-cookie": "lb=1",
      "x-echo": token,
    },
  );
  const passed = {
    "mcp-session-id": "s-1",
    "mcp-protocol-version": "2025-11-25",
    "last-event-id": "7",
    traceparent: "00-0",
    "mcp-param-region": "eu",
  };
  const kept = { cookie: "a=b", forwarded: "for=1.2.3.4", "x-forwarded-for": "1.2.3.4", "coatcheck-tools": "*" };
  const answer = await send(ask("tools/call", { name: "read" }), { headers: { ...passed, ...kept } });
  const headers = server.seen[0]?.headers ?? {};
  for (const [name, value] of Object.entries(passed)) assert.equal(headers[name], value, name);
  for (const name of Object.keys(kept)) assert.equal(headers[name], undefined, name);
  assert.equal(answer.headers.get("mcp-session-id"), "s-1");
  assert.equal(answer.headers.get("traceparent"), "00-1");
  for (const name of ["www-authenticate", "set-cookie", "x-echo"]) assert.equal(answer.headers.get(name), null, name);
  assert.ok(!(await answer.text()).includes(token));
});

test("MCP-G3 pages of other sites are refused, and there is no OAuth metadata to be found for these paths", async (t) => {
  const { send, server, pair } = await startGateway(t, {
    coatcheck: { allowedOrigins: new Set(["https://app.example"]) },
  });
  const from = (origin: string) => send(ask("ping"), { headers: { origin } });
  assert.equal((await from("https://evil.example")).status, 403);
  assert.equal((await from("null")).status, 403);
  assert.equal(server.seen.length, 0);
  assert.equal((await from(new URL(pair.running.address).origin)).status, 200);
  assert.equal((await from("https://app.example")).status, 200);
  assert.equal(server.seen[0]?.headers.origin, undefined);
  const paths = ["oauth-protected-resource", "oauth-protected-resource/mcp/as", "oauth-authorization-server/mcp/as"];
  for (const path of [...paths.map((one) => `/.well-known/${one}`), "/mcp/as/.well-known/oauth-authorization-server"]) {
    assert.equal((await send(undefined, { path })).status, 404, path);
  }
});

test("MCP-G4 headers that disagree with the body are refused, and so is a body that two servers would read differently", async (t) => {
  const { send, server } = await startGateway(t);
  const call = ask("tools/call", { name: "naïve", ...modern() });
  const agreeing = {
    "mcp-method": "tools/call",
    "mcp-protocol-version": "2026-07-28",
    "mcp-name": `=?base64?${Buffer.from("naïve").toString("base64")}?=`,
  };
  assert.equal((await send(call, { headers: agreeing })).status, 200);
  const disagreeing = { "mcp-method": "tools/list", "mcp-protocol-version": "2025-11-25", "mcp-name": "other" };
  for (const [name, value] of Object.entries(disagreeing)) {
    const answer = await send(call, { headers: { [name]: value } });
    assert.equal(answer.status, 400, name);
    const { id, error } = await told(answer);
    assert.deepEqual([id, error.code], [1, -32020]);
  }
  const members = [
    '"method":"tools/call","params":{"name":"a","name":"b"}',
    '"method":"tools/call","params":{"name":"a","Name":"b"}',
  ];
  for (const rest of [
    ...members,
    '"method":"ping","method":"tools/call"',
    '"Method":"tools/call"',
    '"m\\u0065thod":"ping","method":"x"',
  ]) {
    const answer = await send(`{"jsonrpc":"2.0","id":1,${rest}}`);
    assert.equal((await told(answer)).error.code, -32600, rest);
  }
  assert.equal((await told(send("{"))).error.code, -32700);
  const nested = '"method":"tools/call","params":{"name":"a","arguments":{"name":"b","Name":"c"}}';
  assert.equal((await send(`[{"jsonrpc":"2.0","id":1,${nested}}]`)).status, 202, "as the server answers it");
  assert.equal(server.seen.length, 2);
});

test("MCP-G4 a session lists and calls the tools of its own policy and its server's alone, in JSON, events and batches", async (t) => {
  const gateway = await startGateway(t, {
    record: { deny_tools: "*_all" },
    session: { allow_tools: "read, delete_all" },
  });
  const { send, server } = gateway;
  const result = { tools: ["read", "write", "delete_all"].map((name) => ({ name })), nextCursor: "2" };
  server.handle = answering(result);
  const listed = async (answer: Response) => JSON.stringify(await answer.text()).match(/read|write|delete_all/g);
  assert.deepEqual(await listed(await send(ask("tools/list"))), ["read"]);
  assert.deepEqual(
    await listed(await send(ask("prompts/list"))),
    ["read", "write", "delete_all"],
    "only lists of tools are held",
  );
  server.handle = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    const message = JSON.stringify({ jsonrpc: "2.0", id: 1, result });
    response.end(`id: 5\ndata: ${message}\n\ndata: {"method":"x"}\n\n`);
  };
  const events = await (await send(ask("tools/list"))).text();
  assert.match(events, /^id: 5\ndata: .*"read".*\n\ndata: \{"method":"x"\}\n\n$/);
  assert.ok(!events.includes("write"));
  assert.deepEqual(await listed(await send()), ["read"], "a stream that is resumed may repeat a list");
  server.handle = answering({ content: [] });
  const before = server.seen.length;
  for (const name of ["write", "delete_all", "READ"]) {
    const { error } = await told(send(ask("tools/call", { name })));
    assert.deepEqual(error, { code: -32602, message: `Unknown tool: ${name}` });
  }
  const batch = [ask("tools/call", { name: "read" }, 1), ask("tools/call", { name: "write" }, 2)];
  assert.equal((await told(send(batch))).error.code, -32602);
  assert.equal(server.seen.length, before);
  assert.equal((await send(ask("tools/call", { name: "read" }))).status, 200);
  assert.equal((await gateway.pair.write("oauth2/servers/as", { allow_tools: "a b" })).status, 400);
});

test("MCP-G4 with a policy an answer that cannot be filtered is refused, whatever another parser would make of it", async (t) => {
  const { send, server, pair } = await startGateway(t, { session: { allow_tools: "read" } });
  let [type, body] = ["application/json", ""];
  server.handle = async (request, response) => {
    await textOf(request);
    response.writeHead(200, { "content-type": type }).end(body);
  };
  const tools = '[{"name":"write"},{"name":"read"}]';
  const message = (rest: string) => `{"jsonrpc":"2.0","id":1,${rest}}`;
  const unreadable = [
    `\ufeff${message(`"result":{"tools":${tools}}`)}`,
    `${message(`"result":{"tools":${tools}}`)} x`,
    message(`"Result":{"tools":${tools}}`),
    message(`"result":{"toolſ":${tools}}`),
    message(`"result":{"tools":{"0":{"name":"write"}}}`),
    message(`"result":[${tools}]`),
    message(`"result":{"tools":[{"name":"read","Name":"write"}]}`),
    '"write"',
  ];
  for (const text of unreadable) {
    [type, body] = ["application/json", text];
    const answer = await send(ask("tools/list"));
    assert.equal(answer.status, 502, text);
    assert.match(await answer.text(), /cannot be read/);
    [type, body] = ["text/event-stream", `data: ${text.replace("\ufeff", "x")}\n\n`];
    for (const asked of [ask("tools/list"), undefined]) {
      const streamed = await send(asked).then((one) => one.text(), String);
      assert.ok(!streamed.includes("write"), text);
    }
  }
  [type, body] = ["application/json", message(`"result":{"tools":${tools}},"result":{"tools":[]}`)];
  assert.deepEqual(JSON.parse(await (await send(ask("tools/list"))).text()).result, { tools: [] });
  assert.ok(!(await (await send(ask("tools/list"))).text()).includes("write"), "of two, the one that was filtered");
  body = "no JSON";
  const open = await beginActive(pair);
  const unfiltered = await send(ask("tools/list"), { headers: { authorization: `Bearer ${open.secret}` } });
  assert.equal(await unfiltered.text(), body);
});

test("MCP-G4 each call of a tool is one line in the log, with its name, time and status, without its arguments", async (t) => {
  const { send, pair, server } = await startGateway(t, { session: { deny_tools: "write" } });
  await (await send(ask("tools/call", { name: "read", arguments: { path: "/private" } }))).text();
  await (await send(ask("tools/call", { name: "write" }))).text();
  await (await send(ask("tools/list"))).text();
  server.handle = (_request, response) => void response.destroy();
  const failed = await told(send(ask("tools/call", { name: "read" })));
  assert.equal(failed.error.data.coatcheck.reason, "temporarily_unavailable");
  const lines = () => pair.logged.filter((line) => line.includes("mcp_call")).map((line) => JSON.parse(line));
  await eventually("three lines", async () => lines().length === 3);
  assert.deepEqual(
    lines().map(({ server: name, tool, status }) => [name, tool, status]),
    [
      ["as", "read", 200],
      ["as", "write", "denied"],
      ["as", "read", "failed"],
    ],
  );
  for (const { milliseconds } of lines()) assert.equal(typeof milliseconds, "number");
  assert.ok(!pair.logged.join("").includes("/private"));
});

test("ST-47 a caller reaches a denied tool by no way of writing its call, and each try is in the log", async (t) => {
  const { send, server, pair } = await startGateway(t, { session: { deny_tools: "drop" } });
  const call = (params: string, id = '"id":1,') => `{"jsonrpc":"2.0",${id}"method":"tools/call","params":${params}}`;
  for (const text of [
    call('{"name":"drop"}', ""),
    call('{"name":"drop"}', '"id":null,'),
    call('{"name":"drop"}', '"id":{"a":1},'),
    call('{"name":["drop"]}'),
    call('["drop"]'),
    `[${call('{"name":"read"}')},${call('{"name":"drop"}', "")}]`,
  ]) {
    assert.equal((await told(send(text))).error.code, -32602, text);
  }
  for (const text of [
    call('{"name":"read"},"param\u017f":{"name":"drop"}'),
    call('{"name":"read","\\u004eame":"drop"}'),
  ])
    assert.equal((await told(send(text))).error.code, -32600, text);
  const named = { headers: { "mcp-name": "drop" } };
  for (const text of [call('{"name":"read","uri":"drop"}'), call('{"name":"read","taskId":"drop"}')])
    assert.equal((await told(send(text, named))).error.code, -32020, text);
  assert.equal(server.seen.length, 0);
  assert.equal(pair.logged.filter((line) => line.includes('"denied"')).length, 7);
});

test("ST-53 a body of millions of values is refused before it is read", async (t) => {
  const { send, server } = await startGateway(t);
  const call = (count: number) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":[${"{},".repeat(count)}1]}}`;
  assert.equal((await told(send(call(300_000)))).error.code, -32600);
  assert.equal((await send(call(1_000))).status, 200);
  assert.equal(server.seen.length, 1);
});

test("ST-54 what waits for a server that never answers is bounded in bytes for each session", async (t) => {
  const { send, server, pair } = await startGateway(t);
  const waiting: ServerResponse[] = [];
  const { handle } = server;
  server.handle = async (request, response, seen) => {
    seen.body = await textOf(request);
    waiting.push(response);
  };
  const large = ask("tools/call", { name: "read", arguments: { text: "x".repeat(15_000_000) } });
  const leaving = new AbortController();
  const { signal } = leaving;
  const first = [send(large, { signal }), send(large, { signal })];
  await eventually("the server has two", () => waiting.length === 2);
  const refused = await send(large);
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
  assert.match(await refused.text(), /too much is under way in this session/);
  const other = await beginActive(pair);
  server.handle = handle;
  const theirs = await send(large, { headers: { authorization: `Bearer ${other.secret}` } });
  assert.equal(theirs.status, 200, "another session's has room");
  leaving.abort();
  await Promise.allSettled(first);
  await eventually("there is room again", async () => (await send(large)).status === 200);
});

test("ST-54 a server's answer of millions of values, or without an end, is not read into memory", async (t) => {
  const { send, server } = await startGateway(t, { session: { deny_tools: "drop" } });
  const json = { "content-type": "application/json" };
  for (const text of [
    `{"jsonrpc":"2.0","id":1,"result":{"tools":[${"{},".repeat(300_000)}1]}}`,
    "x".repeat(5_000_000),
  ]) {
    server.handle = async (request, response, seen) => {
      seen.body = await textOf(request);
      response.writeHead(200, json).end(text);
    };
    const answer = await send(ask("tools/list"));
    assert.ok(answer.status >= 500, String(answer.status));
  }
});

test("ST-49 a body is for the server what it was here: in UTF-8, whatever its sender says of it", async (t) => {
  const { send, server } = await startGateway(t, { session: { deny_tools: "drop" } });
  const headers = { "content-type": "application/json; charset=utf-7", "content-encoding": "gzip" };
  assert.equal((await send(ask("tools/call", { name: "+AGQ-rop" }), { headers })).status, 200);
  const { "content-type": type, "content-encoding": packing } = server.seen[0]?.headers ?? {};
  assert.deepEqual([type, packing], ["application/json", undefined]);
  const bytes = Buffer.from(JSON.stringify(ask("tools/call", { name: "dr\u00ffop" })), "latin1");
  assert.equal((await told(send({}, { body: bytes }))).error.code, -32700);
  assert.equal(server.seen.length, 1);
});

test("MCP-G6 cookies of a server go back to it for the same caller, until they end, and to nobody else", async (t) => {
  const gateway = await startGateway(t);
  const { send, server, pair } = gateway;
  const cookies: string[] = [];
  const set = (field: string) => {
    server.handle = answering({}, { "set-cookie": field });
  };
  set("lb=a; Path=/; Secure; HttpOnly");
  await (await send(ask("ping"))).text();
  set("other=b; Domain=example.com");
  for (const _ of [1, 2]) await (await send(ask("ping"))).text();
  cookies.push(...server.seen.map(({ headers }) => headers.cookie ?? ""));
  assert.deepEqual(cookies, ["", "lb=a", "lb=a; other=b"]);
  set("lb=; Max-Age=0");
  for (const _ of [1, 2]) await (await send(ask("ping"))).text();
  assert.equal(server.seen.at(-1)?.headers.cookie, "other=b");
  const other = await beginActive(pair);
  await (await send(ask("ping"), { headers: { authorization: `Bearer ${other.secret}` } })).text();
  assert.equal(server.seen.at(-1)?.headers.cookie, undefined);
});

test("MCP-G7 versions are the server's affair: its errors are passed on as they are", async (t) => {
  const { send, server } = await startGateway(t);
  const error = { code: -32022, message: "Unsupported protocol version", data: { supported: ["2025-11-25"] } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, error });
  server.handle = async (request, response) => {
    await textOf(request);
    response.writeHead(400, { "content-type": "application/json" }).end(body);
  };
  const answer = await send(ask("server/discover", modern()));
  assert.equal(answer.status, 400);
  assert.equal(await answer.text(), body);
});

test("MCP-T1 a redirect is not followed, and does not come back: the token is for one endpoint", async (t) => {
  const { send, server } = await startGateway(t);
  server.handle = (request, response) => {
    request.resume();
    response.writeHead(307, { location: "/elsewhere" }).end();
  };
  const answer = await send(ask("ping"));
  assert.equal(answer.status, 200);
  assert.equal((await told(answer)).error.data.coatcheck.reason, "foreign_redirect");
  assert.equal(server.seen.length, 1);
});

test("MCP-T2 a 401 brings one refresh for all who get it, and each request is sent once more", async (t) => {
  const { send, server, pair, program } = await startGateway(t);
  const first = String((await program.get("/token")).body.access_token);
  const proper = server.handle;
  server.handle = (request, response, seen) => {
    if (seen.headers.authorization !== `Bearer ${first}`) return proper(request, response, seen);
    request.resume();
    return response.writeHead(401, { "www-authenticate": 'Bearer resource_metadata="https://x"' }).end();
  };
  const answers = await Promise.all(Array.from({ length: 5 }, () => send(ask("tools/call", { name: "read" }))));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  for (const answer of answers) assert.ok((await told(answer)).result);
  const refreshes = pair.as.to("/token").filter(({ form }) => form.get("grant_type") === "refresh_token");
  assert.equal(refreshes.length, 1);
});

test("MCP-G1 a stream ends when its session is ended", async (t) => {
  const { send, server, pair, program } = await startGateway(t);
  server.handle = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
  };
  const reader = (await send()).body?.getReader();
  assert.ok(reader);
  await next(reader);
  const broken = reader.read().then(
    ({ done }) => done,
    () => true,
  );
  await fetch(`${pair.running.address}/session`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${program.secret}` },
  });
  assert.equal(await broken, true);
});

test("MCP-G2 at a person's own broker a program needs no header: whoever reaches its socket is that person", async (t) => {
  const socket = join(dataFolder(t), "own.sock");
  const listen = [{ host: "127.0.0.1", port: 0 }, { path: socket }];
  const gateway = await startGateway(t, { coatcheck: { loopback: true, wayIn: { listen } } });
  const overSocket = (path: string, more: Record<string, string> = {}) =>
    new Promise<number>((resolve, reject) => {
      const headers = { "content-type": "application/json", ...more };
      const sent = request({ socketPath: socket, path, method: "POST", headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      sent.on("error", reject).end(JSON.stringify(ask("tools/call", { name: "read" })));
    });
  assert.equal(await overSocket("/mcp/as"), 200);
  assert.equal(gateway.server.seen.length, 1);
  assert.equal(await overSocket("/mcp/other"), 401);
  assert.equal(await overSocket("/mcp/as", { authorization: "Bearer ccs_nobody" }), 401);
  assert.equal(
    await overSocket("/mcp/as", { "x-forwarded-for": "203.0.113.7" }),
    401,
    "ST-65 whoever a proxy asks for",
  );
  const withoutHeader = { method: "POST", body: JSON.stringify(ask("ping")) };
  assert.equal(
    (await fetch(`${gateway.pair.running.address}/mcp/as`, withoutHeader)).status,
    401,
    "an address is anybody's",
  );
  const shared = await startGateway(t, { coatcheck: { wayIn: { listen: [{ host: "127.0.0.1", port: 0 }] } } });
  assert.equal((await fetch(`${shared.pair.running.address}/mcp/as`, withoutHeader)).status, 401);
});

test("MCP-T1 a login that is bound to an MCP server goes there, whichever address its record allows", async (t) => {
  const pair = await startMcpPair(t);
  pair.as.tokens.approved = true;
  const { body } = await pair.begin();
  await pair.pass(6_000);
  pair.as.reply("/mcp", json(200, { jsonrpc: "2.0", id: 1, result: {} }));
  const sent = await fetch(`${pair.running.address}/mcp/tools`, {
    method: "POST",
    headers: { authorization: `Bearer ${body.session_id}` },
    body: JSON.stringify(ask("tools/list")),
  });
  assert.equal(sent.status, 200, await sent.text());
  assert.match(pair.as.to("/mcp").at(-1)?.headers.authorization ?? "", /^Bearer access-token-/);
});

test("MCP-T5 whoever makes the answers itself is told when a login ends that nothing renews; a server cannot say it", async (t) => {
  const { send, server, pair } = await startGateway(t, { isPending: true });
  pair.as.reply("/token", proper({ refresh_token: undefined, expires_in: 900 }));
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  server.handle = answering({}, { "coatcheck-login-ends-in": "1" });
  const ends = async (headers: Record<string, string>) =>
    (await send(ask("ping"), { headers })).headers.get("coatcheck-login-ends-in");
  const bridge = { "coatcheck-sign-in": "out-of-band" };
  const first = Number(await ends(bridge));
  assert.ok(first > 880 && first <= 900, String(first));
  await pair.pass(60_000);
  assert.equal(await ends(bridge), String(first - 60));
  assert.equal(await ends({}), null);
});

test("MCP-G2 a program of this machine that sends no header has its session in the path of a loopback port, and nobody from elsewhere", async (t) => {
  const { pair, program, server } = await startGateway(t);
  const post = (secret: string, more: Record<string, string> = {}) =>
    fetch(`${pair.running.address}/mcp/as/${secret}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...more },
      body: JSON.stringify(ask("tools/call", { name: "read" })),
    });
  assert.equal((await told(post(program.secret))).result.content[0]?.text, "tools/call");
  assert.equal((await post("ccs_nobody")).status, 401);
  // Through a reverse proxy, which writes paths into its log.
  assert.equal((await post(program.secret, { "x-forwarded-for": "203.0.113.7" })).status, 404);
  assert.equal((await post(program.secret, { origin: "https://evil.example" })).status, 403);
  assert.equal(server.seen.length, 1);
  assert.ok(!pair.logged.join("").includes(program.secret));
  assert.ok(!JSON.stringify(server.seen).includes(program.secret));
});

test("ST-65 a reverse proxy on this machine that adds no headers reaches no session in a path", async (t) => {
  const gateway = (coatcheck: CoatcheckOptions) => startGateway(t, { coatcheck });
  const asked = async ({ pair, program, server }: Gateway, head: string, more = "") => {
    const before = server.seen.length;
    const body = JSON.stringify(ask("ping"));
    const rest = `Content-Length: ${body.length}\r\nConnection: close\r\n${more}\r\n${body}`;
    const line = `POST /mcp/as/${program.secret} ${head}\r\n`;
    const answer = await converse(Number(new URL(pair.running.address).port), [line + rest]);
    return [Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), server.seen.length - before];
  };
  const proxied = await gateway({ allowedHosts: new Set(["broker.example"]) });
  assert.deepEqual(await asked(proxied, "HTTP/1.1\r\nHost: LOCALHOST:8200"), [200, 1]);
  assert.deepEqual(await asked(proxied, "HTTP/1.1\r\nHost: [::1]:8200"), [200, 1]);
  assert.deepEqual(await asked(proxied, "HTTP/1.1\r\nHost: broker.example"), [404, 0], "the Host of its client");
  assert.deepEqual(await asked(proxied, "HTTP/1.0\r\nHost: 127.0.0.1"), [404, 0], "nginx by itself");
  for (const header of ["X-Real-IP: 203.0.113.7", "X-Forwarded-Proto: https", "Forwarded: for=x", "Via: 1.1 a"]) {
    assert.deepEqual(await asked(proxied, "HTTP/1.1\r\nHost: localhost", `${header}\r\n`), [404, 0], header);
  }
  const known = await gateway({ publicUrl: "https://broker.example" });
  assert.deepEqual(await asked(known, "HTTP/1.1\r\nHost: 127.0.0.1"), [404, 0], "one that hides all of it");
});

test("MCP-B10 MCP-T1 a server of 2024-11-05: its stream goes through, and what is posted reaches the address that it named, on its own origin alone", async (t) => {
  const { send, server, program, pair } = await startGateway(t);
  let named = "/messages?session=7";
  let stream: ServerResponse | undefined;
  server.handle = async (request, response, seen) => {
    if (request.method === "GET") {
      stream = response.writeHead(200, { "content-type": "text/event-stream" });
      return response.write(`event: endpoint\ndata: ${named}\n\n`);
    }
    seen.body = await textOf(request);
    stream?.write(`data: ${JSON.stringify({ jsonrpc: "2.0", id: 1, result: { at: seen.target } })}\n\n`);
    return response.writeHead(202).end("Accepted");
  };
  const leaving = new AbortController();
  const reader = (await send(undefined, { signal: leaving.signal })).body?.getReader();
  assert.ok(reader);
  const [, query = ""] = /^event: endpoint\ndata: (\?coatcheck-endpoint=\S+)\n\n$/.exec(await next(reader)) ?? [];
  assert.equal((await send(ask("tools/call", { name: "read" }), { path: `/mcp/as${query}` })).status, 202);
  assert.match(await next(reader), /"at":"\/messages\?session=7"/);
  const token = String((await program.get("/token")).body.access_token);
  assert.equal(server.seen.at(-1)?.headers.authorization, `Bearer ${token}`);
  const count = server.seen.length;
  const unknown = await told(send(ask("ping"), { path: "/mcp/as?coatcheck-endpoint=other" }));
  assert.equal(unknown.error.data.coatcheck.reason, "absent");
  assert.equal(server.seen.length, count);
  named = `${pair.as.origin}/messages`;
  const refused = await send(undefined);
  assert.deepEqual([refused.ok, /an address at another origin/.test(await refused.text())], [false, true]);
  leaving.abort();
});
