import { DEFAULT_SETTINGS, type Grant } from "../../credential/index.ts";
import type { RescueEntry } from "../../journal/rescue-journal.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { type Escrowed, openRescued, sealEscrow } from "../record/records.ts";
import { resolveServer } from "../server/resolve-server.ts";
import { attempt, type Flow } from "./attempt.ts";
import { keepLate } from "./keep-late.ts";

/** An answer in the rescue journal, with all it takes to make use of it when its row has gone. */
export interface Rescued extends Escrowed {
  readonly row: Pick<Row, "id" | "mount" | "kind" | "name">;
  readonly grant: Grant;
  readonly kind: "poll" | "refresh";
}

/**
 * Makes use of what earlier processes could not store (faults.md section 3, technique 7): an answer becomes the escrow of
 * its row, whose next claim applies it. Before anybody claims anything, because a poll's answer fits its own claim only.
 * What is left are answers whose row has moved on: `late` takes care of them, like of any other late answer.
 */
export async function recoverRescued(context: Context): Promise<{ late(): Promise<void> }> {
  // They go with the data: the journal's folder is the next broker's.
  if (context.life.handedOver) return { late: async () => {} };
  const late: (readonly [file: string, rescued: Rescued])[] = [];
  for (const [file, entry] of context.journal.left()) {
    const rescued = entry && openRescued<Rescued>(context, entry.id, entry.sealed);
    // The file stays, in case the right key comes back.
    if (!entry || !rescued) context.log.error("rescue_unreadable", { file });
    else if (await escrow(context, entry, rescued)) end(context, file, rescued);
    else late.push([file, rescued]);
  }
  return {
    late: async () => {
      for (const [file, rescued] of late) await recoverLate(context, file, rescued);
    },
  };
}

function escrow(context: Context, { id, by }: RescueEntry, { row, answer, requestedAt }: Rescued): Promise<boolean> {
  return context.store.escrow({ id, by, sealed: sealEscrow(context, row, { answer, requestedAt }) });
}

function end(context: Context, file: string, { row: { id, mount, name } }: Rescued): void {
  context.journal.remove(file);
  context.log.warn("rescued", { mount, name, id });
}

/** Waits for the next start when the provider cannot be reached now. */
async function recoverLate(context: Context, file: string, rescued: Rescued): Promise<void> {
  try {
    await applyLate(context, rescued);
    end(context, file, rescued);
  } catch (error) {
    context.log.error("rescue_waits", { file, message: error instanceof Error ? error.message : "unknown" });
  }
}

/** Its row has moved on, so whatever it holds is late. */
async function applyLate(context: Context, { answer, requestedAt, row, grant, kind }: Rescued): Promise<void> {
  const flow: Flow<void> = {
    prefix: "",
    secrets: [],
    escrowed: { answer, requestedAt },
    server: (call) => resolveServer(context, row.mount, grant, call),
    unusable: ({ message }) => Promise.reject(new Error(message)),
    request: () => Promise.reject(new Error("a rescued answer is never asked for again")),
    login: kind === "refresh" ? { imported: {} } : {},
    settle: async () => undefined,
    late: async (meaning) => {
      if (meaning.kind === "refused") return;
      const issue = meaning.kind === "issued" ? { issue: meaning.issue } : {};
      await keepLate(context, { row, kind, grant, tokens: meaning.tokens, ...issue });
    },
  };
  await within(context, DEFAULT_SETTINGS.providerTimeoutSeconds, (call) => attempt(context, flow, call));
}
