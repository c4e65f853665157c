import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { parseLimits } from "../../../src/process/limits.ts";
import { eventually } from "../../support/eventually.ts";
import type { Pair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { begin, beginActive, startSessions } from "../../support/sessions.ts";

/** A client that keeps its connection. */
class Client {
  readonly socket: Socket;
  text = "";

  constructor(t: TestContext, pair: Pair) {
    this.socket = createConnection({ port: Number(new URL(pair.running.address).port), host: "127.0.0.1" });
    t.after(() => this.socket.destroy());
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk) => {
      this.text += chunk.toString("latin1");
    });
  }

  send(text: string): this {
    this.socket.write(text);
    return this;
  }

  /** The status of the last answer, when there is one. */
  async status(): Promise<number> {
    await eventually("an answer", () => this.text.includes("\r\n\r\n"));
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.text)?.[1]);
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, "close");
  }
}

const lines = (first: string, headers: readonly string[] = []) =>
  [first, "Host: 127.0.0.1", ...headers, "", ""].join("\r\n");
const STATUS = lines("GET /v1/sys/seal-status HTTP/1.1");
const begun = (path: string, bytes: number, headers: readonly string[] = []) =>
  lines(`PUT ${path} HTTP/1.1`, [`Content-Length: ${bytes}`, ...headers]);

const watch = (secret: string) => lines("GET /session/events HTTP/1.1", [`Authorization: Bearer ${secret}`]);

async function isLetIn(t: TestContext, pair: Pair): Promise<boolean> {
  return (await new Client(t, pair).send(STATUS).status()) === 200;
}

/** As many clients, each of which the broker has seen. */
async function crowd(t: TestContext, pair: Pair, count: number, text = STATUS): Promise<readonly Client[]> {
  const clients: Client[] = [];
  for (let i = 0; i < count; i++) {
    const client = new Client(t, pair).send(text);
    if (text === STATUS) assert.equal(await client.status(), 200);
    else await once(client.socket, "connect");
    clients.push(client);
  }
  return clients;
}

test("ST-6 whoever is idle, begins headers or sends no body makes room for whoever comes, the longest first", async (t) => {
  const pair = await startSessions(t, {}, { limits: "connections=3" });
  const idle = await crowd(t, pair, 3);
  await crowd(t, pair, 1);
  await idle[0]?.closed();
  assert.deepEqual([idle[1]?.socket.closed, idle[2]?.socket.closed], [false, false]);
  const slow = await crowd(t, pair, 3, "GET /v1/sys/health HTTP/1.1\r\nHost");
  await crowd(t, pair, 1);
  await slow[0]?.closed();
  const late = await crowd(t, pair, 3, begun("/sessions", 9_999).replace("PUT", "POST"));
  await crowd(t, pair, 1);
  await eventually("one made room", () => late.some(({ socket }) => socket.closed));
  assert.equal(late.filter(({ socket }) => socket.closed).length, 1);
});

test("ST-6 where everybody is at work a connection is refused with 503 and Retry-After, and let in later", async (t) => {
  const pair = await startSessions(t, {}, { limits: "connections=2" });
  const { secret } = await begin(pair);
  const watching = await crowd(t, pair, 2, watch(secret));
  for (const client of watching) assert.equal(await client.status(), 200);
  const refused = new Client(t, pair);
  assert.equal(await refused.status(), 503);
  assert.match(refused.text, /\r\nRetry-After: 1\r\n[\s\S]*too many connections/);
  await refused.closed();
  watching[0]?.socket.destroy();
  await eventually("there is room", () => isLetIn(t, pair));
  assert.equal(pair.logged.filter((line) => line.includes('"crowded"')).length, 1);
});

test("ST-6 one address has a part of connections and requests; the end of one makes room for another", async (t) => {
  const pair = await startSessions(t, {}, { limits: "address-connections=4, address-requests=2" });
  const { secret } = await begin(pair);
  const watching = await crowd(t, pair, 2, watch(secret));
  for (const client of watching) assert.equal(await client.status(), 200);
  const third = new Client(t, pair).send(STATUS);
  assert.equal(await third.status(), 429);
  assert.match(third.text, /retry-after: 1\r\n/i);
  const [, fifth] = [await crowd(t, pair, 1, "GET"), await crowd(t, pair, 1, "GET")];
  await third.closed();
  assert.equal(fifth[0]?.socket.closed, false);
  watching[1]?.socket.destroy();
  await eventually("there is room", () => isLetIn(t, pair));
});

test("ST-6 whoever only waits makes room for requests, the oldest first, and health is answered whoever is here", async (t) => {
  const pair = await startSessions(
    t,
    {},
    { limits: "requests=2, address-requests=2, address-connections=9", trustedProxies: "loopback" },
  );
  const { secret } = await begin(pair);
  const from = (address: string, text: string) => text.replace("\r\n\r\n", `\r\nX-Forwarded-For: ${address}\r\n\r\n`);
  const watching = await crowd(t, pair, 2, from("192.0.2.1", watch(secret)));
  for (const client of watching) assert.equal(await client.status(), 200);
  const health = lines("GET /v1/sys/health HTTP/1.1");
  assert.equal(await new Client(t, pair).send(from("192.0.2.1", health)).status(), 200);
  assert.deepEqual(
    watching.map(({ socket }) => socket.closed),
    [false, false],
    "for health nobody goes",
  );
  assert.equal(await new Client(t, pair).send(from("192.0.2.2", STATUS)).status(), 200);
  await watching[0]?.closed();
  assert.equal(watching[1]?.socket.closed, false);
});

test("ST-6 unfinished bodies take so much memory, of one client behind a proxy and in all", async (t) => {
  const limits = "address-connections=1, address-bodies=1, bodies=2";
  const pair = await startSessions(t, {}, { limits, trustedProxies: "loopback" });
  const body = "x".repeat(700_000);
  const write = (address: string) => {
    const headers = [`X-Vault-Token: ${ROOT_TOKEN}`, `X-Forwarded-For: ${address}`];
    return new Client(t, pair).send(begun("/v1/oauth2/creds/a", 900_000, headers) + body);
  };
  const one = write("192.0.2.1");
  const same = write("192.0.2.1");
  // One of the two was the second.
  await eventually("there is no room for both", () => `${one.text}${same.text}`.includes("HTTP/1.1 429"));
  const [held, refused] = one.text === "" ? [one, same] : [same, one];
  refused.socket.destroy();
  const other = write("192.0.2.2");
  const last = write("192.0.2.3");
  await held.closed();
  assert.deepEqual([held.text, other.text, last.text], ["", "", ""], "the oldest body made room");
  other.send("x".repeat(200_000));
  assert.equal(await other.status(), 400, "no JSON, but taken whole");
  last.socket.destroy();
  const again = write("192.0.2.1").send("x".repeat(200_000));
  assert.equal(await again.status(), 400, "memory that was given back is there again");
});

test("ST-6 who does not read an answer is no idle connection, and is given up after 30 s", async (t) => {
  const pair = await startSessions(t, {}, { limits: "connections=2" });
  const port = Number(new URL(pair.running.address).port);
  const unread = createConnection({ port, host: "127.0.0.1" });
  t.after(() => unread.destroy());
  unread.on("error", () => {});
  const ASKED = 100;
  const document = lines("GET /v1/sys/internal/specs/openapi HTTP/1.1", [`X-Vault-Token: ${ROOT_TOKEN}`]);
  unread.write(document.repeat(ASKED));
  const [answered, seen] = [() => pair.logged.join("").split("/specs/openapi").length - 1, [0]];
  const isStuck = () => {
    seen.unshift(answered());
    return (seen[0] ?? 0) > 0 && seen.slice(0, 20).every((count) => count === seen[0]) && seen.length > 20;
  };
  await eventually("it is stuck", isStuck);
  assert.ok(answered() < ASKED, `${answered()} fit into the system's buffers`);
  const idle = await crowd(t, pair, 1);
  await crowd(t, pair, 1);
  await idle[0]?.closed();
  await pair.pass(31_000);
  let text = "";
  unread.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  await new Promise((closed) => unread.once("close", closed));
  assert.ok(text.split("HTTP/1.1 200").length - 1 < ASKED);
});

test("ST-6 limits are given by name; what is none is said", () => {
  assert.deepEqual(parseLimits("connections=7, bodies=1").connections, 7);
  assert.equal(parseLimits("").requests, 2_048);
  for (const wrong of ["connections", "connections=0", "connections=-1", "toString=1", "bodies=1MiB", "x=1"]) {
    assert.throws(() => parseLimits(wrong), /is not a limit: give one like connections=10000/, wrong);
  }
});

test("ST-171 a login that nobody approved sends no body on, and a body that is late makes room wherever it goes", async (t) => {
  const proxy_apis = { api: "https://api.example/" };
  const pair = await startSessions(t, { proxy_apis }, { limits: "address-bodies=8, bodies=1" });
  const upload = (secret: string) => {
    const headers = [`Authorization: Bearer ${secret}`];
    return new Client(t, pair).send(begun("/session/proxy/api/x", 262_144, headers) + "x".repeat(262_143));
  };
  const { secret } = await begin(pair);
  const early = upload(secret);
  await eventually("it is answered before its last byte", () => early.text.includes("authorization_pending"));
  const active = await beginActive(pair);
  const late = Array.from({ length: 4 }, () => upload(active.secret));
  const write = () => {
    const client = new Client(t, pair);
    return client.send(`${begun("/v1/oauth2/creds/a", 5, [`X-Vault-Token: ${ROOT_TOKEN}`, "Connection: close"])}12345`);
  };
  await eventually("all are there, and one makes room", async () => {
    assert.equal(await write().status(), 400, "no JSON, but taken");
    return late.some(({ socket }) => socket.closed);
  });
});
