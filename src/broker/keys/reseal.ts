import { CannotOpen } from "../../seal/port.ts";
import type { Exchange, Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { resealedContent, resealedEscrow, resealedRescue } from "../record/records.ts";
import { isCanary } from "./canary.ts";
import { walkPages } from "./count-seals.ts";

/**
 * Seals every record under the first key that is under another one, by compare-and-set: what is written meanwhile is left
 * alone, and it is sealed under the first key anyway. Nothing is remembered of how far it came: whoever begins again looks
 * for what is left. `tell` hears of every record that was exchanged.
 */
export async function resealAll(context: Context, tell: (count: number) => void, stopped: () => boolean) {
  for await (const rows of walkPages(context)) {
    if (stopped()) return;
    const exchanges = rows.flatMap((row) => exchangesOf(context, row));
    if (exchanges.length > 0) tell(await context.store.reseal(exchanges));
  }
  resealJournal(context, tell);
}

function exchangesOf(context: Context, row: Row): readonly Exchange[] {
  if (isCanary(row)) return [];
  const { id, mount, kind, name } = row;
  const content = attempt(context, { id, mount, kind, name }, () => resealedContent(context, row));
  const answer = attempt(context, { id, mount, kind, name }, () => resealedEscrow(context, row));
  return [
    ...(content ? [{ id, field: "sealed", from: row.sealed, to: content } as const] : []),
    ...(answer && row.escrow ? [{ id, field: "escrow", from: row.escrow, to: answer } as const] : []),
  ];
}

/** What cannot be opened stays as it is, and its key is kept for it. */
function attempt(
  { log }: Context,
  where: Record<string, unknown>,
  reseal: () => Uint8Array | undefined,
): Uint8Array | undefined {
  try {
    return reseal();
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error;
    log.error("cannot_open", { ...where, message: error.message });
    return undefined;
  }
}

function resealJournal(context: Context, tell: (count: number) => void): void {
  const { journal, log } = context;
  for (const [file, entry] of journal.all()) {
    const sealed = entry && attempt(context, { file }, () => resealedRescue(context, entry));
    if (!sealed) continue;
    try {
      journal.replace(file, { ...entry, sealed });
      tell(1);
    } catch (error) {
      log.error("rescue_failed", { file, message: error instanceof Error ? error.message : "unknown" });
    }
  }
}
