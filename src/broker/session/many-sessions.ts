import { statusOf } from "../../session/index.ts";
import type { Row } from "../../store/port.ts";
import { pendingView } from "../credential/pending-view.ts";
import type { Context } from "../process/context.ts";
import { eachOfKind, ofFirst, unlessDamaged } from "../record/rows.ts";
import { openSession } from "../record/session-records.ts";
import type { ListedSession, SessionListQuery, SessionPage, SessionRange, SessionRight } from "../sessions.ts";
import { accountOf, endSessionRow, openFound } from "./session.ts";

/** One page of the sessions that somebody may see, never a secret; it may have fewer than the limit; the order means nothing, but stays. */
export async function listSessions(context: Context, mount: string, query: SessionListQuery): Promise<SessionPage> {
  const { server, after, limit, isSeen } = query;
  const of = { mount, kind: "session", after, limit, ...(server !== "" && { server }) } as const;
  const rows = await ofFirst(context, of, (row) => unlessDamaged(() => listedSession(context, row)));
  const next = rows.length === limit ? rows.at(-1)?.[0].name : undefined;
  const sessions = rows.flatMap(([, one]) => (one && isSeen(one.session, one.account) ? [one] : []));
  return { sessions, ...(next !== undefined && { next }) };
}

/** By its public id. */
export async function findSession(
  context: Context,
  mount: string,
  id: string,
  isSeen: SessionRight,
): Promise<ListedSession | undefined> {
  const row = await context.store.readById(id);
  if (row?.kind !== "session" || row.mount !== mount) return undefined;
  const found = await listedSession(context, row);
  return found && isSeen(found.session, found.account) ? found : undefined;
}

/** Undefined for a second secret, and for one that nobody was told of yet. */
async function listedSession(context: Context, row: Row): Promise<ListedSession | undefined> {
  const found = await openFound(context, row);
  if (!found) return undefined;
  const { id, session, name: credential, state, renewal } = found;
  const status = statusOf(state, context.clock.now());
  const waiting = renewal ? statusOf(renewal.state, context.clock.now()) : status;
  const pending = waiting.kind === "pending" && pendingView(waiting.credential);
  const account = accountOf(state);
  return { id, session, credential, status, ...(account && { account }), ...(pending && { pending }) };
}

/**
 * XD-12: ends every session whose login was started in a range of time, pending ones too; answers how many. Each is gone at
 * once; the queue revokes at the providers, at the pace these bear.
 */
export async function revokeSessions(context: Context, mount: string, range: SessionRange): Promise<number> {
  const { server, since, until } = range;
  const of = server === "" ? {} : { server };
  let count = 0;
  await eachOfKind(context, { mount, kind: "session", ...of }, async (row) => {
    if (!(await unlessDamaged(() => isWithin(context, row, range)))) return;
    await endSessionRow(context, row, "queued");
    count += 1;
  });
  const iso = (at: number) => new Date(at).toISOString();
  context.log.warn("sessions_revoked", { mount, server, since: iso(since), until: iso(until), count });
  return count;
}

/** A second secret goes with its session. */
function isWithin(context: Context, row: Row, { since, until }: SessionRange): boolean {
  const session = openSession(context, row);
  return !("alias" in session) && session.createdAt >= since && session.createdAt < until;
}
