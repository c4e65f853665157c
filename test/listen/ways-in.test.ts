import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { child, policy } from "../http/access/stage.ts";
import { converse } from "../http/start.ts";
import { startCoatcheck } from "../support/coatcheck.ts";
import { ROOT_TOKEN } from "../support/request.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { get, writeTls } from "./secure.ts";

const ANY = { host: "127.0.0.1", port: 0 };
const METRICS_TOKEN = "metrics-token-of-tests-only";

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(address: string | undefined, path: string, token?: string): Promise<Answer> {
  const answer = await fetch(
    `${address}${path}`,
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  );
  return { status: answer.status, text: await answer.text() };
}

test("ST-46 health and metrics are at a listener of their own, and metrics with a token that may do nothing else", async (t) => {
  const { running, logged } = await startCoatcheck(t, { wayIn: { metricsListen: [ANY], metricsToken: METRICS_TOKEN } });
  const [metrics] = running.metricsAddresses;
  const { address } = running;
  for (const path of ["/v1/sys/metrics", "/metrics"]) {
    assert.equal((await ask(metrics, path)).status, 403, path);
    assert.equal((await ask(metrics, path, "guessed-token-of-nobody")).status, 403);
    for (const token of [METRICS_TOKEN, ROOT_TOKEN]) {
      const { status, text } = await ask(metrics, path, token);
      assert.equal(status, 200);
      assert.match(text, /^coatcheck_under_way/m);
    }
    assert.equal((await ask(address, path, ROOT_TOKEN)).status, 404, "and nowhere else");
  }
  const open = { "/livez": '{"live":true}', "/readyz": '{"ready":true}', "/v1/sys/health": '"sealed":false' };
  for (const [path, text] of Object.entries(open)) {
    const answer = await ask(metrics, path);
    assert.deepEqual([answer.status, answer.text.includes(text)], [200, true], path);
  }
  for (const path of [
    "/v1/sys/mounts",
    "/v1/oauth2/config",
    "/v1/sys/keys",
    "/v1/auth/token/lookup-self",
    "/sessions",
  ]) {
    assert.equal((await ask(address, path, METRICS_TOKEN)).status, 403, path);
    assert.equal((await ask(metrics, path, ROOT_TOKEN)).status, 404, path);
  }
  assert.equal((await ask(address, "/v1/sys/health")).status, 200);
  const broker = { running };
  await policy(broker, "metrics", 'path "sys/metrics" { capabilities = ["read"] }');
  const { client_token: reader } = await child(broker, { policies: ["metrics"], no_default_policy: true });
  const { client_token: other } = await child(broker, { policies: ["default"] });
  for (const path of ["/v1/sys/metrics", "/metrics"]) {
    assert.deepEqual(
      [(await ask(metrics, path, reader)).status, (await ask(metrics, path, other)).status],
      [200, 403],
      path,
    );
  }
  assert.equal((await ask(address, "/v1/sys/mounts/oauth2/tune", reader)).status, 403);
  assert.ok(!logged.join("").includes(METRICS_TOKEN));
});

test("ST-46 without a listener of their own metrics are where they were, and that token reads them too", async (t) => {
  const { running } = await startCoatcheck(t, { wayIn: { metricsToken: METRICS_TOKEN } });
  assert.deepEqual(running.metricsAddresses, []);
  for (const token of [METRICS_TOKEN, ROOT_TOKEN]) {
    assert.equal((await ask(running.address, "/v1/sys/metrics", token)).status, 200);
  }
  assert.equal((await ask(running.address, "/v1/sys/metrics")).status, 403);
  assert.equal((await ask(running.address, "/v1/oauth2/config", METRICS_TOKEN)).status, 403);
});

test("ST-46 who watches an encrypted broker sees its certificate, and needs none", async (t) => {
  const files = writeTls(t);
  const tls = { ...files, clientCa: files.cert };
  const { running } = await startCoatcheck(t, { wayIn: { tls, metricsListen: [ANY] } });
  assert.match(running.metricsAddresses[0] ?? "", /^https:/);
  assert.equal((await get(running.metricsAddresses[0] ?? "")).status, 200);
  await assert.rejects(get(running.address));
});

test("ST-43 the address that is shown of a session is what the balancer tells, and nobody else is let in", async (t) => {
  const wayIn = { proxyProtocol: true };
  const { running } = await startCoatcheck(t, { trustedProxies: "127.0.0.1, 203.0.113.0/24", wayIn });
  const port = Number(new URL(running.address).port);
  const call = (method: string, path: string, body: object = {}) => {
    const text = JSON.stringify(body);
    const head = [
      `${method} ${path} HTTP/1.1`,
      "Host: x",
      `X-Vault-Token: ${ROOT_TOKEN}`,
      "X-Forwarded-For: 198.51.100.1",
    ];
    const rest = [`Content-Length: ${text.length}`, "Connection: close", "", text];
    return converse(port, [`PROXY TCP4 203.0.113.7 10.0.0.1 5 443\r\n${[...head, ...rest].join("\r\n")}`]);
  };
  const provider_options = { auth_code_url: "https://127.0.0.1:9/a", token_url: "https://127.0.0.1:9/t" };
  const server = { provider: "custom", client_id: "x", allow_sessions: true, session_flow: "page", provider_options };
  assert.match(await call("PUT", "/v1/oauth2/servers/as", server), /^HTTP\/1\.1 20/);
  assert.match(await call("POST", "/sessions", { server: "as" }), /^HTTP\/1\.1 201/);
  assert.match(await call("GET", "/sessions"), /"address":"203\.0\.113\.7"/);
  await assert.rejects(ask(running.address, "/v1/sys/health"));
});

test("a broker listens at each of its addresses, and at both of localhost; if one is none, at none", async (t) => {
  const { running } = await startCoatcheck(t, { wayIn: { listen: [{ ...ANY, host: "localhost" }, ANY] } });
  assert.equal(running.addresses.length, 2);
  const { port } = new URL(running.address);
  const both = [...running.addresses, `http://localhost:${port}`];
  for (const address of both) assert.equal((await ask(address, "/v1/sys/health")).status, 200);
  const taken = { host: "127.0.0.1", port: Number(port) };
  const data = join(temporaryFolder(t), "new");
  await assert.rejects(
    startCoatcheck(t, { data, wayIn: { listen: [ANY, taken] } }),
    /is in use: stop the program that listens there/,
  );
  assert.equal(existsSync(data), false, "nothing was made that a next start would find");
});
