import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { buildPackage } from "../../scripts/build.ts";
import { packagingProblems } from "../support/packaging.ts";
import { keepLogin } from "../support/person/kept-login.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = join(import.meta.dirname, "../..");

test("the published package runs without its sources, and carries its libraries with their types", async (t) => {
  const folder = join(temporaryFolder(t), "coatcheck");
  await buildPackage(folder);
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", ".."], { cwd: folder });
  assert.deepEqual(await packagingProblems(join(folder, "..", packed.toString().trim())), []);
  const bin = join(folder, "bin/coatcheck.js");
  const run = (...args: string[]) => execFileSync(process.execPath, [bin, ...args], { encoding: "utf8" });
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.equal(run("--version"), `${version}\n`);
  assert.match(run("serve", "--help"), /Run the broker/, "with nothing installed beside it");
  assert.match(readFileSync(join(folder, "THIRD-PARTY.txt"), "utf8"), /^fastify \d[\s\S]+The above copyright notice/m);
  const env = { ...process.env, XDG_CONFIG_HOME: temporaryFolder(t), XDG_STATE_HOME: temporaryFolder(t) };
  keepLogin(env.XDG_STATE_HOME, "corp");
  const entry = execFileSync(process.execPath, [bin, "setup", "kubectl", "deploy", "corp"], {
    encoding: "utf8",
    env,
    stdio: "pipe",
  });
  assert.ok(entry.includes(`command: ${realpathSync(bin)}\n`), entry);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  assert.equal(manifest.devDependencies, undefined);
  assert.ok("fastify" in manifest.dependencies && !("commander" in manifest.dependencies), "what its libraries need");
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const { types, default: path } of Object.values<{ types: string; default: string }>(manifest.exports)) {
    assert.ok(readFileSync(join(folder, types), "utf8").length > 0);
    await import(join(folder, path));
  }
  const bundles = globSync(join(folder, "dist/cli/*.js")).map((path) => readFileSync(path, "utf8"));
  assert.ok(bundles.some((text) => text.includes("A Matrix login, step by step")));
});
