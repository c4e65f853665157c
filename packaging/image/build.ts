import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFile } from "../../scripts/build.ts";
import { ARCHITECTURES, type Architecture, buildExecutable } from "../executable/build.ts";
import type { Manifest } from "../manifest.ts";
import { CONFIG, USER } from "./config.ts";
import { type Image, writeLayout } from "./layout.ts";

const root = join(import.meta.dirname, "../..");

/** Names of Go, as images have them, and Debian's. */
const NAMES = { x64: "amd64", arm64: "arm64" } as const;

/** Debian's packages with what Node needs (`readelf -d`). */
const LIBRARIES = ["libc6", "libgcc-s1", "libstdc++6"];

/**
 * The container image without a daemon: the executable over the few libraries that it needs, no shell, not as root. As an OCI
 * layout in dist/image, for all architectures. The libraries are those of this system's own sources, which must have each
 * architecture: releases are made on Debian bookworm, as in the Dockerfile. Answers the folder.
 */
export async function buildImage(architectures: readonly Architecture[] = ARCHITECTURES): Promise<string> {
  const { version, description, license } = projectFile<Manifest>("package.json");
  const folder = join(root, "dist/image");
  rmSync(folder, { recursive: true, force: true });
  const images: Image[] = [];
  for (const architecture of architectures) {
    const layers = [systemLayer(architecture), programLayer(await buildExecutable(architecture))];
    const Labels = {
      "org.opencontainers.image.title": "Coatcheck",
      "org.opencontainers.image.description": description,
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.licenses": license,
    };
    images.push({ architecture: NAMES[architecture], layers, config: { ...CONFIG, Labels } });
  }
  writeLayout(folder, version, images);
  return folder;
}

function systemLayer(architecture: Architecture): Buffer {
  return inFolder((folder) => {
    const system = join(folder, "system");
    unpackLibraries(architecture, system);
    for (const unneeded of [
      "usr/share/doc-base",
      "usr/share/lintian",
      "usr/share/gdb",
      "usr/lib/*/gconv",
      "usr/lib/*/audit",
    ]) {
      for (const path of globSync(unneeded, { cwd: system })) rmSync(join(system, path), { recursive: true });
    }
    mkdirSync(join(system, "etc"), { recursive: true });
    writeFileSync(join(system, "etc/passwd"), `coatcheck:x:${USER}:${USER}::/data:/nonexistent\n`);
    writeFileSync(join(system, "etc/group"), `coatcheck:x:${USER}:\n`);
    mkdirSync(join(system, "tmp"));
    mkdirSync(join(system, "data"));
    return tar(folder, "system", [
      ["--mode=u=rwX,go=rX", "--owner=0", "--group=0", "--exclude=./tmp", "--exclude=./data", "."],
      ["--mode=1777", "--owner=0", "--group=0", "./tmp"],
      ["--mode=0700", `--owner=${USER}`, `--group=${USER}`, "./data"],
    ]);
  });
}

/** What the executable for an architecture needs of a system, unpacked into a folder. */
export function unpackLibraries(architecture: Architecture, system: string): void {
  inFolder((folder) => {
    for (const path of download(NAMES[architecture], folder)) execFileSync("dpkg-deb", ["--extract", path, system]);
  });
}

function programLayer(executable: string): Buffer {
  return inFolder((folder) => {
    mkdirSync(join(folder, "program/usr/bin"), { recursive: true });
    cpSync(join(executable, "coatcheck"), join(folder, "program/usr/bin/coatcheck"));
    for (const name of ["LICENSE", "THIRD-PARTY.txt"]) cpSync(join(executable, name), join(folder, "program", name));
    return tar(folder, "program", [["--mode=u=rwX,go=rX", "--owner=0", "--group=0", "."]]);
  });
}

/** The newest of this system's sources, for any architecture; the system's own state stays as it is. */
function download(architecture: string, folder: string): readonly string[] {
  for (const path of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "status"), "");
  const settings = {
    "APT::Architecture": architecture,
    "APT::Architectures": architecture,
    "APT::Sandbox::User": "",
    "Dir::State::lists": join(folder, "lists"),
    "Dir::State::status": join(folder, "status"),
    "Dir::Cache": join(folder, "cache"),
  };
  const options = ["-qq", ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
  execFileSync("apt-get", [...options, "update"], { stdio: ["ignore", "ignore", "pipe"] });
  execFileSync("apt-get", [...options, "download", ...LIBRARIES], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  return globSync("*.deb", { cwd: folder }).map((path) => join(folder, path));
}

/** Reproducible; one part for each owner. */
function tar(folder: string, name: string, parts: readonly (readonly string[])[]): Buffer {
  const file = join(folder, `${name}.tar`);
  for (const [index, part] of parts.entries()) {
    const how = [index === 0 ? "--create" : "--append", "--format=gnu", "--sort=name", "--mtime=@0", "--numeric-owner"];
    execFileSync("tar", [...how, `--file=${file}`, `--directory=${join(folder, name)}`, ...part]);
  }
  return readFileSync(file);
}

function inFolder<Result>(work: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "coatcheck-image-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { version } = projectFile<Manifest>("package.json");
  const archive = join(root, `dist/artifacts/coatcheck-${version}-image.oci.tar`);
  mkdirSync(join(root, "dist/artifacts"), { recursive: true });
  execFileSync("tar", ["--create", `--file=${archive}`, `--directory=${await buildImage()}`, "."]);
  console.log(archive);
}
