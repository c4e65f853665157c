import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Agent, IncomingMessage, request as send } from "node:http";
import { connect, Socket } from "node:net";
import { test } from "node:test";
import { Ready } from "../../../src/broker/process/ready.ts";
import { AskedBefore } from "../../../src/http/quick/asked-before.ts";
import { reset } from "../../servers/faults.ts";
import type { Coatcheck } from "../../support/coatcheck.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { importGrant, type Pair, startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { beginActive, startSessions } from "../../support/sessions.ts";

interface Answer {
  readonly status: number | undefined;
  /** In the order they came, in lower case; what differs from answer to answer is blotted out. */
  readonly head: readonly string[];
  readonly body: string;
}

/** A request as it is written, with no header but these. */
function ask({ running }: Pick<Coatcheck, "running">, path: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send(`${running.address}${path}`, { headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        const id = String(response.headers["x-request-id"]);
        const changing = [id, String(response.headers.date)];
        const blotted = (given: string) => changing.reduce((all, one) => all.replace(one, "…"), given);
        const head = response.rawHeaders.map((one) => blotted(one).toLowerCase());
        resolve({ status: response.statusCode, head, body: blotted(text) });
      });
    });
    request.on("error", reject).end();
  });
}

const KEY = { "x-vault-token": ROOT_TOKEN };

/** Read so often that the next one is quick. */
async function warm(pair: Pair, path: string, headers: Record<string, string>): Promise<void> {
  for (let times = 0; times < 2; times++) assert.equal((await ask(pair, path, headers)).status, 200);
}

/** The first with a header that makes the routes answer. */
async function bothWays(pair: Pair, path: string, headers: Record<string, string>): Promise<readonly [Answer, Answer]> {
  return [await ask(pair, path, { ...headers, "x-anything": "1" }), await ask(pair, path, headers)];
}

test("a quick answer has the same bytes as the routes' own: creds and sessions, with a life and without", async (t) => {
  const pair = await startSessions(t);
  await importGrant(pair, "a.b_c-1", { scopes: ["one", "two"], provider_options: {} });
  const { secret } = await beginActive(pair);
  const session = { authorization: `Bearer ${secret}` };
  pair.as.tokens.accessLife = undefined;
  await importGrant(pair, "forever");
  const reads = [
    ["/v1/oauth2/creds/a.b_c-1", KEY],
    ["/v1/oauth2/creds/a.b_c-1", { authorization: `Bearer ${ROOT_TOKEN}` }],
    ["/v1/oauth2/creds/forever", KEY],
    ["/session/token", session],
  ] as const;
  for (const [path, headers] of reads) {
    await warm(pair, path, headers);
    const [slow, quick] = await bothWays(pair, path, headers);
    assert.deepEqual(quick, slow);
    await pair.pass(7_300);
    const [later, quicker] = await bothWays(pair, path, headers);
    assert.deepEqual(quicker, later);
  }
});

test("what is quick is still refused: a wrong token, another's host, a namespace, a path that is none", async (t) => {
  const pair = await startPair(t, { allowedHosts: new Set(["broker.example"]) });
  await importGrant(pair);
  const path = "/v1/oauth2/creds/me";
  await warm(pair, path, KEY);
  const refused: readonly [string, Record<string, string>, number][] = [
    [path, {}, 403],
    [path, { "x-vault-token": `${ROOT_TOKEN}x` }, 403],
    [path, { ...KEY, host: "evil.example" }, 421],
    [path, { ...KEY, "x-vault-namespace": "team" }, 404],
    ["/v1/other/creds/me", KEY, 404],
    ["/v1/oauth2/creds/you", KEY, 404],
    ["/session/token", KEY, 401],
    ["/session/token", { authorization: "Bearer cs_none" }, 401],
  ];
  const wrapped = await ask(pair, path, { ...KEY, "x-vault-wrap-ttl": "60" });
  assert.match(wrapped.body, /"wrap_info":{"token"/);
  assert.doesNotMatch(wrapped.body, /access_token/);
  for (const [where, headers, status] of refused) assert.equal((await ask(pair, where, headers)).status, status, where);
});

test("delete wins, a new token takes the old one's place, and what has little life left is refreshed", async (t) => {
  const pair = await startSessions(t);
  await importGrant(pair);
  const path = "/v1/oauth2/creds/me";
  const token = async () => JSON.parse((await ask(pair, path, KEY)).body).data.access_token;
  await warm(pair, path, KEY);
  const first = await token();
  await importGrant(pair);
  assert.notEqual(await token(), first);
  const second = await token();
  pair.clock.stand(3_595_000);
  assert.notEqual(await token(), second, "5 seconds are too few");
  await pair.delete("oauth2/creds/me");
  assert.equal((await ask(pair, path, KEY)).status, 404);

  const { secret } = await beginActive(pair);
  const session = { authorization: `Bearer ${secret}` };
  await warm(pair, "/session/token", session);
  await pair.write("oauth2/config", { tune_session_idle_seconds: 60 });
  pair.clock.stand(61_000);
  assert.equal((await ask(pair, "/session/token", session)).status, 401, "nobody has used it");
});

/** Requests that are sent at once on one connection; the statuses and bodies of their answers, in the order they come. */
async function pipelined({ running }: Pick<Coatcheck, "running">, requests: readonly string[]) {
  const { hostname, port } = new URL(running.address);
  const socket = connect(Number(port), hostname);
  const last = requests.length - 1;
  const lines = (head: string, index: number) =>
    `${head}\r\nHost: ${hostname}:${port}${index === last ? "\r\nConnection: close" : ""}`;
  socket.write(
    requests
      .map((one, index) => {
        const [head = "", body = ""] = one.split("\n\n");
        const length = body === "" ? "" : `\r\nContent-Length: ${body.length}`;
        return `${lines(head.replaceAll("\n", "\r\n"), index)}${length}\r\n\r\n${body}`;
      })
      .join(""),
  );
  let text = "";
  for await (const chunk of socket.setEncoding("utf8")) text += chunk;
  return text.split(/(?=HTTP\/1\.1 \d{3} )/).map((answer) => ({
    status: Number(answer.slice(9, 12)),
    token: /"access_token":"([^"]+)"/.exec(answer)?.[1],
  }));
}

test("ST-55 delete wins in the order of the requests, also of those that one connection brings at once", async (t) => {
  const pair = await startSessions(t);
  await importGrant(pair);
  const line = (method: string, path: string, token: string, body = "") =>
    `${method} ${path} HTTP/1.1\nAuthorization: Bearer ${token}${body && `\n\n${body}`}`;
  const creds = (method: string, body = "") => line(method, "/v1/oauth2/creds/me", ROOT_TOKEN, body);
  await warm(pair, "/v1/oauth2/creds/me", KEY);
  const put = creds("PUT", JSON.stringify({ server: "as", refresh_token: pair.as.tokens.grant() }));
  const [before, again, put204, after] = await pipelined(pair, [creds("GET"), creds("GET"), put, creds("GET")]);
  assert.deepEqual([before?.status, put204?.status, after?.status], [200, 204, 200]);
  assert.equal(before?.token, again?.token);
  assert.notEqual(after?.token, before?.token, "a write before it was read");
  await warm(pair, "/v1/oauth2/creds/me", KEY);
  const gone = await pipelined(pair, [creds("DELETE"), creds("GET"), creds("GET"), creds("DELETE"), put, creds("GET")]);
  assert.deepEqual(
    gone.map(({ status }) => status),
    [204, 404, 404, 204, 400, 404],
    "the token of the last write is spent",
  );

  const { secret } = await beginActive(pair);
  await warm(pair, "/session/token", { authorization: `Bearer ${secret}` });
  const read = line("GET", "/session/token", secret);
  const ended = await pipelined(pair, [read, line("DELETE", "/session", secret), read]);
  assert.deepEqual(
    ended.map(({ status }) => status),
    [200, 204, 401],
  );
  const flood = await pipelined(pair, [creds("DELETE"), ...Array.from({ length: 101 }, () => creds("GET"))]);
  assert.ok(flood.length <= 1, "more than a hundred wait: the connection ends");
});

test("who asks again on a connection in the same bytes is judged anew each time, and nobody is taken for another", async (t) => {
  const pair = await startSessions(t);
  await importGrant(pair);
  const path = "/v1/oauth2/creds/me";
  const { secret } = await beginActive(pair);
  await warm(pair, path, KEY);
  await warm(pair, "/session/token", { authorization: `Bearer ${secret}` });
  const asked = { method: "POST", headers: KEY, body: '{"policies":["root"]}' };
  const made = await fetch(`${pair.running.address}/v1/auth/token/create`, asked);
  const child = String(JSON.parse(await made.text()).auth.client_token);
  const as = (token: string) => `GET ${path} HTTP/1.1\nX-Vault-Token: ${token}`;
  const revoke = `PUT /v1/auth/token/revoke HTTP/1.1\nX-Vault-Token: ${ROOT_TOKEN}\n\n${JSON.stringify({ token: child })}`;
  const wrong = `${ROOT_TOKEN.slice(0, -1)}${ROOT_TOKEN.endsWith("x") ? "y" : "x"}`;
  const asRoot = Array.from({ length: 4 }, () => as(ROOT_TOKEN));
  const asChild = Array.from({ length: 4 }, () => as(child));
  const there = await pipelined(pair, [
    ...asRoot,
    as(wrong),
    as(ROOT_TOKEN),
    ...asChild,
    revoke,
    as(child),
    as(ROOT_TOKEN),
  ]);
  assert.deepEqual(
    there.map(({ status }) => status),
    [200, 200, 200, 200, 403, 200, 200, 200, 200, 200, 204, 403, 200],
  );
  const session = `GET /session/token HTTP/1.1\nAuthorization: Bearer ${secret}`;
  const end = `DELETE /session HTTP/1.1\nAuthorization: Bearer ${secret}`;
  const ended = await pipelined(pair, [session, session, session, session, end, session]);
  assert.deepEqual(
    ended.map(({ status }) => status),
    [200, 200, 200, 200, 204, 401],
  );
});

/** Counts the timers that are asked for. */
class CountingClock extends FakeClock {
  asked = 0;

  override after(milliseconds: number, callback: () => void): () => void {
    this.asked += 1;
    return super.after(milliseconds, callback);
  }
}

test("a quick answer is one write, and leaves nothing to be done after it: no timer, no listener", async (t) => {
  const clock = new CountingClock();
  const pair = await startPair(t, { clock });
  await importGrant(pair);
  await warm(pair, "/v1/oauth2/creds/me", KEY);
  const counts: { readonly asked: number; readonly writes: number; readonly listeners: number }[] = [];
  let writes = 0;
  const count = (message: unknown) => {
    if (typeof message !== "object" || !message || !("request" in message)) return;
    const { request } = message;
    if (!(request instanceof IncomingMessage) || !request.url?.endsWith("/me")) return;
    const { socket } = request;
    if (counts.length === 0) {
      const real = socket.write.bind(socket);
      t.mock.method(socket, "write", (...given: [string, BufferEncoding]) => {
        if (given[0].length > 0) writes += 1;
        return real(...given);
      });
    }
    const listeners = socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0);
    counts.push({ asked: clock.asked, writes, listeners });
  };
  subscribe("http.server.request.start", count);
  t.after(() => unsubscribe("http.server.request.start", count));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  for (let times = 0; times < 6; times++) {
    await new Promise((resolve, reject) => {
      const asking = send(`${pair.running.address}/v1/oauth2/creds/me`, { agent, headers: KEY }, (response) => {
        response.resume().on("end", resolve);
      });
      asking.on("error", reject).end();
    });
  }
  const [, , , before, , after] = counts;
  assert.deepEqual(after, { ...before, writes: (before?.writes ?? 0) + 2 }, JSON.stringify(counts));
});

test("what is kept beside a connection is known by all its bytes, is little, and its secret is wiped with the connection", () => {
  const before = new AskedBefore<object>();
  const socket = new Socket();
  const asking = (secret: string, more: readonly string[] = []) => ({
    ...{ url: "/v1/oauth2/creds/me", socket, rawHeaders: ["Host", "h", "X-Vault-Token", secret, ...more] },
  });
  const keep = (secret: string, more: readonly string[] = []) => before.keep(asking(secret, more), 3, { secret });
  const secretsKept = () =>
    Object.getOwnPropertySymbols(socket)
      .map((symbol): unknown => Reflect.get(socket, symbol))
      .flatMap((kept) => (typeof kept === "object" && kept && "secret" in kept ? [String(kept.secret)] : []));
  keep("one");
  assert.equal(before.of(asking("one")), undefined, "a connection of one request costs nothing");
  keep("one");
  assert.deepEqual(before.of(asking("one")), { secret: "one" });
  const others = [asking("onE"), asking("on"), asking("ones"), asking("one", ["Accept", "*/*"])];
  for (const other of [...others, { ...asking("one"), url: "/" }]) assert.equal(before.of(other), undefined);
  keep("two");
  assert.deepEqual([before.of(asking("one")), before.of(asking("two"))], [undefined, { secret: "two" }]);
  keep("three", ["User-Agent", "x".repeat(2_048)]);
  assert.deepEqual(before.of(asking("two")), { secret: "two" }, "too much to be kept");
  assert.deepEqual(secretsKept(), ["two"]);
  socket.emit("close");
  assert.deepEqual(secretsKept(), ["\0\0\0"]);
});

test("a warning is told to each reader, and trouble as soon as there is any", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  await warm(pair, "/v1/oauth2/creds/me", KEY);
  pair.as.reply("/token", reset);
  const asked = () => pair.as.to("/token").length;
  const before = asked();
  await pair.passUntil("a refresh is tried in vain", () => asked() > before);
  await pair.pass(1_000);
  const { body } = await ask(pair, "/v1/oauth2/creds/me", KEY);
  assert.match(String(JSON.parse(body).warnings), /to refresh this token failed/);
});

test("what lies opened in memory is dropped each ten seconds, and when there is too much of it", () => {
  const clock = new FakeClock();
  const ready = new Ready<string>(clock);
  const row = (length: number) => ({ sealed: new Uint8Array(length) });
  const [one, large] = [row(100), row(16_777_216)];
  ready.keep(one, "token", Number.POSITIVE_INFINITY);
  clock.advance(9_999);
  assert.equal(ready.of(one), "token");
  clock.advance(1);
  assert.equal(ready.of(one), undefined);
  ready.keep(large, "token", Number.POSITIVE_INFINITY);
  assert.equal(ready.of(large), undefined);
  const many = Array.from({ length: 1_000 }, () => row(100_000));
  for (const each of many) ready.keep(each, "token", Number.POSITIVE_INFINITY);
  const kept = many.filter((each) => ready.of(each) !== undefined);
  assert.deepEqual([kept.length > 25, kept.length * 400_512 <= 16_777_216], [true, true]);
});
