import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildCommand } from "../../scripts/build.ts";

/** Before the suite (`--test-global-setup`): what BIN starts in it. */
export async function globalSetup(): Promise<void> {
  const folder = join(import.meta.dirname, "../../node_modules/.cache/coatcheck-built");
  rmSync(folder, { recursive: true, force: true });
  await buildCommand(folder);
  process.env.COATCHECK_BUILT = join(folder, "bin/coatcheck.js");
}
