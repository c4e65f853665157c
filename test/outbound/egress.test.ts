import assert from "node:assert/strict";
import { createServer } from "node:https";
import { type TestContext, test } from "node:test";
import { parseNetworks } from "../../src/outbound/address-policy.ts";
import { createGuardedFetch, type GuardedFetchOptions } from "../../src/outbound/guarded-fetch.ts";
import { createGuardedForward } from "../../src/outbound/guarded-forward.ts";
import { proxiesOf } from "../../src/process/proxies.ts";
import { TransportError } from "../../src/protocol/response/transport-error.ts";
import { whyUnreachable } from "../../src/protocol/response/why-unreachable.ts";
import { type Behaviour, startConnectProxy } from "../servers/connect-proxy.ts";
import { freePort, portOf } from "../servers/free-port.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "./certificate.ts";
import { serveHttp } from "./servers.ts";

const PUBLIC = "93.184.216.34";
const OTHER = "93.184.216.35";
const URL_THERE = "https://as.example.com/token";

/** `as.example.com`, as the proxy reaches it; answers the names that it was asked by. */
async function serveNamed(t: TestContext): Promise<number> {
  const server = createServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (request, response) => {
    response.end(`${(request.socket as { servername?: string }).servername} ${request.headers.host}`);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return portOf(server);
}

function through(port: number, more: Partial<GuardedFetchOptions> = {}, credentials = "") {
  const proxyFor = proxiesOf({ HTTPS_PROXY: `http://${credentials}127.0.0.1:${port}` });
  return {
    policy: parseNetworks(""),
    userAgent: "Coatcheck/test",
    resolve: async () => [PUBLIC],
    ca: TEST_CERTIFICATE,
    ...(proxyFor && { proxyFor }),
    ...more,
  };
}

/** Why it failed, as an operator reads it. */
async function reason(request: Promise<unknown>): Promise<string> {
  const error = await request.then(
    () => assert.fail("it was answered"),
    (caught) => caught,
  );
  assert(error instanceof TransportError);
  return `${error.code} ${error.sent} ${whyUnreachable(error)}`;
}

test("FC-40 a proxy is told the checked address, and the name is in TLS and Host", async (t) => {
  const port = await serveNamed(t);
  const proxy = await startConnectProxy(t, () => ({ port }));
  const options = through(proxy.port, {}, "me:p%40ss@");
  const response = await createGuardedFetch(options)(URL_THERE, { method: "POST", body: "x=1" });
  assert.equal(await response.text(), "as.example.com as.example.com");
  const { authority, headers } = proxy.asked[0] ?? assert.fail();
  assert.equal(authority, `${PUBLIC}:443`);
  assert.equal(headers["proxy-authorization"], `Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  const untrusted = createGuardedFetch({ ...options, ca: [] })(URL_THERE);
  assert.match(await reason(untrusted), /^unreachable false .*unknown authority.*--ca-file/);
  const wrong = createGuardedFetch(options)("https://other.example.com/");
  assert.match(await reason(wrong), /certificate is for another name/);
});

test("FC-40 the address policy holds with a proxy as without one", async (t) => {
  const proxy = await startConnectProxy(t, () => ({ status: 500 }));
  for (const [url, address] of [
    [URL_THERE, "10.0.0.1"],
    [URL_THERE, "169.254.169.254"],
    ["http://as.example.com/", PUBLIC],
    ["https://as.example.com:8443/", PUBLIC],
  ] as const) {
    const fetch = createGuardedFetch(through(proxy.port, { resolve: async () => [address] }));
    assert.match(await reason(fetch(url)), /^(address|url)_refused false/, url);
  }
  assert.deepEqual(proxy.asked, []);
});

test("FC-40 with --proxy-resolves the proxy is told the name, and nobody else is asked for it", async (t) => {
  const port = await serveNamed(t);
  const proxy = await startConnectProxy(t, () => ({ port }));
  const resolve = () => assert.fail("looked up");
  const fetch = createGuardedFetch(through(proxy.port, { resolve, proxyResolves: true }));
  assert.equal((await fetch(URL_THERE)).status, 200);
  assert.deepEqual(
    proxy.asked.map(({ authority }) => authority),
    ["as.example.com:443"],
  );
  for (const url of ["https://10.0.0.1/", "https://as.internal/", "https://as.example.com:8443/"])
    assert.match(await reason(fetch(url)), /^(address|url)_refused false/, url);
  assert.equal(proxy.asked.length, 1);
});

test("FC-40 what a proxy refuses is told apart, and nothing was sent", async (t) => {
  const rows: readonly [Behaviour, RegExp][] = [
    [{ status: 407 }, /^unreachable false the proxy wants another name or password \(407\)/],
    [{ status: 403 }, /^unreachable false the proxy does not allow it \(403\).*--proxy-resolves/],
    [{ status: 502 }, /^unreachable false the proxy could not reach it \(502\)$/],
    [{ status: 400 }, /^unreachable false the proxy did not connect to it \(400\)$/],
    ["end", /^unreachable false the proxy of HTTPS_PROXY ended the connection$/],
  ];
  let behaviour: Behaviour = "end";
  const proxy = await startConnectProxy(t, () => behaviour);
  for (const [what, said] of rows) {
    behaviour = what;
    const post = { method: "POST", body: "refresh_token=secret" };
    assert.match(await reason(createGuardedFetch(through(proxy.port))(URL_THERE, post)), said);
  }
  assert.equal(proxy.asked.length, rows.length);
  const nobody = createGuardedFetch(through(await freePort()))(URL_THERE);
  assert.match(
    await reason(nobody),
    /^unreachable false the proxy of HTTPS_PROXY cannot be reached: nothing listens there$/,
  );
});

test("FC-40 a proxy that is silent ends with the time for a connection", async (t) => {
  const proxy = await startConnectProxy(t, () => "silence");
  const clock = new FakeClock();
  const answer = reason(createGuardedFetch(through(proxy.port, { clock }))(URL_THERE));
  await eventually("it was asked", () => proxy.asked.length === 1);
  clock.advance(5_000);
  assert.match(await answer, /^timeout false/);
});

test("FC-40 the next address is tried where the proxy came to nothing", async (t) => {
  const port = await serveNamed(t);
  const proxy = await startConnectProxy(t, (authority) => (authority.startsWith(OTHER) ? { port } : { status: 504 }));
  const resolve = async () => ["2606:2800:220:1::1", PUBLIC, OTHER];
  assert.equal((await createGuardedFetch(through(proxy.port, { resolve }))(URL_THERE)).status, 200);
  assert.deepEqual(
    proxy.asked.map(({ authority }) => authority),
    [`${PUBLIC}:443`, `${OTHER}:443`],
  );
});

test("FC-40 what is passed on goes by the proxy, on one connection while it is kept", async (t) => {
  const port = await serveNamed(t);
  const proxy = await startConnectProxy(t, () => ({ port }));
  const forward = createGuardedForward(through(proxy.port, { clock: new FakeClock() }));
  const { signal } = new AbortController();
  for (let time = 0; time < 2; time++) {
    const answer = await forward(URL_THERE, {
      method: "GET",
      headers: { host: "as.example.com" },
      signal,
      lane: "one",
    });
    for await (const piece of answer.body) assert.match(Buffer.from(piece).toString(), /^as.example.com /);
  }
  assert.deepEqual(
    proxy.asked.map(({ authority }) => authority),
    [`${PUBLIC}:443`],
  );
});

test("FC-40 this machine is asked without a proxy, and plain http elsewhere by a tunnel", async (t) => {
  const origin = new URL(await serveHttp(t, (request, response) => void response.end(request.headers.host)));
  const proxy = await startConnectProxy(t, () => ({ port: Number(origin.port) }));
  const proxyFor = proxiesOf({ http_proxy: `127.0.0.1:${proxy.port}` }) ?? assert.fail();
  const policy = parseNetworks("loopback,private");
  const fetch = (resolve: () => Promise<readonly string[]>) =>
    createGuardedFetch({ policy, userAgent: "Coatcheck/test", resolve, proxyFor });
  await fetch(async () => [])(origin.href);
  await fetch(async () => ["127.0.0.1"])(`http://here.example.com:${origin.port}/`);
  assert.equal(proxy.asked.length, 0);
  const there = await fetch(async () => ["10.1.2.3"])("http://idp.corp.example:8080/");
  assert.equal(await there.text(), "idp.corp.example:8080");
  assert.deepEqual(
    proxy.asked.map(({ authority }) => authority),
    ["10.1.2.3:8080"],
  );
});
