import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { Ajv } from "ajv";
import { parse, parseAllDocuments } from "yaml";
import { writeLayout } from "../packaging/image/layout.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

/** What packaging/ and the CI say, without the programs that read them; `npm run try:artifacts` has those. */
const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const { version, devDependencies } = JSON.parse(read("package.json"));

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
  assert.ok(read("packaging/image/Dockerfile").includes(`FROM node:${devDependencies.node}-`));
  for (const path of globSync(".github/workflows/*.yml", { cwd: root })) {
    assert.ok(read(path).includes(`node-version: "${devDependencies.node}"`), path);
  }
});

test("all YAML can be read, without a key said twice", () => {
  const files = FILES.filter((path) => /\.ya?ml$/.test(path) && !path.includes("/templates/"));
  assert.ok(files.length >= 6);
  for (const path of files) {
    for (const document of parseAllDocuments(read(path), { merge: true })) assert.deepEqual(document.errors, [], path);
  }
});

type Values = Readonly<Record<string, unknown>>;

test("the chart's values fit its schema, which refuses two instances without a database", () => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(read("packaging/helm/coatcheck/values.schema.json")));
  const values: Values = parse(read("packaging/helm/coatcheck/values.yaml"));
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
  ]) {
    assert.ok(set.has(line), line);
  }
  for (const name of ["key", "root-token"]) assert.ok(set.has(`LoadCredential=${name}:/etc/coatcheck/${name}`));
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
