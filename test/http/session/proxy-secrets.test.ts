import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { eventually } from "../../support/eventually.ts";
import { ask, OPERATOR } from "../../support/sessions.ts";
import { type Stage, stage } from "./stage.ts";

test("ST-11 a redirect that repeats the token is refused, however it is written, and any other header that does is left out", async (t) => {
  const { api, call, token } = await stage(t);
  const secret = await token();
  const encoded = [...secret].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join("");
  const forms = [secret, secret.toUpperCase(), encoded, encodeURIComponent(encoded)];
  for (const form of forms) {
    for (const location of [`/base/next?t=${form}`, `/base/${form}/x`, `${api.url}/base/x#${form}`]) {
      api.handle = (_request, response) => response.writeHead(302, { location }).end();
      const answer = await call("api/x");
      assert.equal(answer.status, 502, location);
      assert.equal(answer.headers.get("location"), null);
      api.handle = (_request, response) => response.writeHead(201, { location, link: `<${form}>; rel=next` }).end();
      const created = await call("api/x");
      assert.equal(created.status, 201);
      assert.deepEqual([created.headers.get("location"), created.headers.get("link")], [null, null], location);
    }
  }
  api.handle = (_request, response) => response.writeHead(200, { [`x-${secret}`]: "1", location: "/base/a%2" }).end();
  const named = await call("api/x");
  assert.ok(
    !JSON.stringify([...named.headers])
      .toLowerCase()
      .includes(secret.toLowerCase()),
    "as a name",
  );
});

test("ST-11 an answer that is packed all the same is searched unpacked, and one that cannot be unpacked is refused", async (t) => {
  const { api, call, token, pair } = await stage(t);
  const secret = await token();
  const text = `before ${secret} after`;
  const hidden = `before ${"*".repeat(secret.length)} after`;
  const answerWith = (body: Uint8Array, encoding: string) => {
    api.handle = (_request, response) =>
      response.writeHead(200, { "content-encoding": encoding, "content-length": body.length }).end(body);
    return call("api/x");
  };
  const packed: [string, Uint8Array][] = [
    ["gzip", gzipSync(text)],
    ["X-GZIP", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["br", brotliCompressSync(text)],
    ["zstd", zstdCompressSync(text)],
    ["gzip, br", brotliCompressSync(gzipSync(text))],
    ["identity", Buffer.from(text)],
  ];
  for (const [encoding, body] of packed) {
    const answer = await answerWith(body, encoding);
    assert.equal(await answer.text(), hidden, encoding);
    assert.equal(answer.headers.get("content-encoding") ?? "identity", "identity");
  }
  assert.equal(await (await answerWith(new Uint8Array(), "gzip")).text(), "");
  for (const encoding of ["compress", "gzip, gzip, gzip", "aws-chunked", "gzip, x"]) {
    const answer = await answerWith(gzipSync(text), encoding);
    assert.equal(answer.status, 502, encoding);
    assert.equal(((await answer.json()) as { error: string }).error, "unknown_encoding");
  }
  const untrue = await answerWith(Buffer.from("no gzip at all"), "gzip");
  assert.equal(((await untrue.json()) as { error: string }).error, "temporarily_unavailable");
  api.handle = (_request, response) => {
    response.removeHeader("transfer-encoding");
    response.writeHead(200, { "transfer-encoding": "gzip, chunked" }).end(gzipSync(text));
  };
  const framed = await call("api/x");
  assert.equal(framed.status, 502);
  assert.ok(!pair.logged.join("").includes(secret));
});

test("ST-11 a part is never asked for, so that the token does not come in pieces; and other ways to write it are hidden", async (t) => {
  const { api, call, token } = await stage(t);
  const secret = await token();
  api.handle = (_request, response, { headers }) => {
    const [, from = "0", to = "9999"] = /bytes=(\d+)-(\d+)/.exec(String(headers.range ?? "")) ?? [];
    const part = secret.slice(Number(from), Number(to) + 1);
    response.writeHead(headers.range ? 206 : 200, { "accept-ranges": "bytes" }).end(part);
  };
  const pieces: string[] = [];
  for (let at = 0; at < secret.length; at += 8) {
    const answer = await call("api/x", { headers: { range: `bytes=${at}-${at + 7}`, "if-range": '"e"' } });
    assert.equal(answer.headers.get("accept-ranges"), null);
    pieces.push(await answer.text());
  }
  assert.ok(!pieces.join("").includes(secret));
  assert.deepEqual(new Set(pieces), new Set(["*".repeat(secret.length)]));
});

test("ST-22 what the API calls public is private to the program: no shared cache keeps it, and none is given orders", async (t) => {
  const { api, call } = await stage(t);
  const said: [Record<string, string | string[]>, string, string][] = [
    [{}, "private", "Authorization"],
    [{ "cache-control": "public, max-age=60" }, "private, max-age=60", "Authorization"],
    [{ "cache-control": "S-MaxAge=60, Public, immutable" }, "private, immutable", "Authorization"],
    [{ "cache-control": 'private="set-cookie, x", max-age=5' }, "private, max-age=5", "Authorization"],
    [{ "cache-control": ["public", "no-cache"] }, "private, no-cache", "Authorization"],
    [{ "cache-control": "no-store", vary: "accept" }, "private, no-store", "accept, Authorization"],
  ];
  for (const [headers, control, vary] of said) {
    api.handle = (_request, response) => response.writeHead(200, headers).end("x");
    const answer = await call("api/x");
    assert.equal(answer.headers.get("cache-control"), control, JSON.stringify(headers));
    assert.equal(answer.headers.get("vary"), vary);
  }
  const orders = {
    "cdn-cache-control": "public",
    "cloudflare-cdn-cache-control": "max-age=60",
    "surrogate-control": "max-age=60",
    "x-accel-expires": "60",
    "x-accel-redirect": "/etc/passwd",
    "x-sendfile": "/etc/passwd",
    "x-reproxy-url": "http://127.0.0.1/",
  };
  api.handle = (_request, response) => response.writeHead(200, orders).end("x");
  const answer = await call("api/x");
  for (const name of Object.keys(orders)) assert.equal(answer.headers.get(name), null, name);
});

test("ST-22 for pages of other origins an answer also depends on the origin", async (t) => {
  const { call } = await stage(t, {}, { allowedOrigins: new Set(["https://app.example.com"]) });
  const answer = await call("api/x", { headers: { origin: "https://app.example.com" } });
  assert.equal(answer.headers.get("vary"), "origin, Authorization");
});

/** A stream that has begun; what ends it is `ended`, and whether the API has seen the end. */
async function openStream({ api, call }: Stage) {
  let closed = false;
  api.handle = (_request, response) => {
    response.on("close", () => {
      closed = true;
    });
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
  };
  const answer = await call("api/events");
  const reader = answer.body?.getReader();
  assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), "data: 1\n\n");
  return { ended: assert.rejects(async () => reader?.read()), isClosed: () => closed };
}

test("ST-21 what is under way ends with its session: a stream breaks off on both sides, a request without an answer is refused", async (t) => {
  const play = await stage(t);
  const { api, call, pair, program } = play;
  const { ended, isClosed } = await openStream(play);
  api.handle = () => {};
  const unanswered = call("api/slow");
  await eventually("both are under way", () => api.seen.length === 2);
  await pair.pass(20_000);
  assert.equal(isClosed(), false, "while it lasts nothing ends");
  assert.equal((await ask(pair, "DELETE", `/sessions/${program.started.id}`, OPERATOR)).status, 204);
  await ended;
  await eventually("the end upstream", isClosed);
  const refused = await unanswered;
  assert.deepEqual([refused.status, ((await refused.json()) as { error: string }).error], [401, "invalid_session"]);
});

test("ST-21 a stream ends within seconds where nobody tells of the end", async (t) => {
  const play = await stage(t, { accessLife: 60, extra: { refresh_token: undefined } });
  const { ended, isClosed } = await openStream(play);
  await play.pair.pass(50_000);
  assert.equal(isClosed(), false);
  await play.pair.pass(20_000);
  await ended;
  await eventually("the end upstream", isClosed);
});

test("ST-172 nothing of an answer repeats the token that was refused before it, nor any token as JSON writes it in a header", async (t) => {
  const { api, call, token: first } = await stage(t);
  const seen: string[] = [await first()];
  api.handle = ({ headers }, response) => {
    const sent = String(headers.authorization).slice("Bearer ".length);
    if (sent === seen[0]) return response.writeHead(401).end();
    seen.push(sent);
    const [before, now] = seen;
    return response
      .writeHead(200, { "x-before": before, link: `<https://elsewhere.example/?${before}>`, "x-now": now })
      .end(`${before} and ${now}, ${before}`);
  };
  const answer = await call("api/x");
  const [before = "", now = ""] = seen;
  assert.ok(now !== "" && now !== before, "it was tried again with another one");
  const hidden = "*".repeat(before.length);
  assert.equal(await answer.text(), `${hidden} and ${"*".repeat(now.length)}, ${hidden}`);
  assert.deepEqual(
    ["x-before", "link", "x-now"].map((name) => answer.headers.get(name)),
    [null, null, null],
  );
  for (const written of [
    (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
    (sign: string) => `\\${sign}`,
  ]) {
    const token = now.replaceAll(/[^a-z0-9]/gi, written);
    assert.notEqual(token, now, "it has a sign in it");
    api.handle = (_request, response) => response.writeHead(200, { "x-debug": `{"token":"${token}"}` }).end();
    assert.equal((await call("api/x")).headers.get("x-debug"), null, token);
  }
});
