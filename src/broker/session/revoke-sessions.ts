import { CannotOpen } from "../../seal/port.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { openSession } from "../record/session-records.ts";
import type { SessionRange } from "../sessions.ts";
import { endSessionRow } from "./end-session-row.ts";

/** Rows that are ended at the same time: others get their turn in between. */
const PAGE = 100;

/**
 * XD-12: ends every session whose login was started in a range of time, pending ones too; answers how many. Each is gone at
 * once; the queue revokes at the providers, at the pace these bear.
 */
export async function revokeSessions(context: Context, mount: string, range: SessionRange): Promise<number> {
  const { server, since, until } = range;
  const of = server === "" ? {} : { server };
  let [count, after] = [0, ""];
  for (;;) {
    const rows = await context.store.list({ mount, kind: "session", after, limit: PAGE, ...of });
    const wanted = rows.filter((row) => isWithin(context, row, range));
    await Promise.all(wanted.map((row) => endSessionRow(context, row, "queued")));
    count += wanted.length;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    after = last.name;
  }
  const iso = (at: number) => new Date(at).toISOString();
  context.log.warn("sessions_revoked", { mount, server, since: iso(since), until: iso(until), count });
  return count;
}

/** A second secret goes with its session; what is damaged has no time, and is named in the log. */
function isWithin(context: Context, row: Row, { since, until }: SessionRange): boolean {
  try {
    const session = openSession(context, row);
    return !("alias" in session) && session.createdAt >= since && session.createdAt < until;
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error;
    context.log.error("cannot_open", { mount: row.mount, id: row.id });
    return false;
  }
}
