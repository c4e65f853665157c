import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { startApi, textOf } from "../../servers/api-server.ts";
import { eventually } from "../../support/eventually.ts";
import { configure } from "../../support/misbehaving.ts";
import { ask, begin, OPERATOR } from "../../support/sessions.ts";
import { converse } from "../start.ts";
import { type Stage, stage } from "./stage.ts";

/** A request as it is written, with the session's bearer. */
function rawRequest({ pair, program }: Stage, lines: readonly string[], body = ""): Promise<string> {
  const head = [...lines, `Authorization: Bearer ${program.secret}`, "Connection: close"];
  return converse(Number(new URL(pair.running.address).port), [`${head.join("\r\n")}\r\n\r\n${body}`]);
}

test("a program uses an API without ever seeing the token", async (t) => {
  const { api, call, token, pair, program } = await stage(t);
  const answer = await call("api/repos/x?page=2&q=a%20b", {
    method: "POST",
    body: '{"a":1}',
    headers: { "content-type": "application/json", "x-github-api-version": "2022-11-28", accept: "application/json" },
  });
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), { ok: true });
  assert.equal(answer.headers.get("coatcheck-api"), "api");
  const [seen] = api.seen;
  assert.equal(seen?.method, "POST");
  assert.equal(seen?.target, "/base/repos/x?page=2&q=a%20b");
  assert.equal(seen?.body, '{"a":1}');
  assert.equal(seen?.headers.authorization, `Bearer ${await token()}`);
  assert.equal(seen?.headers["content-type"], "application/json");
  assert.equal(seen?.headers["x-github-api-version"], "2022-11-28");
  assert.ok(!JSON.stringify(seen).includes(program.secret));
  assert.deepEqual((await program.get()).body.apis, ["api"]);
  assert.ok(!pair.logged.join("").includes("repos"), "paths of requests are in no log");
  for (const method of ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]) {
    assert.equal((await call("api/x", { method })).status, 200, method);
    assert.equal(api.seen.at(-1)?.method, method);
  }
  await call("api");
  assert.equal(api.seen.at(-1)?.target, "/base/");
});

test("S16 nothing but what the operator listed can be reached: not another host, port, or server's API", async (t) => {
  const play = await stage(t);
  const { call, pair, api } = play;
  const other = await startApi(t);
  await configure(pair, pair.as, { proxy_apis: { theirs: other.url } }, "theirs");
  const host = new URL(other.url).host;
  assert.equal((await call("theirs/x")).status, 404);
  assert.equal((await call("constructor/x")).status, 404);
  for (const path of [`/${host}/x`, `http://${host}/x`, `//${host}/x`, `@${host}/x`, `\\\\${host}\\x`, `.${host}`]) {
    await rawRequest(play, [`GET /session/proxy/api/${path} HTTP/1.1`, "Host: localhost"]);
    await rawRequest(play, [`GET /session/proxy/api${path} HTTP/1.1`, "Host: localhost"]);
  }
  const absolute = await rawRequest(play, [`GET http://${host}/session/proxy/api/x HTTP/1.1`, `Host: ${host}`]);
  assert.match(absolute, /^HTTP\/1\.1 4/);
  const crlf = await rawRequest(play, [`GET /session/proxy/api/x%0d%0aHost:%20${host} HTTP/1.1`, "Host: localhost"]);
  assert.ok(crlf);
  await rawRequest(play, ["GET /session/proxy/api/x HTTP/1.1", `Host: ${host}`]);
  await rawRequest(play, [`CONNECT ${host} HTTP/1.1`, `Host: ${host}`]);
  assert.equal(other.seen.length, 0);
  for (const { headers, target } of api.seen) {
    assert.equal(headers.host, new URL(api.url).host);
    assert.ok(target.startsWith("/base/"));
  }
});

test("S17 no path leads outside the base, however it is written", async (t) => {
  const play = await stage(t);
  const dots = [
    "..",
    ".",
    "%2e%2e",
    "%2E.",
    ".%2e",
    "%252e%252e",
    "%25252e.",
    "..;",
    "..;x=1",
    "..%2f",
    "..%5c",
    "..\\",
    "%2f",
    "%5c",
    "%00",
    "a%2fb",
    "%252f",
  ];
  const paths = dots.flatMap((dot) => [dot, `${dot}/x`, `a/${dot}/x`, `a/${dot}`]);
  for (const path of [...paths, "/x", "a//x", "//x"]) {
    const answer = await rawRequest(play, [`GET /session/proxy/api/${path} HTTP/1.1`, "Host: localhost"]);
    assert.match(answer, /^HTTP\/1\.1 400/, path);
  }
  assert.equal(play.api.seen.length, 0);
  for (const path of ["a.b/..c", "a%20b", "100%25", "@me", "a:b", "a;b=c", "~x"]) {
    const answer = await rawRequest(play, [`GET /session/proxy/api/${path} HTTP/1.1`, "Host: localhost"]);
    assert.match(answer, /^HTTP\/1\.1 200/, path);
    assert.equal(play.api.seen.at(-1)?.target, `/base/${path}`);
  }
});

test("S18 credentials, addresses and tricks of the connection are not passed on", async (t) => {
  const play = await stage(t);
  const dropped = [
    "Cookie: a=b",
    "DPoP: proof",
    "Proxy-Authorization: Basic x",
    "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-Host: evil",
    "Forwarded: for=1.2.3.4",
    "X_Forwarded_For: 1.2.3.4",
    "X-Real-IP: 1.2.3.4",
    "X-Vault-Token: x",
    "Via: 1.1 x",
    "X-HTTP-Method-Override: DELETE",
    "Keep-Alive: timeout=5",
    "TE: trailers",
    "X-Hop: 1",
    "Connection: X-Hop",
    "Accept-Encoding: gzip",
    "Range: bytes=0-1",
    "If-Range: x",
  ];
  const kept = ["X-Kept: 1", "Accept: a/b", "If-None-Match: x"];
  assert.match(
    await rawRequest(play, ["GET /session/proxy/api/x HTTP/1.1", "Host: localhost", ...dropped, ...kept]),
    /^HTTP\/1\.1 200/,
  );
  const { headers = {} } = play.api.seen[0] ?? {};
  for (const line of dropped) {
    const name = line.split(":")[0]?.toLowerCase() ?? "";
    const value = headers[name];
    assert.ok(value === undefined || ["connection", "accept-encoding"].includes(name), line);
  }
  assert.equal(headers["accept-encoding"], "identity");
  assert.equal(headers["x-kept"], "1");
  for (const named of ["authorization", "Host", "content-length", "X-Forwarded-For", "cookie"]) {
    const answer = await rawRequest(play, [
      "GET /session/proxy/api/x HTTP/1.1",
      "Host: localhost",
      `Connection: ${named}`,
    ]);
    assert.match(answer, /^HTTP\/1\.1 400/, named);
  }
  const upgrade = [
    "GET /session/proxy/api/x HTTP/1.1",
    "Host: localhost",
    "Upgrade: websocket",
    "Sec-WebSocket-Key: x",
  ];
  assert.match(await rawRequest(play, upgrade), /^HTTP\/1\.1 400/);
  assert.equal(play.api.seen.length, 1);
});

test("S19 messages whose length is in doubt are refused, and their connection ends", async (t) => {
  const play = await stage(t);
  const framings = [
    ["Content-Length: 3", "Content-Length: 4"],
    ["Content-Length: 3", "Content-Length: 3"],
    ["Content-Length: 3", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: chunked", "Content-Length: 3"],
    ["Transfer-Encoding: chunked, chunked"],
    ["Transfer-Encoding: xchunked"],
    ["Transfer-Encoding: chunked, identity"],
    ["Transfer-Encoding : chunked"],
    ["Content-Length: +3"],
    ["Content-Length: 0x3"],
    ["Content-Length: -1"],
    ["Content-Length: 3, 3"],
    ["Content-Length : 3"],
    ["X-A: b", " folded: c"],
    ["X-A: b\rX-B: c"],
    ["X-A: b\nTransfer-Encoding: chunked"],
    ["X-A\u0000: b"],
  ];
  for (const framing of framings) {
    const lines = ["POST /session/proxy/api/x HTTP/1.1", "Host: localhost", ...framing];
    const answer = await rawRequest(
      play,
      lines,
      "abcGET /session/proxy/api/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n",
    );
    assert.match(answer, /^HTTP\/1\.1 400/, framing.join("|"));
    assert.equal(answer.split("HTTP/1.1 ").length, 2, "one answer, and the connection ends");
  }
  assert.deepEqual(
    play.api.seen.filter(({ target }) => target.includes("smuggled")),
    [],
  );
});

test("S20 cookies, challenges and an echoed token do not come back, nor a redirect to elsewhere", async (t) => {
  const { api, call, token } = await stage(t);
  const secret = await token();
  api.handle = (_request, response) => {
    response.writeHead(200, {
      "set-cookie": ["a=b", "c=d"],
      "www-authenticate": "Bearer",
      "strict-transport-security": "max-age=1",
      "clear-site-data": '"*"',
      "access-control-allow-origin": "*",
      "x-echo": `Bearer ${secret}`,
      "x-kept": "1",
      etag: '"e"',
      connection: "x-hop",
      "x-hop": "1",
    });
    const body = `before ${secret} after ${secret}`;
    response.write(body.slice(0, 12));
    setTimeout(() => response.write(body.slice(12, 15)), 20);
    setTimeout(() => response.end(body.slice(15)), 40);
  };
  const answer = await call("api/x");
  const text = await answer.text();
  assert.equal(text, `before ${"*".repeat(secret.length)} after ${"*".repeat(secret.length)}`);
  const dropped = [
    "set-cookie",
    "www-authenticate",
    "strict-transport-security",
    "clear-site-data",
    "access-control-allow-origin",
    "x-echo",
    "x-hop",
  ];
  for (const name of dropped) assert.equal(answer.headers.get(name), null, name);
  assert.equal(answer.headers.get("x-kept"), "1");
  assert.equal(answer.headers.get("etag"), '"e"');
  assert.match(answer.headers.get("content-security-policy") ?? "", /sandbox/);
  const redirect = (location: string) => {
    api.handle = (_request, response) => response.writeHead(302, { location }).end();
    return call("api/x");
  };
  for (const location of ["next?a=b", "/base/next?a=b", `${api.url}/base/next?a=b`]) {
    const inside = await redirect(location);
    assert.equal(inside.status, 302);
    assert.equal(inside.headers.get("location"), "/session/proxy/api/next?a=b", location);
  }
  for (const location of ["https://evil.example/", "//evil.example/base/x", "/outside", "../outside", "/basement"]) {
    const outside = await redirect(location);
    assert.equal(outside.status, 502, location);
    assert.equal(((await outside.json()) as { error: string }).error, "foreign_redirect");
  }
});

test("a 401 brings one refresh and one repetition, where the body can be sent again", async (t) => {
  const { api, call, token, pair } = await stage(t);
  const first = await token();
  api.handle = async (request, response, seen) => {
    seen.body = await textOf(request);
    const good = seen.headers.authorization !== `Bearer ${first}`;
    response.writeHead(good ? 200 : 401).end(good ? "fine" : "who?");
  };
  const answers = await Promise.all(["a", "b", "c"].map((body) => call("api/x", { method: "POST", body })));
  for (const answer of answers) assert.equal(await answer.text(), "fine");
  assert.equal(pair.as.to("/token").filter(({ form }) => form.get("grant_type") === "refresh_token").length, 1);
  assert.deepEqual(api.seen.map(({ body }) => body).sort(), ["a", "a", "b", "b", "c", "c"]);
  api.handle = (_request, response) => response.writeHead(401, { "www-authenticate": "Bearer" }).end("never");
  const before = api.seen.length;
  const never = await call("api/x");
  assert.equal(never.status, 401);
  assert.equal(await never.text(), "never");
  assert.equal(never.headers.get("coatcheck-api"), "api", "it is the API's own 401");
  assert.equal(api.seen.length - before, 2, "repeated once and no more");
});

test("a body that cannot be sent again is not, and its 401 is the answer", async (t) => {
  const { api, call } = await stage(t);
  api.handle = async (request, response, seen) => {
    seen.body = await textOf(request);
    response.writeHead(401).end();
  };
  const answer = await call("api/x", { method: "POST", body: "x".repeat(300_000) });
  assert.equal(answer.status, 401);
  assert.equal(api.seen.length, 1);
});

test("bodies of any size stream both ways, with their length or without", async (t) => {
  const { api, call } = await stage(t);
  const piece = randomBytes(65_536);
  const pieces = 400;
  const expected = createHash("sha256");
  for (let i = 0; i < pieces; i++) expected.update(piece);
  const wanted = expected.digest("hex");
  api.handle = async (request, response) => {
    response.writeHead(200);
    for await (const chunk of request)
      if (!response.write(chunk)) await new Promise((go) => response.once("drain", go));
    response.end();
  };
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (sent++ < pieces) controller.enqueue(piece);
      else controller.close();
    },
  });
  const answer = await call("api/up", { method: "POST", body, duplex: "half" } as RequestInit);
  const got = createHash("sha256");
  for await (const chunk of answer.body ?? []) got.update(chunk);
  assert.equal(got.digest("hex"), wanted);
  assert.equal(api.seen.at(-1)?.headers["transfer-encoding"], "chunked");
  const known = await call("api/up", { method: "POST", body: Buffer.alloc(5_000_000) });
  assert.equal((await known.arrayBuffer()).byteLength, 5_000_000);
  assert.equal(api.seen.at(-1)?.headers["content-length"], "5000000");
});

test("an answer comes piece by piece, and ends upstream when the program leaves", async (t) => {
  const { api, call } = await stage(t);
  let closed = false;
  api.handle = (_request, response) => {
    response.on("close", () => {
      closed = true;
    });
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n");
  };
  const leaver = new AbortController();
  const answer = await call("api/events", { signal: leaver.signal });
  assert.equal(answer.headers.get("x-accel-buffering"), "no", "a reverse proxy holds none of it back");
  const reader = answer.body?.getReader();
  assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), "data: 1\n\n");
  leaver.abort();
  await eventually("the end upstream", () => closed);
});

test("an answer that breaks off upstream breaks off here, and one that never comes is a 502", async (t) => {
  const { api, call, pair } = await stage(t);
  api.handle = (_request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("half");
    setTimeout(() => response.destroy(), 20);
  };
  await assert.rejects(async () => (await call("api/x")).text());
  api.handle = (request) => request.socket.destroy();
  const none = await call("api/x");
  assert.equal(none.status, 502);
  assert.equal(((await none.json()) as { error: string }).error, "temporarily_unavailable");
  assert.equal(none.headers.get("coatcheck-api"), null);
  assert.match(pair.logged.join(""), /proxy_failed/);
});

test("without a session, with one that is pending, and to addresses that are not allowed nothing is sent", async (t) => {
  const { api, pair, call } = await stage(t);
  assert.equal((await ask(pair, "GET", "/session/proxy/api/x", { bearer: "ccs_x" })).status, 401);
  assert.equal((await ask(pair, "GET", "/session/proxy/api/x", OPERATOR)).status, 401);
  const { secret } = await begin(pair);
  const pending = await ask(pair, "GET", "/session/proxy/api/x", { bearer: secret });
  assert.equal(pending.status, 503);
  assert.equal(pending.body.error, "authorization_pending");
  const data = (await pair.read("oauth2/servers/as")).body?.data;
  await pair.write("oauth2/servers/as", { ...data, proxy_apis: { api: "https://10.0.0.1/" } });
  assert.equal((await call("api/x")).status, 502, "the address policy of all requests");
  assert.equal(api.seen.length, 0);
});

test("what is no base URL is refused when the server is written", async (t) => {
  const { pair } = await stage(t);
  const data = (await pair.read("oauth2/servers/as")).body?.data;
  const bad = [
    { api: "ftp://x/" },
    { api: "https://user@x/" },
    { api: "https://x/?a=b" },
    { api: "https://x/#a" },
    { api: "https://x/%2e%2e/" },
    { api: "x" },
    { "a/b": "https://x/" },
    { "": "https://x/" },
    { A: "https://x/" },
  ];
  for (const proxy_apis of bad) {
    const written = await pair.write("oauth2/servers/as", { ...data, proxy_apis });
    assert.equal(written.status, 400, JSON.stringify(proxy_apis));
  }
  const read = (await pair.read("oauth2/servers/as")).body?.data?.proxy_apis as Record<string, string>;
  assert.match(read.api ?? "", /\/base\/$/, "nothing was stored");
});
