import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type TestContext, test } from "node:test";
import { parseNetworks } from "../../src/outbound/address-policy.ts";
import { createGuardedFetch, type GuardedFetchOptions } from "../../src/outbound/guarded-fetch.ts";
import { portOf } from "../servers/free-port.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "./certificate.ts";
import { failure, loopbackFetch, serveHttp, serveTcp } from "./servers.ts";

test("a POST arrives as it was meant and its answer comes back whole", async (t) => {
  const seen: { method?: string; url?: string; headers?: IncomingHttpHeaders; body: string } = { body: "" };
  const url = await serveHttp(t, async (req, res) => {
    Object.assign(seen, { method: req.method, url: req.url, headers: req.headers });
    for await (const chunk of req) seen.body += chunk;
    res.writeHead(201, { "content-type": "application/json", "retry-after": "7", "set-cookie": "a=b" }).end('{"ü":1}');
  });
  const body = new URLSearchParams({ grant_type: "refresh_token" });
  const headers = { accept: "application/json", "user-agent": "somebody else", "accept-encoding": "gzip" };
  const response = await loopbackFetch()(`${url}/token?tenant=1`, { method: "POST", body, headers });
  assert.equal(response.status, 201);
  assert.equal(await response.text(), '{"ü":1}');
  assert.equal(response.headers.get("retry-after"), "7");
  assert.equal(response.headers.get("set-cookie"), null);
  assert.deepEqual([seen.method, seen.url, seen.body], ["POST", "/token?tenant=1", "grant_type=refresh_token"]);
  assert.equal(seen.headers?.["user-agent"], "Coatcheck/test");
  assert.equal(seen.headers?.["accept-encoding"], "identity");
  assert.equal(seen.headers?.connection, "close");
  assert.equal(seen.headers?.["content-type"], "application/x-www-form-urlencoded");
});

for (const status of [301, 302, 303, 307, 308]) {
  test(`S04 a ${status} is returned, not followed`, async (t) => {
    let requests = 0;
    const url = await serveHttp(t, (req, res) => {
      requests++;
      res.writeHead(status, { location: "/elsewhere" }).end(req.url);
    });
    const response = await loopbackFetch()(url, { method: "POST", body: "refresh_token=secret" });
    assert.equal(response.status, status);
    assert.equal(requests, 1);
  });
}

for (const status of [204, 205, 304]) {
  test(`a ${status} has no body`, async (t) => {
    const url = await serveHttp(t, (_req, res) => res.writeHead(status).end());
    assert.equal((await loopbackFetch()(url)).body, null);
  });
}

test("FC-09 64 KiB of response headers are read; a limit that strikes names itself", async (t) => {
  const url = await serveHttp(t, (req, res) => {
    res.writeHead(200, { "content-security-policy": "x".repeat(Number(req.url?.slice(1))) }).end("{}");
  });
  const post = { method: "POST", body: "refresh_token=secret" };
  for (const bytes of [17_000, 60_000]) assert.equal((await loopbackFetch()(`${url}/${bytes}`, post)).status, 200);
  assert.deepEqual(await failure(loopbackFetch()(`${url}/66000`, post)), { code: "headers_too_large", sent: true });
});

test("C03 nothing is written to a connection that stands too late", async (t) => {
  let written = false;
  const url = await serveTcp(t, () => {
    written = true;
  });
  const late = loopbackFetch()(url, { method: "POST", body: "refresh_token=secret", maySend: () => false });
  assert.deepEqual(await failure(late), { code: "aborted", sent: false });
  assert.equal(written, false);
});

test("every request has a connection of its own", async (t) => {
  const ports = new Set<number | undefined>();
  const url = await serveHttp(t, (req, res) => {
    ports.add(req.socket.remotePort);
    res.end("{}");
  });
  const fetch = loopbackFetch();
  for (let time = 0; time < 3; time++) await fetch(url, { method: "POST", body: "x=1" });
  assert.equal(ports.size, 3);
});

test("the end of a connection writes no stack of an error, which is a tenth of what a request costs", async (t) => {
  const url = await serveHttp(t, (_req, res) => res.end("{}"));
  const fetch = loopbackFetch();
  await fetch(url, { method: "POST", body: "x=1" });
  const { prepareStackTrace } = Error;
  t.after(() => {
    Error.prepareStackTrace = prepareStackTrace;
  });
  let written = 0;
  Error.prepareStackTrace = () => {
    written += 1;
    return "";
  };
  await fetch(url, { method: "POST", body: "x=2" });
  assert.equal(written, 0);
});

test("I9 no more than six connections to one endpoint", async (t) => {
  let open = 0;
  let most = 0;
  const url = await serveHttp(t, (_req, res) => {
    most = Math.max(most, ++open);
    setImmediate(() => {
      open--;
      res.end("{}");
    });
  });
  const fetch = loopbackFetch();
  await Promise.all(Array.from({ length: 30 }, () => fetch(url)));
  assert.ok(most <= 6, `${most} at a time`);
});

test("S01 what the policy forbids is never connected", async (t) => {
  let requests = 0;
  const url = await serveHttp(t, (_req, res) => {
    requests++;
    res.end();
  });
  const fetch = loopbackFetch({ policy: parseNetworks("") });
  assert.deepEqual(await failure(fetch(url)), { code: "url_refused", sent: false });
  assert.deepEqual(await failure(fetch("https://127.0.0.1/")), { code: "address_refused", sent: false });
  assert.equal(requests, 0);
});

test("S02 rebinding: a name that changes between two look-ups is looked up once", async (t) => {
  let lookups = 0;
  const url = await serveHttp(t, (_req, res) => res.end("{}"));
  const resolve = async () => (lookups++ === 0 ? ["127.0.0.1"] : ["10.0.0.1"]);
  const named = url.replace("127.0.0.1", "as.localhost");
  assert.equal((await loopbackFetch({ resolve })(named)).status, 200);
  assert.equal(lookups, 1);
});

test("S02 a name with one forbidden address among good ones is refused", async (t) => {
  const url = await serveHttp(t, (_req, res) => res.end("{}"));
  const resolve = async () => ["127.0.0.1", "10.0.0.1"];
  const named = url.replace("127.0.0.1", "as.localhost");
  assert.deepEqual(await failure(loopbackFetch({ resolve })(named)), { code: "address_refused", sent: false });
});

test("CL-13 a dead address is passed over for the next one", async (t) => {
  const url = await serveHttp(t, (_req, res) => res.end("{}"));
  const named = url.replace("127.0.0.1", "as.localhost");
  const resolve = async () => ["127.0.0.99", "127.0.0.1"];
  assert.equal((await loopbackFetch({ resolve })(named)).status, 200);
});

test("CL-13 nobody listening, no such name: unreachable, not sent", async (t) => {
  const url = await serveHttp(t, (_req, res) => res.end());
  const closed = url.replace("127.0.0.1", "127.0.0.77");
  assert.deepEqual(await failure(loopbackFetch()(closed)), { code: "unreachable", sent: false });
  const resolve = () => Promise.reject(new Error("ENOTFOUND"));
  assert.deepEqual(await failure(loopbackFetch({ resolve })("https://as.example.com/")), {
    code: "unreachable",
    sent: false,
  });
});

test("CL-13 an aborted signal, a body that cannot be sent: nothing is sent", async (t) => {
  let requests = 0;
  const url = await serveHttp(t, (_req, res) => {
    requests++;
    res.end();
  });
  const fetch = loopbackFetch();
  assert.deepEqual(await failure(fetch(url, { signal: AbortSignal.abort() })), { code: "aborted", sent: false });
  const body = new FormData();
  assert.deepEqual(await failure(fetch(url, { method: "POST", body })), { code: "url_refused", sent: false });
  assert.equal(requests, 0);
});

/** A TLS server for `as.example.com`; the test's resolver leads there. */
async function serveTls(t: TestContext): Promise<{ port: number; names: string[] }> {
  const names: string[] = [];
  const server = createHttpsServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, (req, res) => {
    names.push(`${(req.socket as { servername?: string }).servername} ${req.headers.host}`);
    res.end("{}");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: portOf(server), names };
}

function tlsFetch(options: Partial<GuardedFetchOptions>) {
  return createGuardedFetch({
    policy: parseNetworks("loopback"),
    userAgent: "Coatcheck/test",
    resolve: async () => ["127.0.0.1"],
    ...options,
  });
}

test("OA-18 TLS carries the name although an address is connected", async (t) => {
  const { port, names } = await serveTls(t);
  const response = await tlsFetch({ ca: TEST_CERTIFICATE })(`https://as.example.com:${port}/`);
  assert.equal(response.status, 200);
  assert.deepEqual(names, [`as.example.com as.example.com:${port}`]);
});

test("OA-18 a certificate of nobody known, or of another name, is unreachable and nothing is sent", async (t) => {
  const { port, names } = await serveTls(t);
  const unreachable = { code: "unreachable", sent: false };
  assert.deepEqual(await failure(tlsFetch({})(`https://as.example.com:${port}/`)), unreachable);
  const other = tlsFetch({ ca: TEST_CERTIFICATE })(`https://other.example.com:${port}/`, { method: "POST", body: "x" });
  assert.deepEqual(await failure(other), unreachable);
  assert.deepEqual(names, []);
});

test("N22 an answer that is not HTTP, or a status that no HTTP has, is a reset", async (t) => {
  for (const bytes of ["hello\n", "HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n"]) {
    const url = await serveTcp(t, (socket) => socket.end(bytes));
    assert.deepEqual(await failure(loopbackFetch()(url)), { code: "reset", sent: true }, bytes);
  }
});
