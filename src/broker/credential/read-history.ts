import type { HistoryEntry } from "../../credential/index.ts";
import type { Context } from "../process/context.ts";
import { openHistory } from "../record/records.ts";

/** The attempts of a credential's life, oldest first; undefined when there is none of that name. */
export async function readHistory(
  context: Context,
  mount: string,
  name: string,
): Promise<readonly HistoryEntry[] | undefined> {
  const row = await context.store.read({ mount, kind: "creds", name });
  return row && openHistory(context, row);
}
