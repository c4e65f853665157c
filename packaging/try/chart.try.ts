import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
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
  const file = join(temporaryFolder(t), "values.json");
  const env = { COATCHECK_LOG_LEVEL: `a "quoted" text: {{ no template }}` };
  const ingress = {
    enabled: true,
    className: "nginx",
    host: "broker.example",
    tlsSecretName: "tls",
    annotations: { a: "b" },
  };
  const pods = { nodeSelector: { a: "b" }, tolerations: [{ operator: "Exists" }], podAnnotations: { a: "1" } };
  const all = {
    replicas: 2,
    database: true,
    publicUrl: "https://broker.example",
    env,
    ingress,
    metrics: { token: true },
    ...pods,
  };
  writeFileSync(file, JSON.stringify(all));
  const { isGood, stdout, said } = helm("template", "coatcheck", CHART, ...CLUSTER, "--values", file);
  assert.ok(isGood, said);
  const made = parseAllDocuments(stdout).map((one) => one.toJS()?.kind);
  assert.deepEqual(made.sort(), ["Ingress", "PodDisruptionBudget", "Service", "StatefulSet"]);
  assert.ok(stdout.includes(JSON.stringify(env.COATCHECK_LOG_LEVEL)));
  for (const wrong of ["replicas=0", "replicas=2", "replica=1", "ingress.enabled=true"]) {
    assert.match(
      helm("template", "coatcheck", CHART, ...CLUSTER, "--set", wrong).said,
      /don't meet the specifications/,
    );
  }
});
