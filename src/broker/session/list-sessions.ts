import { statusOf } from "../../session/index.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { unlessDamaged } from "../record/rows.ts";
import type { ListedSession, SessionListQuery, SessionPage } from "../sessions.ts";
import { openFound } from "./find-session.ts";

/** One page of the sessions there are, never a secret; the order means nothing, but stays. */
export async function listSessions(context: Context, mount: string, query: SessionListQuery): Promise<SessionPage> {
  const { server, after, limit } = query;
  const rows = await context.store.list({ mount, kind: "session", after, limit, ...(server !== "" && { server }) });
  const sessions = await Promise.all(rows.map((row) => unlessDamaged(context, row, () => listedSession(context, row))));
  const next = rows.length === limit ? rows.at(-1)?.name : undefined;
  return { sessions: sessions.filter((one) => one !== undefined), ...(next !== undefined && { next }) };
}

/** Undefined for a second secret, and for one that nobody was told of yet. */
async function listedSession(context: Context, row: Row): Promise<ListedSession | undefined> {
  const found = await openFound(context, row);
  if (!found) return undefined;
  const { id, session, name: credential, state } = found;
  return { id, session, credential, status: statusOf(state, context.clock.now()) };
}
