import type { Answer } from "../protocol/answer.ts";
import { type SettleBy, StoreUnavailable } from "../store/port.ts";
import type { Context } from "./context.ts";
import { sealEscrow } from "./records.ts";

/**
 * Seals a complete answer and stores it beside its row, before anybody parses it: it may hold the only copy of a token.
 * Only a success can carry one. If the store fails just then, the commit that follows is retried until the store takes
 * it; the escrow only had to be tried first.
 */
export async function escrowAnswer(
  context: Context,
  id: string,
  by: SettleBy,
  answer: Answer,
  requestedAt: number,
): Promise<void> {
  if (answer.status < 200 || answer.status >= 300) return;
  try {
    await context.store.escrow(id, by, sealEscrow(context, id, { answer, requestedAt }));
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    context.log.error("escrow_failed", { id, message: error.message });
  }
}
