import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseAllDocuments } from "yaml";
import { missing } from "../../test/support/programs.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";

const PACKAGING = join(import.meta.dirname, "..");
const CHART = join(PACKAGING, "helm/coatcheck");

/** What Helm says instead of a cluster: without it, a version that is older than the chart wants. */
const CLUSTER = ["--kube-version", "1.31.0"];

function helm(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync("helm", words, { encoding: "utf8" });
  return { isGood: status === 0, stdout, said: stdout + stderr };
}

/** All manifests, without the labels of Helm itself. */
function manifests(text: string): readonly unknown[] {
  const own = (key: unknown) => key === "helm.sh/chart" || key === "app.kubernetes.io/managed-by";
  const all = parseAllDocuments(text).map((one) =>
    one.toJS({ reviver: (key, value) => (own(key) ? undefined : value) }),
  );
  return all.filter((one) => one !== null);
}

const ENV = { COATCHECK_LOG_LEVEL: `a "quoted" text: {{ no template }}` };

/** Every setting of the chart. */
const ALL = {
  replicas: 2,
  database: true,
  publicUrl: "https://broker.example",
  env: ENV,
  ingress: {
    enabled: true,
    className: "nginx",
    host: "broker.example",
    tlsSecretName: "tls",
    annotations: { a: "b" },
  },
  metrics: { token: true },
  nodeSelector: { a: "b" },
  tolerations: [{ operator: "Exists" }],
  podAnnotations: { a: "1" },
};

/** What Helm makes of the chart with all of them. */
function withAll(t: TestContext) {
  const file = join(temporaryFolder(t), "values.json");
  writeFileSync(file, JSON.stringify(ALL));
  return helm("template", "coatcheck", CHART, ...CLUSTER, "--values", file);
}

test("Helm itself finds nothing in the chart, and makes of it what the manifests say", {
  skip: missing("helm"),
}, () => {
  const lint = helm("lint", "--strict", CHART);
  assert.ok(lint.isGood, lint.said);
  const { isGood, stdout, said } = helm("template", "coatcheck", CHART, ...CLUSTER);
  assert.ok(isGood, said);
  assert.deepEqual(manifests(stdout), manifests(readFileSync(join(PACKAGING, "kubernetes/coatcheck.yaml"), "utf8")));
});

test("Helm makes a chart of all its settings, and refuses values that do not fit", { skip: missing("helm") }, (t) => {
  const { isGood, stdout, said } = withAll(t);
  assert.ok(isGood, said);
  const made = parseAllDocuments(stdout).map((one) => one.toJS()?.kind);
  assert.deepEqual(made.sort(), ["Ingress", "PodDisruptionBudget", "Service", "StatefulSet"]);
  assert.ok(stdout.includes(JSON.stringify(ENV.COATCHECK_LOG_LEVEL)));
  for (const wrong of ["replicas=0", "replicas=2", "replica=1", "ingress.enabled=true"]) {
    assert.match(
      helm("template", "coatcheck", CHART, ...CLUSTER, "--set", wrong).said,
      /don't meet the specifications/,
    );
  }
});

/** The oldest Kubernetes that the chart wants, and the newest whose schemas were there. */
const VERSIONS = ["1.25", "1.37"];

const SCHEMAS =
  "the schemas of Kubernetes have each field that is written, in the manifests and in a chart of all settings";

test(SCHEMAS, { skip: missing("helm") || missing("kubernetes-validate") }, (t) => {
  const file = join(temporaryFolder(t), "all.yaml");
  writeFileSync(file, withAll(t).stdout);
  const plain = join(PACKAGING, "kubernetes/coatcheck.yaml");
  const wrong = join(temporaryFolder(t), "wrong.yaml");
  writeFileSync(wrong, readFileSync(plain, "utf8").replace("serviceName:", "serviceNam:"));
  for (const version of VERSIONS) {
    const validate = (path: string) =>
      spawnSync("kubernetes-validate", ["-k", version, "--strict", path], { encoding: "utf8" });
    for (const path of [plain, file]) {
      const { status, stdout, stderr } = validate(path);
      assert.equal(status, 0, stdout + stderr);
    }
    assert.notEqual(validate(wrong).status, 0, "and no other");
  }
});
