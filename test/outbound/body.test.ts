import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { failure, loopbackFetch, serveHttp, serveTcp } from "./servers.ts";

const POST = { method: "POST", body: "refresh_token=one-time" };
const TOKENS = '{"access_token":"a","token_type":"Bearer"}';

const ENCODINGS: readonly [string, (text: string) => Buffer][] = [
  ["gzip", gzipSync],
  ["X-GZIP", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
  ["zstd", zstdCompressSync],
];

for (const [encoding, encode] of ENCODINGS) {
  test(`N20 a ${encoding} token answer is decoded once, metadata are refused`, async (t) => {
    const url = await serveHttp(t, (_req, res) =>
      res.writeHead(200, { "content-encoding": encoding }).end(encode(TOKENS)),
    );
    const response = await loopbackFetch()(url, POST);
    assert.equal(await response.text(), TOKENS);
    assert.equal(response.headers.get("content-encoding"), null);
    assert.deepEqual(await failure(loopbackFetch()(url)), { code: "encoding_refused", sent: true });
  });
}

for (const encoding of ["gzip, gzip", "compress", "constructor"]) {
  test(`N20 encoding "${encoding}" is refused`, async (t) => {
    const url = await serveHttp(t, (_req, res) =>
      res.writeHead(200, { "content-encoding": encoding }).end(gzipSync(TOKENS)),
    );
    assert.deepEqual(await failure(loopbackFetch()(url, POST)), { code: "encoding_refused", sent: true });
  });
}

test("N20 what is not gzip although it says so is refused", async (t) => {
  const url = await serveHttp(t, (_req, res) => res.writeHead(200, { "content-encoding": "gzip" }).end(TOKENS));
  assert.deepEqual(await failure(loopbackFetch()(url, POST)), { code: "encoding_refused", sent: true });
});

test("S06 a bomb of 97 KB that would be 100 MB ends at the cap, without the memory", async (t) => {
  const bomb = gzipSync(Buffer.alloc(100_000_000));
  assert.ok(bomb.length < 100_000);
  const url = await serveHttp(t, (_req, res) => res.writeHead(200, { "content-encoding": "gzip" }).end(bomb));
  const before = process.memoryUsage.rss();
  for (let time = 0; time < 5; time++) {
    assert.deepEqual(await failure(loopbackFetch()(url, POST)), { code: "too_large", sent: true });
  }
  const grown = process.memoryUsage.rss() - before;
  assert.ok(grown < 50_000_000, `${grown} bytes more`);
});

test("N13 endless chunks end at the cap", async (t) => {
  let sent = 0;
  const url = await serveHttp(t, (_req, res) => {
    const more = () => {
      while (!res.destroyed && res.write(Buffer.alloc(16_384))) sent += 16_384;
    };
    res.on("drain", more);
    more();
  });
  assert.deepEqual(await failure(loopbackFetch()(url, POST)), { code: "too_large", sent: true });
  assert.ok(sent < 50_000_000, `${sent} bytes were taken`);
});

test("N13 256 KiB for a token answer, 1 MiB for metadata, to the byte", async (t) => {
  const url = await serveHttp(t, (req, res) => res.end(Buffer.alloc(Number(req.url?.slice(1)), "x")));
  const fetch = loopbackFetch();
  assert.equal((await (await fetch(`${url}/262144`, POST)).bytes()).length, 262_144);
  assert.deepEqual(await failure(fetch(`${url}/262145`, POST)), { code: "too_large", sent: true });
  assert.equal((await (await fetch(`${url}/1048576`)).bytes()).length, 1_048_576);
  assert.deepEqual(await failure(fetch(`${url}/1048577`)), { code: "too_large", sent: true });
});

const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${TOKENS.length}\r\n\r\n${TOKENS}`;

for (const length of [0, 1, 9, 30, ANSWER.indexOf("\r\n\r\n") + 4, ANSWER.length - 20, ANSWER.length - 1]) {
  for (const end of ["end", "resetAndDestroy"] as const) {
    test(`CL-14 an answer cut by ${end} after ${length} of ${ANSWER.length} bytes is a reset, sent`, async (t) => {
      const url = await serveTcp(t, (socket) => {
        if (length === 0) socket[end]();
        else socket.write(ANSWER.slice(0, length), () => setImmediate(() => socket[end]()));
      });
      assert.deepEqual(await failure(loopbackFetch()(url, POST)), { code: "reset", sent: true });
    });
  }
}

test("CL-14 the whole answer is an answer, also when the server resets after it", async (t) => {
  const url = await serveTcp(t, (socket) => socket.end(ANSWER));
  assert.equal(await (await loopbackFetch()(url, POST)).text(), TOKENS);
});

const GARBLED: readonly [string, string][] = [
  ["a broken chunk size", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"],
  ["a missing last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"],
  ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"],
  ["trailers", "HTTP/1.1 200 OK\r\ntrailer: x-a\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-a: b\r\n\r\n"],
];

for (const [what, bytes] of GARBLED) {
  test(`N22 ${what} is a reset, sent`, async (t) => {
    const url = await serveTcp(t, (socket) => socket.end(bytes));
    assert.deepEqual(await failure(loopbackFetch()(url, POST)), { code: "reset", sent: true });
  });
}

test("an answer is read in each way that a Response has, as often as one likes", async (t) => {
  const url = await serveHttp(t, (_req, res) =>
    res.writeHead(201, { "content-type": "application/json", date: "today" }).end(`\uFEFF${TOKENS}`),
  );
  const response = await loopbackFetch()(url, POST);
  const plain = new Response(`\uFEFF${TOKENS}`, { status: 201, headers: response.headers });
  assert.deepEqual([response.status, ...response.headers], [plain.status, ...plain.headers]);
  for (const each of [response, response.clone(), await loopbackFetch()(url, POST)]) {
    assert.equal(await each.text(), TOKENS);
    assert.deepEqual(await each.json(), JSON.parse(TOKENS));
    assert.deepEqual(await each.bytes(), await plain.clone().bytes());
    assert.deepEqual(await each.arrayBuffer(), await plain.clone().arrayBuffer());
    assert.equal(await (await each.blob()).text(), await (await plain.clone().blob()).text());
    assert.deepEqual(await new Response(each.body).bytes(), await plain.clone().bytes());
  }
  const form = await serveHttp(t, (_req, res) =>
    res.writeHead(200, { "content-type": "application/x-www-form-urlencoded" }).end("access_token=a"),
  );
  assert.equal((await (await loopbackFetch()(form, POST)).formData()).get("access_token"), "a");
});
