import { readFileSync, statSync } from "node:fs";
import { replaceFile, withLock } from "../kept/private-file.ts";

/**
 * Changes another program's file as a whole, under a lock of ours, with the mode that is given or that it has (a new one is its
 * owner's alone). A link stays one: people keep such files elsewhere, and what it leads to is changed.
 */
export function changeForeign(path: string, change: (text: string | undefined) => string, mode?: number): void {
  withLock(path, (target) => {
    const found = statSync(target, { throwIfNoEntry: false });
    const text = change(found && readFileSync(target, "utf8"));
    replaceFile(target, text, mode ?? (found && found.mode & 0o777));
  });
}
