import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createServer } from "node:tls";
import { assumeRole } from "../../../src/cli/agent/assume-role.ts";
import { networkFetch } from "../../../src/cli/connect/network-fetch.ts";
import { proxiesOf } from "../../../src/process/proxies.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "../../outbound/certificate.ts";
import { type Behaviour, startConnectProxy } from "../../servers/connect-proxy.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { person } from "../../support/person/person.ts";
import { soon } from "../../support/person/soon.ts";
import { ROOT_TOKEN } from "../../support/request.ts";

/** A broker whose TLS is ended in front of it, as `as.example.com`; answers the port there. */
async function startBehindTls(t: TestContext): Promise<number> {
  const { running } = await startCoatcheck(t, { publicUrl: "https://as.example.com" });
  const port = Number(new URL(running.address).port);
  const server = createServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (socket) => {
    const broker = connect(port, "127.0.0.1");
    for (const one of [socket, broker]) one.on("error", () => {});
    t.after(() => socket.destroy());
    socket.pipe(broker).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test("FC-40 a command reaches its broker by the proxy, and trusts the authority of --ca-file", async (t) => {
  const port = await startBehindTls(t);
  const proxy = await startConnectProxy(t, () => ({ port }));
  const alice = person(t, {
    COATCHECK_ADDR: "https://as.example.com",
    COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN,
    https_proxy: `http://me:hush@127.0.0.1:${proxy.port}`,
  });
  const file = join(alice.home, "ca.pem");
  writeFileSync(file, TEST_CERTIFICATE);
  const listed = await alice.run(["--ca-file", file, "server", "list", "--verbose"]);
  assert.deepEqual([listed.code, listed.err.includes("hush")], [0, false], listed.err);
  const [asked] = proxy.asked;
  assert.equal(asked?.authority, "as.example.com:443");
  assert.equal(asked?.headers["proxy-authorization"], `Basic ${Buffer.from("me:hush").toString("base64")}`);
  const untrusted = await alice.run(["server", "list"]);
  assert.deepEqual(
    [untrusted.code, untrusted.err],
    [7, "coatcheck: the broker at https://as.example.com cannot be reached\n"],
  );
  const none = await alice.run(["server", "list", "--ca-file", join(alice.home, "none.pem")]);
  assert.equal(none.code, 2);
  assert.match(none.err, /^coatcheck: --ca-file: .*none.pem cannot be read \(ENOENT\)/);
});

test("FC-40 where a proxy ends connections or refuses, a command ends with one sentence", async (t) => {
  let behaviour: Behaviour = "end";
  const proxy = await startConnectProxy(t, () => behaviour);
  const address = `http://127.0.0.1:${proxy.port}`;
  const env = { NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: address, HTTP_PROXY: address };
  const alice = person(t, { ...env, COATCHECK_ADDR: "https://as.example.com", COATCHECK_OPERATOR_TOKEN: "x" });
  const rows = [
    ["end", "ended the connection"],
    [{ status: 407 }, "wants another name or password (407): HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT gives them"],
  ] as const;
  for (const [what, said] of rows) {
    behaviour = what;
    const { code, err } = await soon("server list", () => alice.run(["server", "list"]));
    const sentence = `the broker at https://as.example.com cannot be reached: the proxy 127.0.0.1:${proxy.port} ${said}`;
    assert.deepEqual([code, err], [7, `coatcheck: ${sentence}\n`]);
  }
  const { running } = await startCoatcheck(t);
  const here = { COATCHECK_ADDR: running.address, COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN };
  assert.equal((await alice.run(["server", "list"], { env: here })).code, 0);
  assert.equal(proxy.asked.length, rows.length);
});

test("FC-40 a proxy that takes a connection and says nothing is named, not what is behind it", async (t) => {
  const proxy = await startConnectProxy(t, () => "silence");
  const name = `the proxy 127.0.0.1:${proxy.port}`;
  const proxyFor = proxiesOf({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
  const ask = networkFetch({ proxyFor, ca: undefined, what: "the broker" });
  const signal = AbortSignal.timeout(20);
  await assert.rejects(ask("https://as.example.com/", { signal }), {
    code: "unreachable",
    message: `the broker at https://as.example.com cannot be reached: ${name} does not answer in time`,
  });
  const aborted = ask("https://as.example.com/", { signal: AbortSignal.abort(new Error("enough")) });
  await assert.rejects(aborted, { message: "enough" }, "who does not want to wait any more is not told of a proxy");
});

test("FC-40 AWS STS is asked through the proxy too, and the proxy is named where it refuses", async (t) => {
  const proxy = await startConnectProxy(t, () => ({ status: 407 }));
  process.env.HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
  t.after(() => {
    delete process.env.HTTPS_PROXY;
  });
  const role = { endpoint: "https://sts.example.com/", arn: "arn:aws:iam::1:role/x", session: "s" };
  await assert.rejects(assumeRole(role, "an-id-token"), {
    code: "unreachable",
    message: new RegExp(
      `^AWS STS at https://sts.example.com cannot be reached: the proxy 127.0.0.1:${proxy.port} wants`,
    ),
  });
  assert.deepEqual(
    proxy.asked.map(({ authority }) => authority),
    ["sts.example.com:443"],
  );
});
