import { fileURLToPath } from "node:url";

/** Where this program is started; the bundle lies as deep in its package as this file does here. */
export const BIN = fileURLToPath(new URL("../../../bin/coatcheck.js", import.meta.url));
