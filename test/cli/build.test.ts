import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, globSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { releasedChangelog } from "../../packaging/changelog.ts";
import { manPage } from "../../packaging/man.ts";
import { type Lock, type Manifest, publishedManifest, shrinkwrapOf } from "../../packaging/manifest.ts";
import { buildCommand, buildLibraries, noticesOf, projectFile } from "../../scripts/build.ts";
import { BIN, CLONE } from "../support/bin.ts";
import { keepLogin } from "../support/person/kept-login.ts";
import { coatcheck, said } from "../support/process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** The short cut of packaging/try/release.try.ts, which makes a whole release, with its tarballs and types. */

const root = join(import.meta.dirname, "../..");

test("the command runs without its sources and packages, and setup names it by its path", async (t) => {
  const folder = temporaryFolder(t);
  // The suite has built it already, beside all packages.
  if (BIN === CLONE) await buildCommand(folder);
  else cpSync(join(BIN, "../.."), folder, { recursive: true, filter: (path) => basename(path) !== ".cache" });
  const bin = join(folder, "bin/coatcheck.js");
  const { version } = projectFile<Manifest>("package.json");
  const env = { ...process.env, XDG_CONFIG_HOME: temporaryFolder(t), XDG_STATE_HOME: temporaryFolder(t) };
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [bin, ...args], { encoding: "utf8", env, stdio: "pipe" });
  assert.equal(run("--version"), `${version}\n`);
  assert.match(run("serve", "--help"), /Run the broker/, "with nothing installed beside it");
  saysItsNode(bin);
  keepLogin(env.XDG_STATE_HOME, "corp");
  const entry = run("setup", "kubectl", "deploy", "corp");
  assert.ok(entry.includes(`command: ${realpathSync(bin)}\n`), entry);
  const bundles = globSync(join(folder, "dist/cli/*.js")).map((path) => readFileSync(path, "utf8"));
  assert.ok(bundles.some((text) => text.includes("A Matrix login, step by step")));
  assert.ok(
    bundles.some((text) => text.includes("This is Coatcheck's demo authorization server")),
    "serve --dev brings its own server",
  );
  assert.ok(!bundles.some((text) => text.includes("createRequire(import.meta.url)")), "nothing is made for each file");
  loadsWhenUsed(bundles.join("\n"));
  const demo = coatcheck(t, ["serve", "--dev", "--listen", "127.0.0.1:0"], {}, [process.execPath, bin]);
  const [, address = ""] = await said(demo, /listening at (http:\/\/[\d.:]+\d)/);
  const login = await fetch(`${address}/sessions`, { method: "POST", body: '{"server":"demo"}' });
  assert.equal(login.status, 201, `a login begins there: ${await login.text()}`);
});

/** Of packages that a start loads, what it has no use for: its code is called by what asks for it, never as a file is loaded. */
function loadsWhenUsed(code: string): void {
  const parts = ["summary", "pushgateway", "defaultMetrics", "cluster"].map((part) => `prom-client/lib/${part}`);
  for (const part of ["semver/index", ...parts]) {
    const [, name] = new RegExp(`var (\\w+)=__commonJS\\(\\{"node_modules/${part}\\.js"`).exec(code) ?? [];
    const calls = [...code.matchAll(new RegExp(`(.{3})\\b${name}\\(\\)`, "g"))].map(([, before]) => before);
    assert.deepEqual([...new Set(calls)], ["??="], part);
  }
}

test("the libraries load beside the packages that the manifest names, in the versions of the lock", async (t) => {
  const folder = temporaryFolder(t);
  const imports = await buildLibraries(folder);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const path of ["index", "client/index", "protocol/index", "providers/index"]) {
    await import(join(folder, `dist/${path}.js`));
  }
  const telemetry = await Promise.all(globSync(join(folder, "dist/open-*.js")).map((path) => import(path)));
  assert.deepEqual(telemetry.map(Object.keys), [["openTelemetry"]], "CommonJS in a library finds Node's own modules");

  const manifest = publishedManifest(projectFile<Manifest>("package.json"), imports);
  assert.equal(manifest.devDependencies, undefined);
  assert.ok(manifest.repository && manifest.homepage && manifest.bugs && manifest.keywords);
  assert.match(manifest.dependencies.fastify ?? "", /^\^\d/);
  assert.ok(!("commander" in manifest.dependencies), "only what its libraries need");
  assert.doesNotMatch(
    Object.keys(manifest.dependencies).join(" "),
    /@opentelemetry/,
    "half of what would be installed",
  );
  const lock = projectFile<Lock>("package-lock.json");
  const { packages } = shrinkwrapOf(manifest, lock);
  for (const [path, locked] of Object.entries(packages).slice(1)) {
    assert.partialDeepStrictEqual(locked, { version: lock.packages[path]?.version }, path);
  }
  assert.ok(
    "node_modules/pino" in packages && "node_modules/fast-uri" in packages && !("node_modules/koa" in packages),
  );
});

test("notices have the licence that a package brings", () => {
  assert.match(noticesOf(new Set(["node_modules/fastify"])), /^fastify \d[\s\S]+The above copyright notice/m);
});

test("the man page has every command, with its options, and the exit codes", async () => {
  const man = await manPage();
  assert.match(man, /^\.SS server add\n[\s\S]*?^\\fB\\-\\-client\\-id <id>/m);
  assert.match(man, /^\.SH EXIT STATUS\n\.TP\n\\fB0/m);
});

/** What an older Node says: this one under an old number, since no older one need be here. */
function saysItsNode(bin: string): void {
  const older = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'22.1.0'})";
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", older, bin, "token"], {
    encoding: "utf8",
  });
  const { version } = process;
  assert.deepEqual(
    [status, stdout, stderr],
    [1, "", `coatcheck: coatcheck needs Node 24 or newer, this is ${version}\n`],
  );
}

test("a release gives what was unreleased its version and day, and refuses one that says nothing", () => {
  const before = "# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.1.0 (2026-01-02)\n\n- First.\n";
  const after = releasedChangelog(before, "0.2.0", "2026-03-04");
  assert.equal(after, before.replace("## Unreleased\n", "## Unreleased\n\n## 0.2.0 (2026-03-04)\n"));
  assert.throws(() => releasedChangelog(after, "0.3.0", "2026-03-05"), /notes nothing as unreleased/);
  assert.throws(() => releasedChangelog(before, "0.1.0", "2026-03-05"), /has 0\.1\.0 already/);
  assert.throws(() => releasedChangelog("# Changelog\n", "0.1.0", "2026-03-05"), /no heading/);
});
