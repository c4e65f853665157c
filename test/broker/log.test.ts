import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { test } from "node:test";
import { createServer } from "node:tls";
import { rfc3339 } from "../../src/api/index.ts";
import { oauthError, proper, reset } from "../servers/faults.ts";
import { freePort, portOf } from "../servers/free-port.ts";
import { LOCAL_CERTIFICATE, LOCAL_KEY } from "../servers/local-certificate.ts";
import { configure, importGrant, type Pair, startDevice, startPair } from "../support/misbehaving.ts";

const events = (pair: Pair, event: string) =>
  pair.logged.map((line) => JSON.parse(line)).filter((line) => line.event === event);

test("every attempt that is news has one line: what, of which credential, with what outcome", async (t) => {
  const pair = await startPair(t);
  await startDevice(pair, "team/me");
  await pair.pass(11_000);
  assert.deepEqual(events(pair, "attempt"), [], "being told to wait is no news");
  pair.as.reply("/token", reset, oauthError("access_denied"));
  await pair.pass(20_000);
  const told = events(pair, "attempt").map(({ level, name, server, kind, outcome, reason, status }) =>
    [level, name, server, kind, outcome, reason, status].join(" "),
  );
  assert.deepEqual(told, [
    "warn team/me as poll in_doubt  pending",
    "warn team/me as poll refused access_denied failed",
  ]);
});

test("an operator sees why a server is unavailable, which its readers do not", async (t) => {
  const before = await startPair(t);
  const issuer = before.as.issuer.replace("127.0.0.1", "[::1]");
  const options = { token_url: `${issuer}/token`, device_code_url: `${issuer}/device` };
  await configure(before, before.as, { provider_options: options }, "inside");
  const pair = { ...(await before.restart(undefined, { networks: "127.0.0.1" })), as: before.as };
  const { status, body } = await startDevice(pair, "me", { server: "inside" });
  assert.equal(status, 502);
  assert.match(body?.errors?.[0] ?? "", /authorization server unavailable$/);
  const [line] = events(pair, "upstream_failed");
  assert.deepEqual([line.origin, line.cause, line.sent], [issuer, "address_refused", false]);
  assert.match(line.hint, /--allow-networks/);
  await importGrant(pair);
});

test("FC-37 FC-38 a server record that cannot be written now says why, and can be written again as it is", async (t) => {
  const pair = await startPair(t);
  const tls = createServer({ key: LOCAL_KEY, cert: LOCAL_CERTIFICATE }, () => {});
  tls.listen(0, "127.0.0.1");
  await once(tls, "listening");
  t.after(() => tls.close());
  const port = portOf(tls);
  const free = await freePort();
  const rows = [
    [`http://127.0.0.1:${free}`, /nothing listens there/],
    [`https://127.0.0.1:${port}`, /unknown authority: .*NODE_EXTRA_CA_CERTS/],
    ["https://no-such-host.invalid", /no host of that name|name server did not answer/],
  ] as const;
  for (const [issuer_url, said] of rows) {
    const record = { provider: "oidc", client_id: "client", provider_options: { issuer_url } };
    const { status, body } = await pair.write("oauth2/servers/op", record);
    assert.deepEqual([status, body?.data?.reason], [502, "temporarily_unavailable"], issuer_url);
    assert.match(body?.errors?.[0] ?? "", said);
    assert.match(events(pair, "upstream_failed").at(-1)?.hint, said);
    assert.equal((await pair.read("oauth2/servers/op")).status, 404);
  }
});

test("FC-37 a server's read tells the last request that got no answer there", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  assert.equal((await pair.read("oauth2/servers/as")).body?.data?.last_trouble, undefined);
  pair.as.reply("/device", reset);
  assert.equal((await startDevice(pair)).status, 502);
  const { last_trouble } = (await pair.read("oauth2/servers/as")).body?.data ?? {};
  const since = { time: rfc3339(pair.clock.now()), text: "the connection broke" };
  assert.deepEqual(last_trouble, since);
  await pair.pass(60_000);
  pair.as.reply("/device", proper());
  assert.equal((await startDevice(pair)).status, 200);
  const { last_trouble: over } = (await pair.read("oauth2/servers/as")).body?.data ?? {};
  assert.deepEqual(over, { ...since, answered_time: rfc3339(pair.clock.now()) });
});

test("FC-41 metadata that name a public endpoint over http are refused at the write", async (t) => {
  const pair = await startPair(t);
  let token_endpoint = "";
  const server = createHttpServer((_request, response) => {
    const issuer = `http://127.0.0.1:${portOf(server)}`;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ issuer, token_endpoint, authorization_endpoint: `${issuer}/authorize` }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const issuer = `http://127.0.0.1:${portOf(server)}`;
  const record = { provider: "oauth2", client_id: "client", provider_options: { issuer_url: issuer } };
  for (const endpoint of ["http://93.184.216.34/token", "https://10.0.0.1/token"]) {
    token_endpoint = endpoint;
    const { status, body } = await pair.write("oauth2/servers/op", record);
    assert.deepEqual([status, body?.data?.reason], [400, "server_misconfigured"], JSON.stringify(body));
    assert.match(body?.errors?.[0] ?? "", /may not call the token_endpoint http.*--allow-networks/);
    assert.equal((await pair.read("oauth2/servers/op")).status, 404);
  }
  token_endpoint = `${issuer}/token`;
  assert.equal((await pair.write("oauth2/servers/op", record)).status, 204);
});
