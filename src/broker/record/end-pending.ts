import type { Event } from "../../credential/index.ts";
import type { Context } from "../process/context.ts";
import { commit, rowAfter } from "./commit.ts";
import { openCredential } from "./records.ts";

/**
 * Ends the credential `target` with what became of its authorization link. Only one that still waits for that link: one
 * that is in use stays, and one that was rewritten is another generation.
 */
export async function endPending(context: Context, target: string, event: Event): Promise<void> {
  for (;;) {
    const row = await commit(context, () => context.store.readById(target));
    if (row?.kind !== "creds") return;
    const state = openCredential(context, row);
    if (state.status !== "pending" || state.flow !== "code") return;
    const next = await commit(context, () => rowAfter(context, row, { kind: "callback", event }));
    const expect = { id: row.id, revision: row.revision };
    if (await commit(context, () => context.store.write(next, expect))) return;
  }
}
