import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Heads } from "./device.ts";
import { parsed } from "./resume.ts";

/** What was signed last of each device, in files of a folder: by that a start goes on, and sees that an end is missing. */
export function headsIn(folder: string, name: string): Heads {
  const path = join(folder, `${name}.head`);
  return {
    last: () => {
      const { line, hash } = parsed(textOf(path)) ?? {};
      return typeof line === "number" && typeof hash === "string" ? { line, hash } : undefined;
    },
    keep: ({ line, hash }) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(`${path}.new`, JSON.stringify({ line, hash }), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
