import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { type TestContext, test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { parseNetworks } from "../../src/outbound/address-policy.ts";
import { createGuardedForward } from "../../src/outbound/guarded-forward.ts";
import type { Forwarded, ForwardRequest } from "../../src/protocol/forward.ts";
import { portOf } from "../servers/free-port.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { turns } from "../support/turns.ts";

interface Served {
  readonly url: string;
  /** Connections now, and all there ever were. */
  open(): number;
  made(): number;
  closeIdle(): void;
}

async function serve(t: TestContext, listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  let [open, made] = [0, 0];
  server.on("connection", (socket) => {
    open += 1;
    made += 1;
    socket.on("close", () => {
      open -= 1;
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    open: () => open,
    made: () => made,
    closeIdle: () => server.closeIdleConnections(),
  };
}

function door(networks = "loopback") {
  const clock = new FakeClock();
  return { clock, forward: createGuardedForward({ policy: parseNetworks(networks), clock }) };
}

function get(more: Partial<ForwardRequest> = {}): ForwardRequest {
  return { method: "GET", headers: {}, signal: new AbortController().signal, lane: "one", ...more };
}

test("an answer in which nothing moves for five minutes ends, on both sides", async (t) => {
  const server = await serve(t, (_request, response) => {
    response.writeHead(200);
    response.write("one");
  });
  const { clock, forward } = door();
  const answer = await forward(server.url, get());
  const pieces = answer.body[Symbol.asyncIterator]();
  assert.equal(Buffer.from((await pieces.next()).value ?? []).toString(), "one");
  let ended = false;
  const next = pieces.next().finally(() => {
    ended = true;
  });
  for (let minute = 0; minute < 4; minute++) clock.advance(60_000);
  await turns();
  assert.equal(ended, false);
  clock.advance(60_000);
  await assert.rejects(next);
  await eventually("the connection is closed", () => server.open() === 0);
});

test("a request that nobody answers ends, and says that it may have arrived", async (t) => {
  const server = await serve(t, () => {});
  const { clock, forward } = door();
  const answer = forward(server.url, get());
  await eventually("the connection", () => server.open() === 1);
  await turns();
  for (let minute = 0; minute < 5; minute++) clock.advance(60_000);
  await assert.rejects(answer, { code: "timeout", sent: true });
});

test("S01 the address policy holds here too, and nothing is connected", async (t) => {
  const server = await serve(t, (_request, response) => response.end());
  const { forward } = door("");
  await assert.rejects(forward(server.url, get()), { code: "url_refused" });
  await assert.rejects(forward("https://127.0.0.1/", get()), { code: "address_refused" });
  assert.equal(server.open(), 0);
});

test("one lane has few connections; who waits gets the place of whoever ends or leaves", async (t) => {
  let asked = 0;
  const server = await serve(t, (_request, response) => {
    asked += 1;
    response.writeHead(200);
    response.write("x");
  });
  const { forward } = door();
  const open = await Promise.all(Array.from({ length: 16 }, () => forward(server.url, get())));
  const leaver = new AbortController();
  const left = forward(server.url, get({ signal: leaver.signal }));
  const waiting = forward(server.url, get());
  await forward(server.url, get({ lane: "other" })).then((answer) => answer.cancel());
  assert.equal(asked, 17);
  leaver.abort();
  await assert.rejects(left);
  await open[0]?.cancel();
  await (await waiting).cancel();
  assert.equal(asked, 18);
  await Promise.all(open.map((answer) => answer.cancel()));
  await eventually("all connections are closed", () => server.open() === 0);
});

async function read({ body }: Forwarded): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("requests of one lane that may be sent twice share a connection; nobody shares it with another lane", async (t) => {
  const server = await serve(t, (request, response) => void response.end(`${request.method} ${request.url}`));
  const { forward } = door();
  for (const path of ["a", "b", "c"]) assert.equal(await read(await forward(server.url + path, get())), `GET /${path}`);
  assert.equal(server.made(), 1);
  await read(await forward(server.url, get({ lane: "two" })));
  assert.equal(server.made(), 2);
  for (const more of [{ method: "POST", body: Buffer.from("x") }, { method: "DELETE" }]) {
    const made = server.made();
    await read(await forward(server.url, get(more)));
    assert.equal(server.made(), made + 1, more.method);
  }
});

test("a kept connection that died is replaced, and an answer that was not read to its end keeps none", async (t) => {
  const server = await serve(t, (request, response) => {
    response.writeHead(200);
    if (request.url === "/long") response.write("begun");
    else response.end("whole");
  });
  const { forward } = door();
  await read(await forward(server.url, get()));
  server.closeIdle();
  assert.equal(await read(await forward(server.url, get())), "whole");
  assert.equal(server.made(), 2);
  await (await forward(`${server.url}long`, get())).cancel();
  for await (const piece of (await forward(`${server.url}long`, get())).body) if (piece.length > 0) break;
  await eventually("the unread ones are closed", () => server.open() === 0);
  assert.equal(await read(await forward(server.url, get())), "whole");
  assert.equal(server.made(), 4);
});

test("S01 a kept connection is used only while its name leads to that address", async (t) => {
  const server = await serve(t, (_request, response) => void response.end("whole"));
  let addresses = ["127.0.0.1"];
  const policy = parseNetworks("loopback");
  const forward = createGuardedForward({ policy, clock: new FakeClock(), resolve: async () => addresses });
  const url = server.url.replace("127.0.0.1", "api.example");
  for (const _ of [1, 2]) await read(await forward(url, get()));
  assert.equal(server.made(), 1);
  addresses = ["127.0.0.9"];
  await assert.rejects(forward(url, get()), "nobody listens there");
  addresses = ["10.0.0.1"];
  await assert.rejects(forward(url, get()), { code: "address_refused" });
});

/** Of a text and more bytes behind it: what is read, where it ends well. */
const PACKED: readonly (readonly [encoding: string, packed: Uint8Array, read: string | undefined])[] = [
  ["gzip", gzipSync("whole"), undefined],
  ["deflate", deflateSync("whole"), "whole"],
  ["br", brotliCompressSync("whole"), "whole"],
  ["zstd", zstdCompressSync("whole"), "whole"],
];

for (const [encoding, packed, whole] of PACKED) {
  test(`ST-32 what follows an answer in ${encoding} is not waited for, and nobody is given its connection`, async (t) => {
    const server = await serve(t, (request, response) => {
      response.writeHead(200, { "content-encoding": encoding });
      if (request.url === "/") response.end(packed);
      else response.write(Buffer.concat([packed, Buffer.from("more")]));
    });
    const { forward } = door();
    assert.equal(await read(await forward(`${server.url}more`, get())).catch(() => undefined), whole);
    await eventually("its connection is closed", () => server.open() === 0);
    for (const _ of [1, 2]) assert.equal(await read(await forward(server.url, get())), "whole");
    assert.equal(server.made(), 2);
  });
}

test("an answer in an encoding that nobody knows here is refused, and its connection does not stay open", async (t) => {
  const server = await serve(t, (_request, response) => {
    response.writeHead(200, { "content-encoding": "compress" });
    response.write("more follows");
  });
  const { forward } = door();
  for (const method of ["GET", "POST"]) {
    await assert.rejects(forward(server.url, get({ method })), { name: "TransportError", code: "encoding_refused" });
  }
  await eventually("its connection is closed", () => server.open() === 0);
  assert.equal(server.made(), 2);
});
