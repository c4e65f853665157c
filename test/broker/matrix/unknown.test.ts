import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { createServer } from "node:tls";
import { proxiesOf } from "../../../src/process/proxies.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "../../outbound/certificate.ts";
import { startConnectProxy } from "../../servers/connect-proxy.ts";
import { empty, hang, json, oauthError, reset } from "../../servers/faults.ts";
import { freePort, portOf } from "../../servers/free-port.ts";
import {
  beHomeserver,
  metadataOf,
  STABLE,
  startHomeserverPair,
  VERSIONS,
  writeHomeserver,
} from "../../support/matrix/homeserver-pair.ts";
import { startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { ask, type SessionAnswer } from "../../support/sessions.ts";
import { whileTimePasses } from "../../support/while-time-passes.ts";

test("S06 of a host that anybody may name, a forbidden address, a closed port and a silent one are told alike, after the same time", async (t) => {
  const pair = await startHomeserverPair(t, { options: { homeservers: "*" } });
  const told: string[] = [];
  for (const [homeserver, fault] of [
    ["https://10.0.0.1", undefined],
    [`http://127.0.0.1:${await freePort()}`, undefined],
    [pair.as.issuer, hang],
    [pair.as.issuer, reset],
  ] as const) {
    if (fault) pair.as.reply(VERSIONS, fault);
    const from = pair.clock.monotonic();
    const { status, body } = await whileTimePasses(pair, pair.login("bot", { homeserver }));
    const seconds = Math.floor((pair.clock.monotonic() - from) / 1000);
    told.push(`${status} after ${seconds} s: ${String(body?.errors?.[0]).replace(homeserver, "HOST")}`);
  }
  assert.deepEqual([...new Set(told)], [`502 after 6 s: versions (GET HOST${VERSIONS}) cannot be reached`]);
});

test("S06 a server that its operator wrote answers as soon as it is known", async (t) => {
  const pair = await startHomeserverPair(t);
  const record = { provider: "matrix", provider_options: { homeserver: `http://127.0.0.1:${await freePort()}` } };
  const from = pair.clock.monotonic();
  assert.equal((await pair.write("oauth2/servers/other", record)).status, 502);
  assert.equal(pair.clock.monotonic(), from);
});

const TOLD =
  "502 temporarily_unavailable: no login can be begun at this Matrix homeserver: it cannot be reached, or does not answer as a login needs";

function toldBy({ status, body }: SessionAnswer): string {
  return `${status} ${body.error}: ${body.error_description}`;
}

test("ST-2 a stranger's homeserver in a private network is asked nothing, whatever is allowed, and told like any other", async (t) => {
  const pair = await startHomeserverPair(t, { networks: "any" });
  await writeHomeserver(pair, pair.as, { homeservers: "*" }, { allow_sessions: true });
  const before = pair.as.requests.length;
  const login = (homeserver: string, bearer?: string) =>
    ask(pair, "POST", "/sessions", { body: { server: "mx", options: { homeserver } }, ...(bearer && { bearer }) });
  const told: string[] = [];
  for (const homeserver of [
    pair.as.issuer,
    "https://10.0.0.1",
    "https://[fd00:ec2::254]",
    "https://127.0.0.1/internal",
  ]) {
    const from = pair.clock.monotonic();
    const answer = await whileTimePasses(pair, login(homeserver));
    told.push(`${toldBy(answer)} after ${Math.floor((pair.clock.monotonic() - from) / 1000)} s`);
  }
  assert.deepEqual([...new Set(told)], [`${TOLD} after 6 s`]);
  assert.equal(pair.as.requests.length, before);
  const reasons = pair.logged.filter((line) => line.includes("stranger_failed"));
  assert.equal(reasons.length, 4, "the log has the reason");
  const asOperator = await login(pair.as.issuer, ROOT_TOKEN);
  assert.equal(asOperator.status, 201, JSON.stringify(asOperator.body));
});

const HOMESERVER = "https://as.example.com";

/** A homeserver with a public name, which only a proxy can look up; what stands there is the misbehaving server. */
async function publicHomeserver(t: TestContext, more: Record<string, unknown> = {}) {
  const upstream = { port: 0 };
  const proxy = await startConnectProxy(t, () => upstream);
  const proxyFor = proxiesOf({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
  const egress = { proxyResolves: true, ca: TEST_CERTIFICATE, ...(proxyFor && { proxyFor }) };
  const pair = await startPair(t, { publicUrl: "https://coatcheck.example.com", egress });
  beHomeserver(pair.as);
  pair.as.reply(STABLE, json(200, metadataOf({ ...pair.as, issuer: HOMESERVER })));
  const port = Number(new URL(pair.as.issuer).port);
  const server = createServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (socket) => {
    const inner = connect(port, "127.0.0.1");
    for (const each of [inner, socket]) each.on("error", () => {});
    socket.pipe(inner).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  upstream.port = portOf(server);
  await writeHomeserver(pair, pair.as, { homeservers: "*" }, { allow_sessions: true, ...more });
  return {
    pair,
    login: () => ask(pair, "POST", "/sessions", { body: { server: "mx", options: { homeserver: HOMESERVER } } }),
  };
}

test("ST-2 a stranger signs in at a public homeserver, and nothing an operator wrote for others is sent there", async (t) => {
  const { pair, login } = await publicHomeserver(t, { initial_access_token: "let-me-in" });
  const started = await login();
  assert.equal(started.status, 201, JSON.stringify(started.body));
  assert.equal(pair.as.to("/register")[0]?.headers.authorization, undefined);
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  const session = await ask(pair, "GET", "/session", { bearer: String(started.body.session_id) });
  assert.equal(session.body.status, "active", JSON.stringify(session.body));
});

test("ST-2 a stranger's homeserver that refuses in its own words is told like any other", async (t) => {
  const { pair, login } = await publicHomeserver(t);
  const own = { error_description: "internal words" };
  pair.as.reply("/register", oauthError("invalid_client_metadata", 400, own));
  const told = [toldBy(await login())];
  pair.as.reply("/register", empty(404));
  told.push(toldBy(await login()));
  pair.as.behave("/register");
  pair.as.reply("/device", oauthError("invalid_request", 400, own));
  told.push(toldBy(await login()));
  await writeHomeserver(
    pair,
    pair.as,
    { homeservers: "*" },
    { allow_sessions: true, client_id: "own", client_secret: "s3" },
  );
  pair.as.behave("/device");
  const asked = pair.as.to("/device").length;
  told.push(toldBy(await login()));
  assert.equal(pair.as.to("/device").length, asked, "no client's secret for a stranger's host");
  assert.deepEqual([...new Set(told)], [TOLD]);
  assert.ok(pair.logged.join("").includes("invalid_client_metadata"), "the log has the reason");
});
