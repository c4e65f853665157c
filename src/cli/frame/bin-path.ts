import { fileURLToPath } from "node:url";

/** Where this program is started; scripts/build.ts says it for the package, whose bundles lie elsewhere. */
export const BIN = fileURLToPath(new URL("../../../bin/coatcheck.js", import.meta.url));
