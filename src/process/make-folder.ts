import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder of its user alone (0700), and those above it that are missing. One level at a time: where nothing can be
 * made (/proc), the platform's recursive form never returns. Throws a system error.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Several processes may start at once.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
