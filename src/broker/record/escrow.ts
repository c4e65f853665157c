import type { Grant } from "../../credential/index.ts";
import type { RescueEntry } from "../../journal/rescue-journal.ts";
import type { Answer } from "../../protocol/answer/answer.ts";
import { type Row, StoreBroken, StoreUnavailable } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { sealEscrow, sealRescued } from "./records.ts";

/** Whose answer it is, and by what it may be settled. */
export interface Escrow {
  readonly row: Row;
  readonly by: RescueEntry["by"];
  /** Whose attempt it is. */
  readonly claim: string;
  readonly kind: "poll" | "refresh";
  readonly grant: Grant;
  /** Epoch milliseconds, before the request was sent. */
  readonly requestedAt: number;
}

/**
 * Seals a complete answer and stores it beside its row, before anybody parses it: it may hold the only copy of a token.
 * Only a success can carry one. If the store fails just then, or has no place for it any more, it goes to the rescue
 * journal: the commit that follows is retried until the store takes it, and the journal is for the case that this process
 * does not live as long. False: whoever takes the row over does not find it there.
 */
export async function escrowAnswer(context: Context, escrow: Escrow, answer: Answer): Promise<boolean> {
  if (answer.status < 200 || answer.status >= 300) return false;
  const { row, by, claim, requestedAt } = escrow;
  try {
    const sealed = sealEscrow(context, row.id, { answer, requestedAt });
    const kept = await context.store.escrow({ id: row.id, by, sealed, claim });
    // The row has moved on: until the late answer has been taken care of, only the journal has it.
    if (!kept) rescue(context, escrow, answer);
    return kept;
  } catch (error) {
    if (!(error instanceof StoreUnavailable || error instanceof StoreBroken)) throw error;
    context.log.error("escrow_failed", { id: row.id, message: error.message });
    rescue(context, escrow, answer);
    return false;
  }
}

function rescue(context: Context, { row, by, kind, grant, requestedAt }: Escrow, answer: Answer): void {
  const { id, mount, name } = row;
  const rescued = { answer, requestedAt, row: { id, mount, kind: row.kind, name }, grant, kind };
  try {
    context.journal.put({ id, by, sealed: sealRescued(context, rescued) });
  } catch (error) {
    context.log.error("rescue_failed", { id, message: error instanceof Error ? error.message : "unknown" });
  }
}
