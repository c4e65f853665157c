import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ConfigError, loadConfig, type ServeFlags } from "../../src/process/config.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

type Environment = Record<string, string | undefined>;

const load = (flags: ServeFlags = {}, env: Environment = {}) => loadConfig(flags, env);

test("where it listens: flags each, a variable with commas, what systemd passes; else the default", () => {
  assert.deepEqual(load().listen, [{ host: "127.0.0.1", port: 8200 }]);
  const both = [
    { host: "::1", port: 1 },
    { path: "/run/x.sock", mode: 0o660, group: 0 },
  ];
  const rights = { socketMode: "0660", socketGroup: "root" };
  assert.deepEqual(load({ listen: ["[::1]:1", "unix:/run/x.sock"], ...rights }).listen, both);
  const env = {
    COATCHECK_LISTEN: "[::1]:1, unix:/run/x.sock",
    COATCHECK_SOCKET_MODE: "660",
    COATCHECK_SOCKET_GROUP: "0",
  };
  assert.deepEqual(load({}, env).listen, both);
  const passed = () => ({ LISTEN_PID: String(process.pid), LISTEN_FDS: "2", LISTEN_FDNAMES: "a:metrics" });
  const { listen, metricsListen } = load({}, passed());
  assert.deepEqual([listen, metricsListen], [[{ fd: 3 }], [{ fd: 4 }]]);
  assert.deepEqual(load({ listen: ["127.0.0.1:1"] }, passed()).listen, [{ fd: 3 }, { host: "127.0.0.1", port: 1 }]);
  assert.deepEqual(load({ metricsListen: "127.0.0.1:9" }).metricsListen, [{ host: "127.0.0.1", port: 9 }]);
  for (const listen of ["127.0.0.1:1,x", "127.0.0.1:70000", "unix:"])
    assert.throws(() => load({ listen }), ConfigError);
});

test("ST-40 ST-42 certificate and key belong together, and clients' authorities to both", () => {
  const files = { tlsCert: "/c", tlsKey: "/k" };
  assert.deepEqual(load(files).tls, { cert: "/c", key: "/k" });
  const env = { COATCHECK_TLS_CERT: "/c", COATCHECK_TLS_KEY: "/k", COATCHECK_TLS_CLIENT_CA: "/a" };
  assert.deepEqual(load({}, env).tls, { cert: "/c", key: "/k", clientCa: "/a" });
  assert.equal(load().tls, undefined);
  for (const some of [{ tlsCert: "/c" }, { tlsKey: "/k" }, { tlsClientCa: "/a" }]) {
    assert.throws(
      () => load(some),
      /^ConfigError: TLS needs a certificate and its key: give both --tls-cert and --tls-key$/,
    );
  }
});

test("ST-43 a PROXY header is believed only from balancers that are named", () => {
  const flags = { proxyProtocol: true };
  assert.throws(() => load(flags), /name the load balancers with --trusted-proxies/);
  assert.throws(() => load({}, { COATCHECK_PROXY_PROTOCOL: "yes" }), /COATCHECK_PROXY_PROTOCOL must be true or false/);
  assert.equal(load({ ...flags, trustedProxies: "10.0.0.1" }).proxyProtocol, true);
  assert.equal(load().proxyProtocol, false);
});

const SECRET = "a-secret-of-more-than-20-characters";

test("ST-45 every secret may be in a file, which _FILE names: without the end of its line, and out of the environment", (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "secret");
  const read: Readonly<Record<string, readonly [content: string, of: (env: Environment) => unknown, value: unknown]>> =
    {
      COATCHECK_ROOT_TOKEN: [SECRET, (env) => load({}, env).rootToken, SECRET],
      COATCHECK_METRICS_TOKEN: [SECRET, (env) => load({}, env).metricsToken, SECRET],
      COATCHECK_KEY: ["one\ntwo", (env) => load({}, env).key, "one,two"],
      COATCHECK_DATABASE: ["postgres://me:hush@db/x", (env) => load({}, env).database?.database, "x"],
    };
  for (const [name, [content, of, value]] of Object.entries(read)) {
    for (const end of ["", "\n", "\r\n"]) {
      writeFileSync(file, content + end);
      const env = { [`${name}_FILE`]: file };
      assert.equal(of(env), value, name);
      assert.deepEqual(env, {});
    }
    const given = { [name]: content };
    assert.ok(of(given));
    assert.deepEqual(given, {}, "as such too");
    const both = { [name]: content, [`${name}_FILE`]: file };
    assert.throws(
      () => of(both),
      new RegExp(`^ConfigError: ${name} and ${name}_FILE are both set: unset one of them$`),
    );
    writeFileSync(file, "\n");
    assert.throws(() => of({ [`${name}_FILE`]: file }), new RegExp(`^ConfigError: ${name}_FILE: .*secret is empty$`));
    const none = join(folder, "none");
    assert.throws(
      () => of({ [`${name}_FILE`]: none }),
      new RegExp(`${name}_FILE: .*none cannot be read \\(ENOENT\\)$`),
    );
  }
});

test("ST-46 a token for metrics cannot be guessed, and is not the root token", () => {
  for (const token of ["short", "x".repeat(19), `${"x".repeat(20)} y`, `${"x".repeat(20)}ü`]) {
    assert.throws(
      () => load({}, { COATCHECK_METRICS_TOKEN: token }),
      /COATCHECK_METRICS_TOKEN must have at least 20 characters/,
    );
  }
  const same = { COATCHECK_METRICS_TOKEN: SECRET, COATCHECK_ROOT_TOKEN: SECRET };
  assert.throws(() => load({}, same), /COATCHECK_METRICS_TOKEN is the root token: give another one/);
});
