import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Seal } from "../seal/port.ts";
import type { Row } from "../store/port.ts";
import { BackupUnusable, type End, type Head, isLine, toRow } from "./format.ts";

/** A backup that has been opened; its rows are proved when they have all been read. */
export interface Backup {
  readonly takenAt: string;
  readonly progress: number;
  /** The row that names the deployment and proves the key. */
  readonly deployment: Row;
  /** Once. Throws `BackupUnusable` at the end when a line is missing, added or changed. */
  rows(seal: Seal): AsyncIterable<Row>;
}

/** Throws `BackupUnusable`, or a system error. */
export async function readBackup(path: string): Promise<Backup> {
  if (!existsSync(path)) throw new BackupUnusable(`there is no file ${path}: give the name of a backup`);
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  const source = lines[Symbol.asyncIterator]();
  const { value: first = "" } = await source.next();
  const head = parse<Partial<Head>>(first);
  if (head?.coatcheck !== "backup") throw new BackupUnusable(`${path} is not a Coatcheck backup`);
  if (head.version !== 1)
    throw new BackupUnusable(`${path} was made by a newer version of Coatcheck: use that version to restore it`);
  const { takenAt = "", progress = 0, deployment } = head;
  if (!isLine(deployment) || typeof takenAt !== "string" || !Number.isSafeInteger(progress)) throw damaged(path);
  return { takenAt, progress, deployment: toRow(deployment), rows: (seal) => rows(path, first, source, seal) };
}

async function* rows(path: string, head: string, source: AsyncIterator<string>, seal: Seal): AsyncGenerator<Row> {
  const hash = createHash("sha256").update(`${head}\n`);
  for (let count = 0; ; count++) {
    const next = await source.next();
    const line = next.done ? undefined : parse<Partial<End>>(next.value);
    if (line?.mac !== undefined) {
      const proved = line.rows === count && line.mac === seal.fingerprint(hash.digest("base64url"));
      if (!proved || !(await source.next()).done) throw damaged(path);
      return;
    }
    if (!isLine(line)) throw damaged(path);
    hash.update(`${next.value}\n`);
    yield toRow(line);
  }
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function damaged(path: string): BackupUnusable {
  return new BackupUnusable(`${path} is damaged or incomplete: use another backup`);
}
