import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { serveCommand } from "../../src/cli/commands/serve.ts";
import { mistakeLine, readConfigFile } from "../../src/config-file/read.ts";
import { FILE_KEYS } from "../../src/config-file/settings.ts";
import { loadConfig, type ServeFlags } from "../../src/process/config.ts";
import { SETTING_ENTRIES } from "../../src/process/serve-settings.ts";
import { LOCAL_CERTIFICATE } from "../servers/local-certificate.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const SOURCES = join(import.meta.dirname, "../../src/process");

test("every flag and variable of serve has its key, or a reason why a file cannot say it", () => {
  const entries = new Map(SETTING_ENTRIES);
  const common = ["--json", "--plain", "--color", "--no-input", "--verbose"];
  const flags = serveCommand().options.flatMap(({ long }) => (long && !common.includes(long) ? [long] : []));
  assert.deepEqual(
    flags,
    [...entries.values()].flatMap(({ flag }) => flag?.split(" ")[0] ?? []),
  );
  const text = readdirSync(SOURCES).map((name) => readFileSync(join(SOURCES, name), "utf8"));
  const read = new Set(text.join("\n").match(/(?<=\benv\.|")COATCHECK_[A-Z_]*[A-Z](?=\b)/g));
  for (const others of ["COATCHECK_OPERATOR_TOKEN", "COATCHECK_SESSION"]) read.delete(others);
  const variables = [...entries.values()].flatMap(({ variable }) => variable ?? []);
  const own = variables.filter((name) => name.startsWith("COATCHECK_"));
  assert.deepEqual([...read].sort(), own.sort());
  for (const [key, { notInFile, kind }] of entries) {
    const names = kind === "secret" ? [`${key}_file`] : [key];
    for (const name of names) assert.equal(FILE_KEYS.has(name), notInFile === undefined, name);
  }
});

function file(t: TestContext, text: string): string {
  const path = join(temporaryFolder(t), "coatcheck.json");
  writeFileSync(path, text);
  return path;
}

const SECRET = "a-secret-of-more-than-20-characters";

/** Key → what it says in a file, and the variable that says the same; all paths are absolute. */
function samples(folder: string): Readonly<Record<string, readonly [inFile: unknown, inVariable?: string]>> {
  const secret = join(folder, "secret");
  writeFileSync(secret, SECRET);
  const webhookSecret = join(folder, "webhook-secret");
  writeFileSync(webhookSecret, `whsec_${"A".repeat(32)}`);
  const database = join(folder, "database");
  writeFileSync(database, "postgres://u:p@db/d");
  const ca = join(folder, "ca.pem");
  writeFileSync(ca, LOCAL_CERTIFICATE);
  return {
    listen: [["127.0.0.1:1", "[::1]:2"], "127.0.0.1:1,[::1]:2"],
    socket_mode: ["0660"],
    socket_group: ["0"],
    tls_cert: ["/c"],
    tls_key: ["/k"],
    tls_client_ca: ["/a"],
    metrics_listen: ["127.0.0.1:9"],
    metrics_token_file: [secret],
    data: ["/d"],
    database: ["postgres:///d?host=/run/postgresql"],
    database_file: [database],
    key: ["file:/k"],
    key_file: [secret],
    client_key_file: [secret],
    root_token_file: [secret],
    public_url: ["https://broker.example.com"],
    allow_networks: [["loopback", "10.0.0.0/8"], "loopback,10.0.0.0/8"],
    ca_file: [ca],
    https_proxy: ["http://proxy.example.com:1"],
    http_proxy: ["http://proxy.example.com:1"],
    no_proxy: [["a.example", "b.example"], "a.example,b.example"],
    proxy_resolves: [true, "true"],
    trusted_proxies: [["10.0.0.1"], "10.0.0.1"],
    proxy_protocol: [true, "true"],
    allow_origins: ["https://app.example.com"],
    allow_hosts: [["a.example", "b.example"], "a.example,b.example"],
    mounts: [["team/a", "b"], "team/a,b"],
    limits: [{ connections: 5, bodies: 1 }, "connections=5,bodies=1"],
    data_owner_check: [false, "off"],
    webhooks: [["ops=https://ops.example/hook"], "ops=https://ops.example/hook"],
    webhook_secret_file: [webhookSecret],
    environment: ["production"],
    otel_exporter_otlp_endpoint: ["http://127.0.0.1:4318"],
    otel_traces_exporter: ["none"],
    otel_metrics_exporter: ["none"],
    otel_sdk_disabled: [true, "true"],
    otel_service_name: ["broker-1"],
    otel_resource_attributes: [["a=1", "b=2"], "a=1,b=2"],
    log_level: ["warn"],
    idle: [60, "60"],
    loopback: [true, "true"],
  };
}

/** Settings that are nothing without another one. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  tls_cert: ["tls_key"],
  tls_key: ["tls_cert"],
  tls_client_ca: ["tls_cert", "tls_key"],
  proxy_protocol: ["trusted_proxies"],
  no_proxy: ["https_proxy"],
  webhooks: ["webhook_secret_file"],
  webhook_secret_file: ["webhooks"],
};

test("each key of a file says what its variable says; a variable goes before it, and a flag before both", (t) => {
  const all = samples(temporaryFolder(t));
  assert.deepEqual(Object.keys(all).sort(), [...FILE_KEYS.keys()].sort());
  const comparable = (flags: ServeFlags, env: Record<string, string> = {}) => {
    const filled: Record<string, string | undefined> = { ...env };
    const { file: _, ...config } = loadConfig(flags, filled);
    // OpenTelemetry's own packages read these from the environment.
    const sent = Object.entries(filled).filter(([name]) => name.startsWith("OTEL_"));
    return JSON.parse(
      JSON.stringify({ ...config, sent }, (_key, value) => {
        if (value instanceof Set) return [...value];
        if (typeof value !== "function") return value;
        return ["https://x.example", "http://x.example"].map((url) => value(new URL(url)) ?? null);
      }),
    );
  };
  for (const [key, [inFile]] of Object.entries(all)) {
    const keys = [key, ...(TOGETHER[key] ?? [])];
    const listens = key.startsWith("socket") && { listen: "unix:/x.sock" };
    const said = Object.fromEntries(keys.map((one) => [one, all[one]?.[0]]));
    const env = Object.fromEntries(
      keys.map((one) => [FILE_KEYS.get(one)?.variable ?? "", all[one]?.[1] ?? String(all[one]?.[0])]),
    );
    const path = file(t, JSON.stringify({ ...said, ...listens }));
    const variables = { ...env, ...(listens && { COATCHECK_LISTEN: "unix:/x.sock" }) };
    const expected = comparable({}, variables);
    assert.deepEqual(comparable({ config: path }), expected, key);
    assert.deepEqual(comparable({}, { COATCHECK_CONFIG: path }), expected, key);
    assert.notDeepEqual(expected, comparable({}), `${key}: ${inFile} says nothing`);
  }
  const config = file(
    t,
    '{ "public_url": "https://file.example", "key_file": "nowhere", "https_proxy": "http://file" }',
  );
  const env = {
    COATCHECK_PUBLIC_URL: "https://variable.example",
    COATCHECK_KEY: SECRET,
    https_proxy: "http://variable",
    COATCHECK_DATA: "",
  };
  const { publicUrl, key, egress } = loadConfig({ config }, { ...env });
  const proxy = egress?.proxyFor?.(new URL("https://x.example"))?.host;
  assert.deepEqual([publicUrl, key, proxy], ["https://variable.example", SECRET, "variable"]);
  assert.equal(loadConfig({ config, publicUrl: "https://flag.example" }, env).publicUrl, "https://flag.example");
});

test("paths in a file count from its folder", (t) => {
  const config = file(t, '{ "data": "data", "listen": "unix:run/x.sock", "key": "file:key" }');
  const folder = dirname(config);
  const { data, listen, key } = loadConfig({ config }, {});
  assert.deepEqual(
    [data, listen, key],
    [join(folder, "data"), [{ path: join(folder, "run/x.sock") }], `file:${folder}/key`],
  );
});

test("ST-12 files with secrets of declared servers are looked at like those that variables name", (t) => {
  const server = { provider: "github", client_id: "x", client_secret_file: "secret" };
  const config = file(t, JSON.stringify({ root_token_file: "token", servers: { gh: server } }));
  const folder = dirname(config);
  writeFileSync(join(folder, "token"), SECRET);
  assert.deepEqual(loadConfig({ config }, {}).secretFiles, [join(folder, "token"), join(folder, "secret")]);
});

test("every mistake is said with its place, and the name that was meant; no secret is shown", (t) => {
  const path = file(
    t,
    `{ // as editors allow it
  "$schema": "./config.schema.json",
  "publc_url": "https://x.example",
  "root_token": "${SECRET}", "key": "${SECRET}",
  "database": "postgres://u:${SECRET}@h/d", "https_proxy": "http://u:${SECRET}@h",
  "listen": ["127.0.0.1:0", "nowhere"],
  "limits": { "connectoins": 1, "bodies": 0 },
  "proxy_protocol": "yes",
  "take_over": true,
  "log_level": "loud",
  "data": "", "data": 5,
}`,
  );
  const { mistakes } = readConfigFile(path);
  const places = mistakes.map(({ line, column }) => `${line}:${column}`);
  assert.deepEqual(places, "3:3 4:3 4:63 5:15 5:86 6:13 7:13 8:21 9:3 10:16 11:11 11:15 11:23".split(" "));
  const lines = mistakes.map((one) => mistakeLine(path, one).slice(path.length));
  assert.equal(lines[0], ':3:3: "publc_url" is not known (did you mean public_url?)');
  assert.match(lines[1] ?? "", /"root_token" is a secret, .* name that with "root_token_file"$/);
  assert.match(lines[2] ?? "", /"key" is a secret, .* "key_file", or give "file:PATH"$/);
  assert.match(lines[3] ?? "", /"database" is a secret/);
  assert.match(lines[4] ?? "", /"https_proxy": a name or password must not stand in this file/);
  assert.match(lines[5] ?? "", /"listen": cannot listen on "nowhere": give HOST:PORT/);
  assert.match(lines[6] ?? "", /"limits": "connectoins=1", "bodies=0" are no limits/);
  assert.match(lines[8] ?? "", /"take_over" does not belong into a file: .* give the flag$/);
  assert.match(lines[9] ?? "", /"log_level" must be one of info, warn, error, silent/);
  assert.match(lines[11] ?? "", /"data" stands here twice/);
  assert.ok(!lines.join().includes(SECRET));
  assert.throws(() => loadConfig({ config: path }, {}), /:3:3: .* \(and 12 more: coatcheck config check .*\)$/);
  for (const [text, said] of [
    ["[]", /1:1: it must be one object/],
    ['{ "data" 5 }', /1:10: this is not JSON: unexpected token Number$/],
    ["[".repeat(2_000), /1:1: it has more than 1000 lists and objects/],
  ] as const) {
    const broken = file(t, text);
    assert.match(mistakeLine("", readConfigFile(broken).mistakes[0] ?? { line: 0, column: 0, text: "" }), said);
  }
  assert.throws(
    () => loadConfig({ config: join(path, "x") }, {}),
    /cannot be read \(ENOTDIR\): give the path of another one/,
  );
});
