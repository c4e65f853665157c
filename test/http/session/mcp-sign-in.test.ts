import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../servers/api-server.ts";
import { json } from "../../servers/faults.ts";
import { answering, ask, type Gateway, modern, startGateway } from "../../support/mcp/gateway.ts";
import { ask as askBroker } from "../../support/sessions.ts";

interface Told {
  readonly id: unknown;
  readonly result: Record<string, unknown> & { readonly content: readonly { readonly text: string }[] };
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly data: { readonly elicitations: readonly Record<string, string>[]; readonly coatcheck: object };
  };
}

const told = async (answer: Response | Promise<Response>) => (await (await answer).json()) as Told;

/** The messages of a stream of events that has ended. */
const messages = async (answer: Response) =>
  [...(await answer.text()).matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => JSON.parse(data));

const URL_CAPABILITY = { elicitation: { url: {} } };
const shake = (capabilities = {}) =>
  ask("initialize", { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "a", version: "1" } });

/** A legacy agent that has begun while nobody had signed in. */
async function begun({ send }: Gateway, capabilities = {}) {
  const answer = await send(shake(capabilities));
  const session = answer.headers.get("mcp-session-id") ?? "";
  const { result } = await told(answer);
  const headers = { "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" };
  return { result, headers, send: (message?: unknown, init = {}) => send(message, { headers, ...init }) };
}

async function approve({ pair }: Gateway) {
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
}

const call = ask("tools/call", { name: "read" }, 7);

test("MCP-S1 MCP-S2 MCP-S4 a legacy agent finds a server that says how to sign in, and its call goes through afterwards", async (t) => {
  const gateway = await startGateway(t, { isPending: true });
  const { server } = gateway;
  const agent = await begun(gateway);
  assert.match(String(agent.result.instructions), /Nobody has signed in to .* Call the tool sign_in/);
  assert.match(agent.headers["mcp-session-id"], /^coatcheck-/);
  assert.equal((await agent.send({ jsonrpc: "2.0", method: "notifications/initialized" })).status, 202);
  const { result } = await told(agent.send(ask("tools/list")));
  assert.deepEqual(
    (result.tools as { name: string }[]).map(({ name }) => name),
    ["sign_in"],
  );
  const refused = await told(agent.send(call));
  assert.equal(refused.result.isError, true);
  assert.match(
    refused.result.content[0]?.text ?? "",
    /^Not signed in to 127.*\. Open .*\/activate and type USER-1, then call/,
  );
  assert.equal((await told(agent.send(ask("prompts/get")))).error.code, -32603);
  assert.equal(server.seen.length, 0);
  await approve(gateway);
  server.handle = answering(
    { protocolVersion: "2025-11-25", content: [{ type: "text", text: "done" }] },
    { "mcp-session-id": "s-9" },
  );
  const done = await told(agent.send(call));
  assert.equal(done.result.content[0]?.text, "done");
  const methods = gateway.posted().map(({ method }) => method);
  assert.deepEqual(methods, ["initialize", "notifications/initialized", "tools/call"]);
  assert.deepEqual(
    server.seen.map(({ headers }) => headers["mcp-session-id"]),
    [undefined, "s-9", "s-9"],
  );
  assert.deepEqual(gateway.posted()[0]?.params, shake().params);
  await (await agent.send(call)).text();
  assert.equal(server.seen.length, 4, "initialized once");
});

test("MCP-S1 a session of ours that nobody knows any more is a 404, so that its agent begins another", async (t) => {
  const gateway = await startGateway(t);
  const headers = { "mcp-session-id": "coatcheck-of-a-process-before" };
  assert.equal((await gateway.send(call, { headers })).status, 404);
  assert.equal((await gateway.send(shake(), { headers })).status, 200);
  assert.equal(gateway.server.seen[0]?.headers["mcp-session-id"], undefined);
});

test("MCP-S4 a legacy agent that shows addresses gets -32042, and an older one does not", async (t) => {
  const gateway = await startGateway(t, { isPending: true });
  const agent = await begun(gateway, URL_CAPABILITY);
  const { error } = await told(agent.send(call));
  assert.equal(error.code, -32042);
  const [asked] = error.data.elicitations;
  assert.equal(asked?.mode, "url");
  assert.match(asked?.url ?? "", /\/activate\?user_code=USER-1$/);
  assert.match(asked?.message ?? "", /^Sign in to 127.* Code: USER-1$/);
  const plain = await told(gateway.send(call));
  assert.equal(plain.result.isError, true);
});

test("MCP-S4 a modern agent is asked for input; its retry waits for the person, and reaches the server as it was", async (t) => {
  const gateway = await startGateway(t, { isPending: true });
  const { send, server, pair } = gateway;
  const params = { name: "read", arguments: { n: 1 }, ...modern(URL_CAPABILITY) };
  const { result } = await told(send(ask("tools/call", params, 7)));
  assert.equal(result.resultType, "input_required");
  const answered = (action: string) =>
    ask("tools/call", { ...params, requestState: result.requestState, inputResponses: { sign_in: { action } } }, 8);
  const declined = await told(send(answered("decline")));
  assert.match(declined.result.content[0]?.text ?? "", /declined/);
  const exact = JSON.stringify(answered("accept")).replace('"n":1', '"n":12345678901234567890.10');
  const waiting = send(exact);
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  assert.equal((await told(waiting)).result.content[0]?.text, "tools/call");
  const body = server.seen[0]?.body ?? "";
  assert.match(body, /"n":12345678901234567890\.10\b/);
  assert.ok(!body.includes("requestState") && !body.includes("inputResponses"));
  assert.equal((await told(send(ask("tools/call", { ...params, requestState: "the server's own" })))).id, 1);
  assert.match(server.seen.at(-1)?.body ?? "", /"requestState":"the server's own"/);
});

test("MCP-S4 a retry that comes before the person has signed in is told so after 45 s", async (t) => {
  const { send, pair } = await startGateway(t, { isPending: true });
  const params = { name: "read", ...modern(URL_CAPABILITY) };
  const { result } = await told(send(ask("tools/call", params)));
  const answers = { requestState: result.requestState, inputResponses: { sign_in: { action: "accept" } } };
  const waiting = send(ask("tools/call", { ...params, ...answers }));
  await pair.pass(46_000);
  const late = await told(waiting);
  assert.equal(late.result.isError, true);
  assert.match(late.result.content[0]?.text ?? "", /^Still not signed in/);
});

test("MCP-S3 sign_in answers at once, waits when it is called again, and tells that the lists are others", async (t) => {
  const gateway = await startGateway(t, { isPending: true });
  const agent = await begun(gateway);
  const signIn = ask("tools/call", { name: "sign_in", _meta: { progressToken: "p" } }, 3);
  const first = await told(agent.send(signIn));
  assert.match(first.result.content[0]?.text ?? "", /^Open .* and type USER-1, then call this tool again/);
  const late = await agent.send(signIn);
  await gateway.pair.pass(46_000);
  const said = await messages(late);
  assert.equal(said.filter(({ method }) => method === "notifications/progress").length, 5);
  assert.match(said.at(-1).result.content[0].text, /^Still not signed in/);
  const waiting = await agent.send(signIn);
  await approve(gateway);
  const done = await messages(waiting);
  const changed = ["tools", "prompts", "resources"].map((what) => `notifications/${what}/list_changed`);
  assert.deepEqual(
    done.flatMap(({ method }) => method ?? []),
    changed,
  );
  assert.equal(done.at(-1).id, 3);
  assert.match(done.at(-1).result.content[0].text, /^Signed in to 127/);
  assert.equal(gateway.server.seen.length, 0);
});

test("MCP-S3 MCP-G4 a session that may use few tools can sign in all the same", async (t) => {
  const gateway = await startGateway(t, { isPending: true, session: { allow_tools: "read" } });
  const agent = await begun(gateway);
  const signIn = ask("tools/call", { name: "sign_in" });
  assert.match((await told(agent.send(signIn))).result.content[0]?.text ?? "", /^Open .* and type USER-1/);
  assert.equal((await told(agent.send([signIn]))).error.code, -32602, "a batch is the server's");
  await approve(gateway);
  assert.match((await told(agent.send(signIn))).result.content[0]?.text ?? "", /^Signed in to 127/);
  assert.equal((await told(gateway.send(ask("tools/call", { name: "coatcheck_sign_in" })))).error.code, -32602);
  assert.equal(gateway.server.seen.length, 0);
});

test("MCP-S3 a legacy agent that shows addresses is asked by the tool itself, and its answer is not the server's", async (t) => {
  const gateway = await startGateway(t, { isPending: true });
  const agent = await begun(gateway, URL_CAPABILITY);
  const waiting = await agent.send(ask("tools/call", { name: "sign_in" }, 3));
  await approve(gateway);
  const [asked, ...rest] = await messages(waiting);
  assert.equal(asked.method, "elicitation/create");
  assert.equal(asked.params.mode, "url");
  assert.equal(rest[0].method, "notifications/elicitation/complete");
  assert.equal(rest[0].params.elicitationId, asked.params.elicitationId);
  assert.equal((await agent.send({ jsonrpc: "2.0", id: asked.id, result: { action: "accept" } })).status, 202);
  assert.equal(gateway.server.seen.length, 0);
});

test("MCP-S3 a person who declines, or whose agent cannot ask them, is not waited for; the login stays, and may be asked for again", async (t) => {
  const gateway = await startGateway(t, { isPending: true });
  const agent = await begun(gateway, URL_CAPABILITY);
  const other = await begun(gateway, URL_CAPABILITY);
  const signIn = ask("tools/call", { name: "sign_in" }, 3);
  await agent.send({ jsonrpc: "2.0", id: "coatcheck-sign-in-other", result: { action: "decline" } });
  const unwilling = [
    [{ result: { action: "decline" } }, /"id":3,.*Not signed in to 127.*declined/],
    [{ result: { action: "cancel" } }, /"id":3,.*Not signed in to 127.*declined/],
    [{ error: { code: -32603, message: "no browser" } }, /"id":3,.*USER-1/],
  ] as const;
  for (const [said, expected] of unwilling) {
    const answer = await agent.send(signIn);
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("elicitation/create")) text += (await reader?.read())?.value ?? "";
    const asked = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? "");
    await other.send({ jsonrpc: "2.0", id: asked.id, ...said });
    await agent.send({ jsonrpc: "2.0", id: asked.id, ...said });
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) text += piece.value;
    assert.match(text, expected, "no time has passed");
  }
  assert.equal(gateway.pair.as.to("/device").length, 1);
  const waiting = await agent.send(signIn);
  await approve(gateway);
  assert.match((await messages(waiting)).at(-1).result.content[0].text, /^Signed in to 127/);
  assert.equal(gateway.server.seen.length, 0);
});

test("MCP-S5 the address is https, or http on loopback, and no secret is in it; all agents that wait have one code", async (t) => {
  const gateway = await startGateway(t, { isPending: true });
  const agents = await Promise.all([1, 2, 3].map(() => begun(gateway, URL_CAPABILITY)));
  const asked = await Promise.all(agents.map(async ({ send }) => JSON.stringify((await told(send(call))).error)));
  const [url, ...others] = new Set(asked.map((text) => /"url":"([^"]*)"/.exec(text)?.[1]));
  assert.equal(url, `${gateway.pair.as.issuer}/activate?user_code=USER-1`);
  assert.equal(others.length, 0);
  for (const secret of [gateway.program.secret, "device-code"]) assert.ok(!asked.join("").includes(secret), secret);
  gateway.pair.as.reply(
    "/device",
    json(200, {
      device_code: "device-code-9",
      user_code: "USER-9",
      verification_uri: "http://pages.example.com/activate",
      expires_in: 600,
    }),
  );
  await gateway.pair.pass(600_000);
  const { result } = await told(gateway.send(call));
  assert.match(result.content[0]?.text ?? "", /the page to sign in at is not https/);
  assert.doesNotMatch(JSON.stringify(result), /pages\.example\.com|USER-9/);
});

test("MCP-S3 streams that wait are told when somebody has signed in, each as its era has it", async (t) => {
  const gateway = await startGateway(t, { isPending: true });
  const agent = await begun(gateway);
  const legacy = await agent.send();
  const filter = { notifications: { toolsListChanged: true } };
  const listen = await gateway.send(ask("subscriptions/listen", { ...filter, ...modern() }, "sub"));
  assert.equal((await gateway.send()).status, 405, "who has no session has no stream");
  await approve(gateway);
  assert.equal((await messages(legacy)).length, 3);
  const [first, ...changed] = await messages(listen);
  assert.equal(first.method, "notifications/subscriptions/acknowledged");
  assert.deepEqual(first.params.notifications, filter.notifications);
  for (const { params } of changed) assert.equal(params._meta["io.modelcontextprotocol/subscriptionId"], "sub");
  assert.equal(changed.length, 3);
});

test("MCP-T3 a 403 for more scopes is a login in-band for the union; the old token stays in use, and the new one goes through", async (t) => {
  const gateway = await startGateway(t, { session: { scopes: "read" } });
  const { send, server, pair, program } = gateway;
  const proper = server.handle;
  const first = String((await program.get("/token")).body.access_token);
  server.handle = async (request, response, seen) => {
    if (seen.headers.authorization !== `Bearer ${first}`) return proper(request, response, seen);
    seen.body = await textOf(request);
    if (!seen.body.includes('"write"')) return response.writeHead(403, { "content-type": "text/plain" }).end("no");
    const challenge = 'Bearer error="insufficient_scope", scope="files:write read", resource_metadata="https://x"';
    return response.writeHead(403, { "www-authenticate": challenge }).end();
  };
  const write = ask("tools/call", { name: "write" });
  const { result } = await told(send(write));
  assert.match(result.content[0]?.text ?? "", /wants more access for this: files:write, read\. Open .* and type USER-/);
  assert.equal(pair.as.to("/device").at(-1)?.form.get("scope"), "read files:write");
  const other = await send(ask("tools/call", { name: "other" }));
  assert.equal(other.status, 403, "any other 403 is passed on as it is");
  assert.equal(await other.text(), "no");
  assert.equal((await program.get("/token")).body.access_token, first);
  await approve(gateway);
  assert.equal((await told(send(write))).result.content[0]?.text, "tools/call");
});

test("MCP-T3 a server that wants one scope after the other leads to one more login, and the approved one stays in use", async (t) => {
  const gateway = await startGateway(t, { session: { scopes: "read" } });
  const { send, server, pair, program } = gateway;
  const first = String((await program.get("/token")).body.access_token);
  server.handle = (request, response, seen) => {
    request.resume();
    const scope = seen.headers.authorization === `Bearer ${first}` ? "write" : "admin";
    response.writeHead(403, { "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"` }).end();
  };
  const params = { name: "write", ...modern(URL_CAPABILITY) };
  const { result } = await told(send(ask("tools/call", params)));
  const answers = { requestState: result.requestState, inputResponses: { sign_in: { action: "accept" } } };
  const waiting = send(ask("tools/call", { ...params, ...answers }));
  await approve(gateway);
  pair.as.tokens.approved = false;
  assert.equal((await told(waiting)).result.resultType, "input_required");
  assert.equal(pair.as.to("/device").at(-1)?.form.get("scope"), "read write admin");
  assert.equal((await program.get("/token")).status, 200);
  assert.deepEqual((await program.get()).body.granted_scopes, ["read", "write"]);
  assert.equal(pair.as.to("/revoke").length, 0);
});

test("MCP-T2 a server that refuses a new token as well: a person is asked, and the token is not thrown away", async (t) => {
  const gateway = await startGateway(t);
  const { send, server, program } = gateway;
  server.handle = (request, response) => {
    request.resume();
    response.writeHead(401).end();
  };
  const { result } = await told(send(call));
  assert.match(result.content[0]?.text ?? "", /^Not signed in to .* type USER-/);
  assert.equal(server.seen.length, 2);
  assert.equal((await program.get("/token")).status, 200);
  const { result: list } = await told(send(ask("tools/list")));
  assert.equal((list.tools as unknown[]).length, 1);
});

test("MCP-S4 whoever makes the answers itself is told by HTTP: what waits, for which resource, and why", async (t) => {
  const gateway = await startGateway(t, { isPending: true });
  const headers = { "coatcheck-sign-in": "out-of-band" };
  const answer = await gateway.send(call, { headers });
  assert.equal(answer.status, 401);
  const body = (await answer.json()) as Record<string, unknown>;
  assert.equal(body.error, "sign_in_required");
  assert.equal(body.reason, "authorization_pending");
  assert.equal(body.user_code, "USER-1");
  await approve(gateway);
  gateway.server.handle = (request, response) => {
    request.resume();
    response.writeHead(403, { "www-authenticate": 'Bearer error=insufficient_scope, scope="a b"' }).end();
  };
  const more = (await (await gateway.send(call, { headers })).json()) as Record<string, unknown>;
  assert.deepEqual([more.error, more.reason, more.scope], ["sign_in_required", "insufficient_scope", "a b"]);
  assert.equal(more.resource, `${gateway.server.url}/mcp`);
  gateway.server.handle = (_request, response) => void response.destroy();
  assert.equal((await gateway.send(call, { headers })).status, 502);
  const { secret } = gateway.program;
  await askBroker(gateway.pair, "DELETE", "/session", { bearer: secret });
  assert.equal(((await (await gateway.send(call)).json()) as { error: string }).error, "invalid_session");
});

test("MCP-S2 what a server has said of itself is what its place-holder says, when a login has ended", async (t) => {
  const gateway = await startGateway(t);
  const { send, server, pair } = gateway;
  server.handle = answering({ tools: [{ name: "read" }, { name: "sign_in" }] });
  await (await send(ask("tools/list"))).text();
  server.handle = answering({
    protocolVersion: "2025-11-25",
    capabilities: { tools: {}, logging: {} },
    instructions: "Be kind.",
  });
  await (await send(shake())).text();
  for (const count of [1, 2, 3, 4]) pair.as.tokens.end(`refresh-token-${count}`);
  await pair.pass(3_700_000);
  const { result } = await told(send(ask("tools/list")));
  assert.deepEqual(
    (result.tools as { name: string }[]).map(({ name }) => name),
    ["read", "sign_in", "coatcheck_sign_in"],
  );
  const begunAgain = await told(send(shake()));
  assert.deepEqual(begunAgain.result.capabilities, { tools: { listChanged: true }, logging: {} });
  assert.match((await told(send(call))).result.content[0]?.text ?? "", /type USER-/);
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  assert.equal((await send(call)).status, 200);
});
