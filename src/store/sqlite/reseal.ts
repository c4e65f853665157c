import { createHash } from "node:crypto";
import type { SealExchange } from "../port.ts";
import type { Statements } from "./rows.ts";
import * as sql from "./sql.ts";

/** How many records it exchanged: one, or none. */
export function reseal(statements: Statements, { id, field, from, to }: SealExchange): number {
  if (field === "escrow") return statements.run(sql.RESEAL_ESCROW, { id, from, to });
  return statements.run(sql.RESEAL_SEALED, { id, from, to, hash: hashOf(from) });
}

/** By what a row knows the bytes it held before. */
export function hashOf(sealed: Uint8Array): Uint8Array {
  return createHash("sha256").update(sealed).digest();
}
