import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = join(import.meta.dirname, "..");

/**
 * Packs the client library alone, as `coatcheck-client-VERSION.tgz` in the folder: compiled JavaScript and declarations
 * from src/client, and no dependency. Answers the tarball's path.
 */
export function packClient(folder: string): string {
  const work = mkdtempSync(join(tmpdir(), "coatcheck-client-"));
  try {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.client.json"), "--outDir", join(work, "dist")]);
    const { version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const manifest = {
      name: "coatcheck-client",
      version,
      description: "Sessions of the Coatcheck OAuth credential broker, for programs",
      license,
      type: "module",
      sideEffects: false,
      exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
      files: ["dist"],
      engines: { node: ">=20" },
    };
    writeFileSync(join(work, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    copyFileSync(join(root, "LICENSE"), join(work, "LICENSE"));
    mkdirSync(folder, { recursive: true });
    const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", resolve(folder)], { cwd: work });
    return join(resolve(folder), packed.toString().trim());
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (import.meta.main) process.stdout.write(`${packClient(join(root, "dist"))}\n`);
