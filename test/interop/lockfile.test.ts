import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const read = (name: string) => readFileSync(join(root, name), "utf8");

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: true;
  readonly link?: true;
}

test("ST-29 every package is the one that was looked at, and only those that are named may run a script", () => {
  const { dependencies, devDependencies, allowScripts } = JSON.parse(read("package.json"));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(String(version), /^\d+\.\d+\.\d+(-[\w.]+)?$/, `${name} has one version`);
  }
  const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> };
  const locked = Object.entries(packages).filter(([path]) => path !== "");
  assert.ok(locked.length > 300);
  for (const [path, { integrity = "", resolved = "", link }] of locked) {
    assert.match(integrity, /^sha512-[\w+/]{86}==$/, path);
    assert.equal(URL.parse(resolved || "https://x/")?.protocol, "https:", path);
    assert.equal(link, undefined, path);
  }
  const scripted = locked.flatMap(([path, { hasInstallScript }]) => (hasInstallScript ? [path] : []));
  const named = Object.keys(allowScripts).map((name) => `node_modules/${name}`);
  assert.deepEqual(scripted.sort(), named.sort());
});

test("ST-29 npm is told to keep versions exact, and to refuse a script that nobody has looked at", () => {
  const told = new Set(read(".npmrc").split("\n"));
  assert.ok(told.has("save-exact=true"));
  assert.ok(told.has("strict-allow-scripts=true"));
});
