import { type Row, TASKS } from "../store/port.ts";

/**
 * A backup is lines of JSON: a head, one line per row in order of id, and an end that proves the rest. What is secret
 * stays sealed as it is in the store; bytes are base64url.
 */
export interface Head {
  readonly coatcheck: "backup";
  readonly version: 1;
  /** RFC 3339. */
  readonly takenAt: string;
  readonly progress: number;
  /** The row that names the deployment and proves the key. */
  readonly deployment: Line;
}

/** A row; its claim is nobody's business any more. */
export type Line = Omit<Row, "sealed" | "escrow" | "claim" | "claimUntil"> & {
  readonly sealed: string;
  readonly escrow: string | null;
};

export interface End {
  readonly rows: number;
  /** HMAC of the SHA-256 of all lines before it, under the deployment's key of fingerprints. */
  readonly mac: string;
}

export function toLine({ claim: _, claimUntil: __, sealed, escrow, ...rest }: Row): Line {
  return { ...rest, sealed: base64url(sealed), escrow: escrow && base64url(escrow) };
}

export function toRow({ sealed, escrow, ...rest }: Line): Row {
  const open = { claim: null, claimUntil: null };
  return { ...rest, ...open, sealed: bytes(sealed), escrow: escrow === null ? null : bytes(escrow) };
}

/** Whether a line of a file is a row: a missing field, or one of another kind, must end as a damaged backup (ST-38). */
export function isLine(value: unknown): value is Line {
  if (typeof value !== "object" || value === null) return false;
  const { mount, kind, name, id, server, task, dueAt, lineage, intent, revision, sealed, escrow } = value as Line;
  const isText = (one: unknown) => typeof one === "string";
  return (
    [mount, kind, name, id, sealed].every(isText) &&
    [server, lineage, intent, escrow].every((one) => one === null || isText(one)) &&
    (task === null || TASKS.includes(task)) &&
    (dueAt === null || Number.isFinite(dueAt)) &&
    Number.isSafeInteger(revision)
  );
}

function base64url(value: Uint8Array): string {
  return Buffer.from(value).toString("base64url");
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, "base64url");
}

/** The backup cannot be made or used; the message says what to do. Nothing was changed. */
export class BackupUnusable extends Error {
  override readonly name = "BackupUnusable";
}
