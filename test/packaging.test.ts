import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { Ajv } from "ajv";
import { parse, parseAllDocuments } from "yaml";
import { rendered } from "../packaging/helm/render.ts";
import { CONFIG } from "../packaging/image/config.ts";
import { writeLayout } from "../packaging/image/layout.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

/** What packaging/ and the CI say, without the programs that read them; `npm run try:artifacts` has those. */
const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const { version } = JSON.parse(read("package.json"));

const FILES = globSync(["packaging/**/*", ".github/**/*"], { cwd: root, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));

test("each variable that a packaging file sets is one that the broker reads", () => {
  const known = read("docs/operations.md");
  const named = FILES.flatMap((path) =>
    [...read(path).matchAll(/COATCHECK_[A-Z_]+/g)].map(([name]) => ({ path, name })),
  );
  assert.ok(named.length > 10);
  for (const { path, name } of named) assert.ok(known.includes(`\`${name}`), `${path} sets ${name}`);
});

test("they name the version and the Node of the project", () => {
  const chart = parse(read("packaging/helm/coatcheck/Chart.yaml"));
  assert.deepEqual([chart.version, chart.appVersion], [version, version]);
  assert.match(read("packaging/kubernetes/coatcheck.yaml"), new RegExp(`image: "coatcheck:${version}"`));
  // What people get has this one inside; the CI runs the suite with others, which it writes into package.json.
  const [, node] = /^ {2}version: "([\d.]+)",$/m.exec(read("packaging/executable/build.ts")) ?? [];
  assert.ok(node);
  assert.ok(read("packaging/image/Dockerfile").includes(`FROM node:${node}-`));
  for (const path of globSync(".github/workflows/*.yml", { cwd: root })) {
    assert.ok(read(path).includes(`node-version: "${node}"`), path);
  }
});

test("a release makes the image on the Debian that the Dockerfile names", () => {
  const [, debian] = /^FROM node:[\d.]+-(\w+)-slim AS build$/m.exec(read("packaging/image/Dockerfile")) ?? [];
  const jobs: Record<string, { container?: string; steps: readonly { run?: string }[] }> = parse(
    read(".github/workflows/release.yml"),
  ).jobs;
  const making = Object.values(jobs).filter(({ steps }) => steps.some(({ run }) => run?.includes("build:image")));
  assert.deepEqual(
    making.map(({ container }) => container),
    [`debian:${debian}`],
  );
});

test("the Dockerfile says how the image starts as the build without a daemon does", () => {
  const [, last = ""] = read("packaging/image/Dockerfile").split("\nFROM scratch\n");
  const said = (word: string) =>
    [...last.matchAll(new RegExp(`^${word} (.*)$`, "gm"))].map(([, rest = ""]) => rest).join(" ");
  const [, interval, timeout, start, check = ""] =
    /^--interval=(\d+)s --timeout=(\d+)s --start-period=(\d+)s CMD (.*)$/.exec(said("HEALTHCHECK")) ?? [];
  assert.deepEqual(
    {
      User: said("USER"),
      Env: said("ENV").split(" "),
      Entrypoint: JSON.parse(said("ENTRYPOINT")),
      Cmd: JSON.parse(said("CMD")),
      Volumes: { [said("VOLUME")]: {} },
      ExposedPorts: { [`${said("EXPOSE")}/tcp`]: {} },
      // Docker's own default.
      StopSignal: "SIGTERM",
      Healthcheck: {
        Test: ["CMD", ...JSON.parse(check)],
        Interval: Number(interval) * 1e9,
        Timeout: Number(timeout) * 1e9,
        StartPeriod: Number(start) * 1e9,
      },
    },
    CONFIG,
  );
});

test("all YAML can be read, without a key said twice", () => {
  const files = FILES.filter((path) => /\.ya?ml$/.test(path) && !path.includes("/templates/"));
  assert.ok(files.length >= 6);
  for (const path of files) {
    for (const document of parseAllDocuments(read(path), { merge: true })) assert.deepEqual(document.errors, [], path);
  }
});

type Values = Readonly<Record<string, unknown>>;

/** What is looked at of a manifest; YAML has no types. */
type Manifest = ReturnType<typeof parse>;
type Port = { readonly name: string; readonly containerPort: number };
type Mount = { readonly name: string; readonly mountPath: string };
type Variable = { readonly name: string; readonly value: string };

const CHART = "packaging/helm/coatcheck";

const schema = () => new Ajv({ strict: false }).compile(JSON.parse(read(`${CHART}/values.schema.json`)));

test("the chart's values fit its schema, which refuses two instances without a database", () => {
  const validate = schema();
  const values: Values = parse(read(`${CHART}/values.yaml`));
  assert.ok(validate({ ...values }), JSON.stringify(validate.errors));
  assert.ok(validate({ ...values, replicas: 2, database: true }));
  for (const wrong of [
    { replicas: 2 },
    { replica: 1 },
    { publicUrl: "broker" },
    { ingress: { enabled: true, host: "" } },
  ]) {
    assert.equal(validate({ ...values, ...wrong }), false, JSON.stringify(wrong));
  }
});

test("the compose file has two instances with one database, and nothing that they do not need", () => {
  const { services, secrets, volumes } = parse(read("packaging/compose/compose.yaml"), { merge: true });
  const brokers = Object.entries<Record<string, unknown>>(services).filter(([name]) => name.startsWith("broker-"));
  assert.equal(brokers.length, 2);
  for (const [name, broker] of brokers) {
    assert.deepEqual([broker.read_only, broker.cap_drop], [true, ["ALL"]]);
    assert.deepEqual(broker.volumes, [`${name}:/data`], "a rescue journal of its own");
    assert.ok(name in volumes);
    for (const secret of broker.secrets as string[]) assert.ok(secret in secrets);
  }
});

test("the unit gives the service no more than it needs, and its secrets as credentials", () => {
  const unit = read("packaging/systemd/coatcheck.service");
  const set = new Set(unit.split("\n"));
  for (const line of [
    "DynamicUser=yes",
    "ProtectSystem=strict",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "LimitCORE=0",
    // EXIT.usage: a configuration that is wrong.
    "RestartPreventExitStatus=2",
  ]) {
    assert.ok(set.has(line), line);
  }
  for (const name of ["key", "root-token"]) assert.ok(set.has(`LoadCredential=${name}:/etc/coatcheck/${name}`));
  const number = (name: string) => Number(new RegExp(`^${name}=(\\d+)(min)?$`, "m").exec(unit)?.[1]);
  // Reached by starts that fail within some seconds.
  assert.ok(number("StartLimitBurst") * (number("RestartSec") + 5) <= number("StartLimitIntervalSec") * 60);
});

test("a secret of the Debian package is whole or not there", { skip: process.platform !== "linux" }, (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "key");
  const make = (before = "") => {
    const script = `${before}\npath=$1; set -- none; . ./packaging/debian/postinst; make_secret "$path"`;
    return spawnSync("sh", ["-c", script, "sh", path], { cwd: root, encoding: "utf8" });
  };
  for (const broken of ["head", "base64"]) {
    const { status, stderr } = make(`${broken}() { return 1; }`);
    assert.equal(status, 1);
    assert.match(stderr, /key could not be made/);
    assert.deepEqual(readdirSync(folder), []);
  }
  writeFileSync(path, "");
  assert.equal(make().status, 0);
  const secret = readFileSync(path, "utf8");
  assert.match(secret, /^[\w-]{43}$/);
  assert.equal(make().status, 0);
  assert.equal(readFileSync(path, "utf8"), secret);
});

const templates = () =>
  globSync(`${CHART}/templates/*.yaml`, { cwd: root })
    .sort()
    .map((path) => read(path));

/** Each template as Kubernetes would get it, of those that say anything with these values; labels without those of Helm itself. */
function chartWith(more: object): Record<string, Manifest> {
  const selector = { "app.kubernetes.io/name": "coatcheck", "app.kubernetes.io/instance": "coatcheck" };
  const parts = {
    "coatcheck.name": "coatcheck",
    "coatcheck.selector": selector,
    "coatcheck.labels": { ...selector, "app.kubernetes.io/version": version },
  };
  const values: Values = { ...parse(read(`${CHART}/values.yaml`)), ...more };
  const made = templates().map((text) => parse(rendered(text, { values, parts, appVersion: version })));
  return Object.fromEntries(made.filter((one) => one !== null).map((one) => [one.kind, one]));
}

test("the manifests say what the chart says without settings", () => {
  const manifests = parseAllDocuments(read("packaging/kubernetes/coatcheck.yaml")).map((one) => one.toJS());
  assert.deepEqual(
    manifests.filter((one) => one !== null),
    Object.values(chartWith({})),
  );
});

test("the chart uses each of its values, and no other", () => {
  const leaves = (value: unknown, path: string): readonly string[] => {
    const isGroup = typeof value === "object" && value !== null && !Array.isArray(value) && !WHOLE.test(path);
    return isGroup ? Object.entries(value).flatMap(([name, one]) => leaves(one, `${path}.${name}`)) : [path];
  };
  const used = [
    ...templates()
      .join("")
      .matchAll(/\.Values((?:\.\w+)+)/g),
  ].map(([, path = ""]) => path);
  assert.deepEqual([...new Set(used)].sort(), [...leaves(parse(read(`${CHART}/values.yaml`)), "")].sort());
});

/** What is given to Kubernetes as it is. */
const WHOLE = /^\.(?:env|resources|nodeSelector|affinity|podAnnotations|ingress\.annotations)$/;

test("with all its settings the chart's parts know each other, and the broker is told each of them", () => {
  const tolerations = [{ key: "dedicated", operator: "Exists" }];
  const values = {
    ...{
      replicas: 2,
      database: true,
      publicUrl: "https://login.example/a: b",
      trustedProxies: "10.0.0.0/8",
      tolerations,
    },
    ...{ allowNetworks: "private", env: { COATCHECK_PROXY_PROTOCOL: true, COATCHECK_LOG_LEVEL: "debug" } },
    ingress: {
      ...{ enabled: true, className: "nginx", host: "login.example", tlsSecretName: "tls" },
      annotations: { "example.com/a": "b: c" },
    },
    metrics: { port: 9300, token: true },
    persistence: { size: "2Gi", storageClass: "fast" },
    image: { repository: "registry.example/coatcheck", tag: "9", pullPolicy: "Always" },
    ...{ imagePullSecrets: [{ name: "pull" }], podAnnotations: { a: "b" }, nodeSelector: { disk: "ssd" } },
  };
  assert.ok(schema()({ ...parse(read(`${CHART}/values.yaml`)), ...values }));
  const { Service, StatefulSet, Ingress, PodDisruptionBudget } = chartWith(values);
  const { template, selector, serviceName, volumeClaimTemplates } = StatefulSet?.spec ?? {};
  assert.equal(serviceName, Service?.metadata.name);
  for (const one of [selector.matchLabels, Service?.spec.selector, PodDisruptionBudget?.spec.selector.matchLabels]) {
    assert.ok(Object.keys(one).length > 0);
    assert.deepEqual({ ...template.metadata.labels, ...one }, template.metadata.labels);
  }
  assert.deepEqual(Ingress?.spec.rules[0].http.paths[0].backend.service, {
    name: Service?.metadata.name,
    port: { name: "http" },
  });
  assert.deepEqual(Ingress?.spec.tls, [{ hosts: ["login.example"], secretName: "tls" }]);
  assert.deepEqual(Ingress?.metadata.annotations, values.ingress.annotations);

  const [broker] = template.spec.containers;
  const ports = new Map<string, number>(broker.ports.map((one: Port) => [one.name, one.containerPort]));
  assert.deepEqual(
    [...ports],
    [
      ["http", 8200],
      ["metrics", 9300],
    ],
  );
  for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"])
    assert.ok(ports.has(broker[probe].httpGet.port));
  const named = [...template.spec.volumes, ...volumeClaimTemplates.map((one: Manifest) => one.metadata)];
  const mounts: readonly Mount[] = broker.volumeMounts;
  assert.deepEqual(mounts.map(({ name }) => name).sort(), named.map(({ name }) => name).sort());

  const told: readonly Variable[] = broker.env;
  const secrets = mounts.find(({ name }) => name === "secrets")?.mountPath;
  for (const { name, value } of told) {
    // Kubernetes takes nothing but texts here.
    assert.equal(typeof value, "string", name);
    if (name.endsWith("_FILE")) assert.ok(value.startsWith(`${secrets}/`), value);
  }
  const environment = Object.fromEntries(told.map(({ name, value }) => [name, value]));
  assert.equal(Object.keys(environment).length, told.length, "none is said twice");
  assert.deepEqual(Object.fromEntries(Object.entries(environment).filter(([name]) => !/_FILE$|_DATA$/.test(name))), {
    COATCHECK_METRICS_LISTEN: "0.0.0.0:9300",
    COATCHECK_PUBLIC_URL: values.publicUrl,
    COATCHECK_TRUSTED_PROXIES: "10.0.0.0/8",
    COATCHECK_ALLOW_NETWORKS: "private",
    COATCHECK_PROXY_PROTOCOL: "true",
    COATCHECK_LOG_LEVEL: "debug",
  });
  for (const name of ["KEY", "ROOT_TOKEN", "DATABASE", "METRICS_TOKEN"])
    assert.ok(`COATCHECK_${name}_FILE` in environment);
});

test("an image's layout names each content by its hash", (t) => {
  const folder = temporaryFolder(t);
  const layer = Buffer.alloc(1024);
  writeLayout(folder, "1.2.3", [{ architecture: "arm64", layers: [layer], config: { User: "1:1" } }]);
  const blob = ({ digest, size }: { digest: string; size: number }) => {
    const bytes = readFileSync(join(folder, "blobs", digest.replace(":", "/")));
    assert.deepEqual([`sha256:${createHash("sha256").update(bytes).digest("hex")}`, bytes.length], [digest, size]);
    return bytes;
  };
  const top = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
  assert.deepEqual(JSON.parse(readFileSync(join(folder, "oci-layout"), "utf8")), { imageLayoutVersion: "1.0.0" });
  assert.equal(top.manifests[0].annotations["org.opencontainers.image.ref.name"], "1.2.3");
  const [platform] = JSON.parse(blob(top.manifests[0]).toString()).manifests;
  assert.deepEqual(platform.platform, { architecture: "arm64", os: "linux" });
  const manifest = JSON.parse(blob(platform).toString());
  assert.deepEqual(gunzipSync(blob(manifest.layers[0])), layer);
  const config = JSON.parse(blob(manifest.config).toString());
  assert.deepEqual(config.config, { User: "1:1" });
  assert.deepEqual(config.rootfs.diff_ids, [`sha256:${createHash("sha256").update(layer).digest("hex")}`]);
});
