import { readFileSync, rmSync, statSync } from "node:fs";
import { replaceFile, withLock } from "../kept/private-file.ts";

/**
 * Changes another program's file as a whole, under a lock of ours, with the mode that is given or that it has (a new one is its
 * owner's alone). A link stays one: people keep such files elsewhere, and what it leads to is changed. `undefined` removes it.
 */
export function changeForeign(
  path: string,
  change: (text: string | undefined) => string | undefined,
  mode?: number,
): void {
  withLock(path, (target) => {
    const found = statSync(target, { throwIfNoEntry: false });
    const text = found && readFileSync(target, "utf8");
    const after = change(text);
    if (after === undefined) rmSync(target, { force: true });
    else if (after !== text) replaceFile(target, after, mode ?? (found && found.mode & 0o777));
  });
}
