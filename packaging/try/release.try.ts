import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, globSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { packagingProblems } from "../../test/support/packaging.ts";
import { keepLogin } from "../../test/support/person/kept-login.ts";
import { missing } from "../../test/support/programs.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";

const root = join(import.meta.dirname, "../..");

/** What is no source: made, installed, or a history. */
const MADE = new Set(["node_modules", "dist", ".cache", ".git"]);

/** What a release would be made from, with a history of its own. */
function cloneIn(folder: string): { readonly git: (...args: string[]) => string } {
  cpSync(root, folder, { recursive: true, filter: (path) => !MADE.has(basename(path)) });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const config = ["-c", "user.name=Tests", "-c", "user.email=tests@example.com", "-c", "init.defaultBranch=main"];
  const git = (...args: string[]) =>
    execFileSync("git", [...config, ...args], { cwd: folder, encoding: "utf8" }).trim();
  git("init", "--quiet");
  writeFileSync(join(folder, ".git/info/exclude"), "node_modules\n");
  git("config", "user.name", "Tests");
  git("config", "user.email", "tests@example.com");
  git("add", "--all");
  git("commit", "--quiet", "--message", "All");
  return { git };
}

/** Its short cut in the suite: test/cli/build.test.ts. */
const RELEASE = "a release makes a package that runs without its sources, and carries its libraries with their types";

test(RELEASE, { skip: missing("git") }, async (t) => {
  const clone = temporaryFolder(t);
  const { git } = cloneIn(clone);
  const release = (...args: string[]) =>
    spawnSync(process.execPath, ["packaging/release.ts", ...args], { cwd: clone, encoding: "utf8" });

  writeFileSync(join(clone, "left-over.txt"), "");
  const refused = release("7.8.9", "--skip-tests");
  assert.deepEqual([refused.status, refused.stderr.split(":")[1]], [1, " there are changes that are not committed"]);
  rmSync(join(clone, "left-over.txt"));
  const released = release("7.8.9", "--skip-tests");
  assert.equal(released.status, 0, released.stderr);
  assert.match(released.stdout, /^next: git push --follow-tags && npm publish dist\/release\/coatcheck-7\.8\.9\.tgz$/m);
  assert.equal(git("log", "-1", "--format=%s"), "Release 7.8.9");
  assert.equal(git("describe", "--exact-match"), "v7.8.9");
  assert.equal(git("status", "--porcelain"), "");
  const day = new Date().toISOString().slice(0, 10);
  assert.match(
    readFileSync(join(clone, "CHANGELOG.md"), "utf8"),
    new RegExp(`^## Unreleased\n\n## 7.8.9 \\(${day}\\)`, "m"),
  );
  const files = join(clone, "dist/release");
  const sums = execFileSync("sha256sum", ["--check", "SHA256SUMS"], { cwd: files, encoding: "utf8" });
  assert.equal(sums, "coatcheck-7.8.9.tgz: OK\ncoatcheck-client-7.8.9.tgz: OK\n");
  assert.deepEqual(await packagingProblems(join(files, "coatcheck-7.8.9.tgz")), []);

  const installed = temporaryFolder(t);
  execFileSync("tar", ["-xzf", join(files, "coatcheck-7.8.9.tgz"), "-C", installed]);
  const folder = join(installed, "package");
  const bin = join(folder, "bin/coatcheck.js");
  const run = (...args: string[]) => execFileSync(process.execPath, [bin, ...args], { encoding: "utf8" });
  assert.equal(run("--version"), "7.8.9\n");
  assert.match(run("serve", "--help"), /Run the broker/, "with nothing installed beside it");
  assert.match(readFileSync(join(folder, "THIRD-PARTY.txt"), "utf8"), /^fastify \d[\s\S]+The above copyright notice/m);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const man = readFileSync(join(folder, manifest.man), "utf8");
  assert.match(man, /^\.SS server add\n[\s\S]*?^\\fB\\-\\-client\\-id <id>/m, "every command, with its options");
  assert.match(man, /^\.SH EXIT STATUS\n\.TP\n\\fB0/m);
  const env = { ...process.env, XDG_CONFIG_HOME: temporaryFolder(t), XDG_STATE_HOME: temporaryFolder(t) };
  keepLogin(env.XDG_STATE_HOME, "corp");
  const entry = execFileSync(process.execPath, [bin, "setup", "kubectl", "deploy", "corp"], {
    encoding: "utf8",
    env,
    stdio: "pipe",
  });
  assert.ok(entry.includes(`command: ${realpathSync(bin)}\n`), entry);
  assert.equal(manifest.devDependencies, undefined);
  assert.ok(
    manifest.repository && manifest.homepage && manifest.bugs && manifest.keywords && manifest.publishConfig.provenance,
  );
  assert.match(manifest.dependencies.fastify, /^\^\d/);
  assert.ok(!("commander" in manifest.dependencies), "only what its libraries need");
  assert.doesNotMatch(
    Object.keys(manifest.dependencies).join(" "),
    /@opentelemetry/,
    "half of what would be installed",
  );
  const { packages } = JSON.parse(readFileSync(join(folder, "npm-shrinkwrap.json"), "utf8"));
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  for (const [path, { version }] of Object.entries<{ version: string }>(packages).slice(1)) {
    assert.equal(version, lock.packages[path].version, path);
  }
  assert.ok(
    "node_modules/pino" in packages && "node_modules/fast-uri" in packages && !("node_modules/koa" in packages),
  );
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const { types, default: path } of Object.values<{ types: string; default: string }>(manifest.exports)) {
    assert.ok(readFileSync(join(folder, types), "utf8").length > 0);
    await import(join(folder, path));
  }
  const telemetry = await Promise.all(globSync(join(folder, "dist/open-*.js")).map((path) => import(path)));
  assert.deepEqual(telemetry.map(Object.keys), [["openTelemetry"]], "CommonJS in a library finds Node's own modules");
  const bundles = globSync(join(folder, "dist/cli/*.js")).map((path) => readFileSync(path, "utf8"));
  assert.ok(bundles.some((text) => text.includes("A Matrix login, step by step")));
  assert.ok(
    bundles.some((text) => text.includes("This is Coatcheck's demo authorization server")),
    "serve --dev brings its own server",
  );
});
