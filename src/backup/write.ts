import { createHash } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "../error-code.ts";
import type { Seal } from "../seal/port.ts";
import type { Row } from "../store/port.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { BackupUnusable, type End, type Head, toLine } from "./format.ts";

/**
 * Writes a snapshot to a new file that only its owner can read; it appears under its name when it is whole and durable.
 * Answers the number of rows. Throws `BackupUnusable` where there is such a file already.
 */
export async function writeBackup(
  path: string,
  { snapshot, deployment, seal, takenAt }: { snapshot: Snapshot; deployment: Row; seal: Seal; takenAt: string },
): Promise<number> {
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  const file = openSync(unfinished, "wx", 0o600);
  try {
    const lines = new Lines(file);
    const { progress } = snapshot;
    const head: Head = { coatcheck: "backup", version: 1, takenAt, progress, deployment: toLine(deployment) };
    lines.add(head);
    for await (const row of snapshot.rows()) lines.add(toLine(row));
    const rows = lines.count - 1;
    lines.add({ rows, mac: lines.mac(seal) } satisfies End);
    lines.flush();
    fsyncSync(file);
    publish(unfinished, path);
    return rows;
  } finally {
    closeSync(file);
    rmSync(unfinished, { force: true });
  }
}

/** A link fails where the name is taken; a rename would replace. */
function publish(unfinished: string, path: string): void {
  try {
    linkSync(unfinished, path);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    throw new BackupUnusable(`${path} already exists, and a backup never overwrites a file: give another file name`);
  }
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}

/** Bytes that are written at once. */
const CHUNK = 262_144;

class Lines {
  readonly #file: number;
  readonly #hash = createHash("sha256");
  #waiting = "";
  count = 0;

  constructor(file: number) {
    this.#file = file;
  }

  add(value: unknown): void {
    const line = `${JSON.stringify(value)}\n`;
    this.#hash.update(line);
    this.#waiting += line;
    this.count += 1;
    if (this.#waiting.length >= CHUNK) this.flush();
  }

  flush(): void {
    for (let rest = Buffer.from(this.#waiting); rest.length > 0; rest = rest.subarray(writeSync(this.#file, rest))) {}
    this.#waiting = "";
  }

  mac(seal: Seal): string {
    return seal.fingerprint(this.#hash.copy().digest("base64url"));
  }
}
