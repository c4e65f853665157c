import { fileURLToPath } from "node:url";

/** Where this program is started by others; scripts/build.ts says it for the package and the executable. */
export const BIN = fileURLToPath(new URL("../../../bin/coatcheck.js", import.meta.url));

/** What Node is told to start it: from its first moment what bin/coatcheck.js does only as it begins (ST-9, ST-30). */
export const NODE_ARGUMENTS: readonly string[] = ["--disable-sigusr1", "--disable-proto=delete", BIN];
