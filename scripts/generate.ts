import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generated } from "./generated.ts";

/** `npm run generate`: writes the documents that are made from the code. */
for (const [path, text] of Object.entries(await generated())) {
  writeFileSync(join(import.meta.dirname, "..", path), text);
}
