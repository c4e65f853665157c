import { readlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** The system's own bound of a chain of links. */
const MOST_LINKS = 40;

/** Where a file lies that may be a link, also one whose end is not there yet. */
export function followLinks(path: string, left = MOST_LINKS): string {
  try {
    const next = resolve(dirname(path), readlinkSync(path));
    return left === 0 ? path : followLinks(next, left - 1);
  } catch {
    return path;
  }
}
