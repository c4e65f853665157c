import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** Makes a folder of its owner alone. One level at a time: below /proc the platform's recursive form never returns. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Several commands may start at once.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
