import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Edit } from "./sabotages.ts";

export const ROOT = join(import.meta.dirname, "..", "..");

/** What tests read beside their imports. */
const PARTS = ["bin", "docs", "scripts", "src", "test", "package.json", "tsconfig.json"];

/** A copy of the whole project to break; `remove` ends it. */
export function copyTree(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "sabotage-"));
  for (const part of PARTS) cpSync(join(ROOT, part), join(path, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(path, "node_modules"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** The text of a file after some edits. Throws when one of them finds nothing. */
export function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce((before, { file, find, replace }) => {
    if (!before.includes(find)) throw new Error(`${file} has no: ${find}`);
    return before.replaceAll(find, () => replace);
  }, text);
}

export function apply(root: string, edits: readonly Edit[]): void {
  for (const [file, own] of Map.groupBy(edits, (edit) => edit.file)) {
    const path = join(root, file);
    writeFileSync(path, edited(readFileSync(path, "utf8"), own));
  }
}
