import { createHash } from "node:crypto";
import { join } from "node:path";
import { stateFolder } from "../../kept/folders.ts";
import { readOwn, updatePrivate } from "../../kept/private-file.ts";
import { isTable, type Range } from "./edits.ts";

/** What was written for an agent, so that it can be taken back; nothing of what else stands in its file. */
export interface Written {
  /** SHA-256 of the file as it was left; empty where the agent wrote it itself. */
  readonly sha256: string;
  /** Where ours is in it. */
  readonly ranges: readonly Range[];
  /** There was no file before. */
  readonly isNew: boolean;
  /** The topmost folder that was made for it. */
  readonly made?: string;
}

/** File → name of the server there. */
type All = Readonly<Record<string, Readonly<Record<string, Written>>>>;

const path = () => join(stateFolder(), "agents.json");

export function writtenIn(file: string, name: string): Written | undefined {
  return parse(readOwn(path()))[file]?.[name];
}

/** `undefined`: it is taken back. */
export function noteWritten(file: string, name: string, written: Written | undefined): void {
  updatePrivate(path(), (text) => {
    const all = parse(text);
    const { [name]: _before, ...others } = all[file] ?? {};
    const these = written ? { ...others, [name]: written } : others;
    const { [file]: _file, ...rest } = all;
    return `${JSON.stringify(Object.keys(these).length === 0 ? rest : { ...rest, [file]: these }, null, 2)}\n`;
  });
}

/** A damaged one is an empty one: what is ours is then found by its place. */
function parse(text = "{}"): All {
  try {
    const all: unknown = JSON.parse(text);
    return isTable(all) ? (all as All) : {};
  } catch {
    return {};
  }
}

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
