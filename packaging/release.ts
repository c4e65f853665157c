import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { releasedChangelog } from "./changelog.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "dist/release");

const USAGE = `npm run release -- VERSION [--dry-run] [--skip-tests] [--publish]
npm run release -- --files

  --dry-run     check everything and make the files in dist/release, but change nothing else
  --skip-tests  the suite was seen green already
  --publish     publish the package to the registry at the end (npm publish, in a CI that signs provenance)
  --files       only make the files in dist/release, of the version that is here
`;

/**
 * One release: a clean tree and a green suite, then version, changelog, commit, tag, tarballs and their checksums. What has left
 * this machine cannot be taken back, so it publishes and pushes nothing unless told to.
 */
async function release(
  version: string,
  flags: { dryRun: boolean; skipTests: boolean; publish: boolean },
): Promise<void> {
  const files = changedFiles(version);
  if (git("status", "--porcelain") !== "")
    throw new Error("there are changes that are not committed: commit them first");
  if (git("tag", "--list", `v${version}`) !== "") throw new Error(`the tag v${version} is there already`);
  if (!flags.skipTests) execFileSync("npm", ["test"], { cwd: root, stdio: "inherit" });
  write(files);
  try {
    const made = await makeFiles();
    if (!flags.dryRun) {
      git("add", ...Object.keys(files));
      git("commit", "--quiet", "--message", `Release ${version}`);
      git("tag", "--annotate", "--message", `Coatcheck ${version}`, `v${version}`);
    }
    for (const name of made) console.log(join("dist/release", name));
  } catch (error) {
    git("checkout", "HEAD", "--", ...Object.keys(files));
    throw error;
  }
  if (flags.dryRun) {
    git("checkout", "HEAD", "--", ...Object.keys(files));
    return console.log(`dry run: these files are version ${version}; no commit, no tag, nothing published`);
  }
  const publish = ["publish", join("dist/release", `coatcheck-${version}.tgz`)];
  if (flags.publish) execFileSync("npm", publish, { cwd: root, stdio: "inherit" });
  console.log(`next: git push --follow-tags${flags.publish ? "" : ` && npm ${publish.join(" ")}`}`);
}

/** Path → text of all that names the version. */
function changedFiles(version: string): Readonly<Record<string, string>> {
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
    throw new Error(`"${version}" is no version: give for example 1.2.0`);
  const day = new Date().toISOString().slice(0, 10);
  const manifest = readFileSync(join(root, "package.json"), "utf8");
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  lock.version = version;
  lock.packages[""].version = version;
  const chart = "packaging/helm/coatcheck/Chart.yaml";
  const manifests = "packaging/kubernetes/coatcheck.yaml";
  return {
    [chart]: readFileSync(join(root, chart), "utf8").replaceAll(/^(version|appVersion): .*$/gm, `$1: ${version}`),
    [manifests]: readFileSync(join(root, manifests), "utf8")
      .replace(/image: "coatcheck:.*"/, `image: "coatcheck:${version}"`)
      .replaceAll(/(app.kubernetes.io\/version): .*/g, `$1: "${version}"`),
    "package.json": manifest.replace(/("version": )"[^"]+"/, `$1"${version}"`),
    "package-lock.json": `${JSON.stringify(lock, null, 2)}\n`,
    "CHANGELOG.md": releasedChangelog(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version, day),
  };
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
}

/** Both tarballs and SHA256SUMS; what other builds left in dist/artifacts is listed with them. */
async function makeFiles(): Promise<readonly string[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { buildPackage } = await import("../scripts/build.ts");
  const { packClient } = await import("../scripts/pack-client.ts");
  await buildPackage(join(root, "dist/coatcheck"));
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: join(root, "dist/coatcheck") });
  packClient(folder);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const path of globSync(join(root, `dist/artifacts/*${version}*`)))
    copyFileSync(path, join(folder, basename(path)));
  const names = globSync("*", { cwd: folder }).sort();
  const sums = names.map((name) => `${sha256(join(folder, name))}  ${name}\n`);
  writeFileSync(join(folder, "SHA256SUMS"), sums.join(""));
  return [...names, "SHA256SUMS"];
}

const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}

const options = {
  "dry-run": { type: "boolean", default: false },
  "skip-tests": { type: "boolean", default: false },
  publish: { type: "boolean", default: false },
  files: { type: "boolean", default: false },
} as const;

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [version] = positionals;
  if (values.files) for (const name of await makeFiles()) console.log(join("dist/release", name));
  else if (version === undefined) throw new Error(`which version?\n\n${USAGE}`);
  else await release(version, { dryRun: values["dry-run"], skipTests: values["skip-tests"], publish: values.publish });
} catch (error) {
  console.error(`release: ${(error as Error).message}`);
  process.exitCode = 1;
}
