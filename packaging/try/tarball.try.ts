import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { buildPackage } from "../../scripts/build.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { demoLogin } from "./login.ts";

/** With its errors, also where it was told to be silent (`npm run -s`). */
const INSTALL = ["install", "--global", "--no-audit", "--no-fund", "--loglevel=error"];

test("the package, installed by npm from its tarball, signs in with its own demo server", async (t) => {
  const folder = temporaryFolder(t);
  const built = join(folder, "built");
  await buildPackage(built);
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: built })
    .toString()
    .trim();
  const prefix = join(folder, "installed");
  // Npm makes neither of them.
  mkdirSync(join(prefix, "lib"), { recursive: true });
  execFileSync("npm", [...INSTALL, "--prefix", prefix, join(folder, packed)], {
    stdio: "pipe",
    encoding: "utf8",
  });
  const bin = join(prefix, "lib/node_modules/coatcheck/bin/coatcheck.js");
  t.diagnostic(`--version: ${Math.round(await demoLogin(t, [process.execPath, bin]))} ms`);
});
