import type { Identity } from "../../credential/index.ts";
import { credentialName, type Status, sessionOf, statusOf } from "../../session/index.ts";
import type { Row } from "../../store/port.ts";
import { countCredentials } from "../credential/list-credentials.ts";
import { pendingView } from "../credential/pending-view.ts";
import type { SessionCounts } from "../lists.ts";
import type { Context } from "../process/context.ts";
import { accountFacet, isAccount, type StateFacet } from "../record/facets.ts";
import { areFiled } from "../record/filing.ts";
import { eachOfKind, findRows, ofFirst, unlessDamaged } from "../record/rows.ts";
import { openSession } from "../record/session-records.ts";
import type { ListedSession, SessionListQuery, SessionPage, SessionRange, SessionRight } from "../sessions.ts";
import { accountOf, endSessionRow, openFound } from "./session.ts";

/** What names of sessions' credentials begin with. */
const LOGINS = credentialName("");

/** One page of the sessions that somebody may see, never a secret; it may have fewer than the limit; the order means nothing, but stays. */
export async function listSessions(context: Context, mount: string, query: SessionListQuery): Promise<SessionPage> {
  const counts = query.isCounted ? { counts: await countSessions(context, mount) } : {};
  return { ...(await pageOf(context, mount, query)), ...counts };
}

/** Logins are counted: a session has another one while that is to take the place of its own. */
async function countSessions(context: Context, mount: string): Promise<SessionCounts | undefined> {
  const counted = await countCredentials(context, mount, "creds", LOGINS);
  return counted && { pending: counted.pending, active: counted.issued, failed: counted.failed };
}

/** In the order of its index; a cursor is one of the query that it is from. */
async function pageOf(context: Context, mount: string, query: SessionListQuery): Promise<SessionPage> {
  if (query.account !== undefined || query.status !== undefined) return pageByLogins(context, mount, query);
  const { server, after, limit, isSeen } = query;
  const of = { mount, kind: "session", after, limit, ...(server !== "" && { server }) } as const;
  const rows = await ofFirst(context, of, (row) => unlessDamaged(() => listedSession(context, row)));
  const next = rows.length === limit ? rows.at(-1)?.[0].name : undefined;
  const sessions = rows.flatMap(([, one]) => (one && isSeen(one.session, one.account) ? [one] : []));
  return { sessions, ...(next !== undefined && { next }) };
}

/** What an account or a state is of is the session's login, so the logins are looked through by the index of those. */
async function pageByLogins(context: Context, mount: string, query: SessionListQuery): Promise<SessionPage> {
  const { account, status, server, after, limit, isSeen } = query;
  const facet = account === undefined ? status && STATES[status] : accountFacet(context, mount, account);
  const narrowed = facet !== undefined && (await areFiled(context)) ? { facet } : {};
  const of = { mount, kind: "creds", prefix: LOGINS, after, limit, ...narrowed } as const;
  const { found, next } = await findRows(context, of, (login) =>
    unlessDamaged(async () => {
      const row = await context.store.readById(sessionOf(login.name));
      const one = row?.kind === "session" ? await listedSession(context, row) : undefined;
      // Of two logins of one session it is the one in use that counts.
      if (one?.credential !== login.name || (server !== "" && one.session.server !== server)) return undefined;
      if (status !== undefined && stateOf(one.status) !== status) return undefined;
      if (account !== undefined && !isAccount(identityIn(one.status), account)) return undefined;
      return isSeen(one.session, one.account) ? one : undefined;
    }),
  );
  return { sessions: found.map(([, one]) => one), ...(next !== undefined && { next }) };
}

/** As the list tells it. */
function identityIn(status: Status): Identity | undefined {
  return status.kind === "active" ? status.account : undefined;
}

/** The others have ended for reasons of many kinds, some by the clock alone: no facet has all of them. */
const STATES: Partial<Record<NonNullable<SessionListQuery["status"]>, StateFacet>> = {
  pending: "pending",
  active: "issued",
};

function stateOf({ kind }: ListedSession["status"]): NonNullable<SessionListQuery["status"]> {
  return kind === "pending" || kind === "active" ? kind : "ended";
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
