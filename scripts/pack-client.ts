import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = join(import.meta.dirname, "..");

/**
 * Packs the client library alone, as `coatcheck-client-VERSION.tgz` in the folder: compiled JavaScript and declarations
 * from src/client, and no dependency. It is imported as it is from the whole package, `coatcheck/client`, so that a program
 * may change from one to the other; the name on the registry is the whole package's. Answers the tarball's path.
 */
export function packClient(folder: string): string {
  const work = mkdtempSync(join(tmpdir(), "coatcheck-client-"));
  try {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.client.json"), "--outDir", join(work, "dist")]);
    const { version, license, homepage, bugs, repository } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8"),
    );
    const manifest = {
      name: "coatcheck",
      version,
      private: true,
      description: "Sessions of the Coatcheck OAuth credential broker, for programs: the client library alone",
      homepage,
      bugs,
      repository,
      license,
      type: "module",
      sideEffects: false,
      exports: { "./client": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
      files: ["dist"],
      engines: { node: ">=20" },
    };
    writeFileSync(join(work, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    copyFileSync(join(root, "LICENSE"), join(work, "LICENSE"));
    const packed = execFileSync("npm", ["pack", "--silent"], { cwd: work }).toString().trim();
    mkdirSync(folder, { recursive: true });
    const tarball = join(resolve(folder), `coatcheck-client-${version}.tgz`);
    copyFileSync(join(work, packed), tarball);
    return tarball;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (import.meta.main) process.stdout.write(`${packClient(join(root, "dist"))}\n`);
