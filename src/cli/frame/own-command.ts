import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { BIN } from "./bin-path.ts";

/**
 * How this very program is called from any folder, in any shell: by its name where that is found and is this one, else by whole
 * paths. Folders of packages are on the way of what npm starts, and nobody else's.
 */
export function ownCommand(path = ""): readonly string[] {
  const folders = path.split(delimiter).filter((folder) => folder !== "" && !folder.includes("node_modules"));
  const first = folders.map((folder) => targetOf(join(folder, "coatcheck"))).find((target) => target !== undefined);
  if (first === realpathSync(BIN)) return ["coatcheck"];
  // The executable is both.
  return BIN === process.execPath ? [BIN] : [process.execPath, BIN];
}

function targetOf(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK);
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
