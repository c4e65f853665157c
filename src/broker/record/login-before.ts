import { type Issued, replacedLogin } from "../../credential/index.ts";
import type { Expectation, Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { openCredential } from "./records.ts";
import { unlessDamaged } from "./rows.ts";

/**
 * The login that a new one takes the place of, if it can be refreshed. One whose refresh is under way, or never was settled, is
 * not kept: its refresh token may be another by now, and a crash's doubt does not go with it.
 */
export async function loginIn(context: Context, row: Row | undefined): Promise<Issued | undefined> {
  if (!row || row.escrow !== null || (row.intent !== null && row.task === "refresh")) return undefined;
  return unlessDamaged(() => replacedLogin(openCredential(context, row)));
}

/** The row as it was read, with no refresh of it begun since: what was taken from it is still the last word. */
export function unchanged({ id, revision, task }: Row): Extract<Expectation, { id: string }> {
  // A login that waits inside a pending one is refreshed by nobody, and polls of that one are none of its business.
  return { id, revision, ...(task !== "poll" && { idle: true }) };
}

/** Whether that still holds of it. */
export async function isUnchanged({ store }: Pick<Context, "store">, before: Row): Promise<boolean> {
  const now = await store.readById(before.id);
  return now?.revision === before.revision && now.intent === before.intent;
}

/**
 * What a new login may replace: whoever writes last wins, unless only the target may be replaced. Of whom something is kept must
 * be as it was read.
 */
export function expected(
  { strict, target }: { readonly strict: boolean; readonly target: string | null },
  kept?: Row,
): Expectation {
  if (kept && (!strict || target === kept.id)) return unchanged(kept);
  if (!strict) return { anything: true };
  return target === null ? { absent: true } : { id: target };
}
