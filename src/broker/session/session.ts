import type { Account } from "../../access/token.ts";
import type { Credential, Settings } from "../../credential/index.ts";
import {
  credentialInUse,
  credentialName,
  credentialsOf,
  endsOf,
  isOver,
  nextNote,
  renewed,
  type Session,
  sessionDue,
  unheededUntil,
} from "../../session/index.ts";
import type { Claimed, Row } from "../../store/port.ts";
import { deleteCredential, type Revoke } from "../credential/delete-credential.ts";
import { noSession } from "../errors.ts";
import { inBackground } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { openLogin, openOften } from "../record/records.ts";
import { type Alias, openSession, sessionKey, sessionRow } from "../record/session-records.ts";
import { settingsOf } from "../record/settings.ts";
import type { FoundSession, SessionRight } from "../sessions.ts";

/** A session, with the row of its credential as it was just read. */
export interface ReadSession extends FoundSession {
  readonly row: Row;
  /** Its renewal is approved, and its own row does not say so yet. */
  readonly isNews?: true;
}

/**
 * The session of a secret, and its credential. Whatever is asked for costs one hash and one look at an index before
 * anything is known of it; unknown, ended and malformed get one answer. Counts as a use.
 */
export async function findSession(context: Context, mount: string, secret: string): Promise<ReadSession> {
  const key = sessionKey(mount, secret);
  const settings = await settingsOf(context, mount);
  // Whoever ends a session ends its credential first, and that is read in any case: its own row may be a minute old.
  const known = context.store.recent(key)?.row;
  const recent = known && (await openFound(context, known));
  if (known && recent && !isOver(recent.session, recent.state, settings, context.clock.now())) {
    return countUse(context, known, recent, settings);
  }
  const row = await mainRow(context, await context.store.read(key));
  const found = row && (await openFound(context, row));
  if (!found) throw noSession();
  if (!isOver(found.session, found.state, settings, context.clock.now()))
    return countUse(context, row, found, settings);
  // A restored copy revokes nothing (broker/process/copy).
  if (context.life.copy === undefined) inBackground(context, "end session", endSessionRow(context, row));
  throw noSession();
}

export function countUse(context: Context, row: Row, found: ReadSession, settings: Settings): ReadSession {
  const { session, name, isNews } = found;
  const isDue = isNews || nextNote(session, settings) <= context.clock.now();
  // With a renewal under way, two credentials have to be looked at.
  if (!isDue && !session.renewal) context.caches.readySessions.keep(row, name, unheededUntil(session, settings));
  if (isDue && !context.life.handedOver && (!isNews || context.life.copy === undefined))
    inBackground(context, "note use", writeUse(context, row, found, settings));
  return found;
}

/** A second secret of a session leads to the session's own row. */
async function mainRow(context: Context, row: Row | undefined): Promise<Row | undefined> {
  if (!row) return undefined;
  const opened = openSession(context, row);
  if (!("alias" in opened)) return row;
  const main = await context.store.readById(opened.alias);
  return main?.kind === "session" ? main : undefined;
}

/** Undefined when nobody has been told of it yet, or its credential is gone (removed by an operator, or reaped). */
export async function openFound(context: Context, row: Row): Promise<ReadSession | undefined> {
  const session = openOften<Session | Alias>(context, row);
  if ("alias" in session || session.phase !== "open") return undefined;
  const { mount, id } = row;
  const { renewal } = session;
  const next = renewal && (await loginOf(context, mount, renewal.credential));
  if (next && isApproved(next.state)) {
    return { mount, id, session: renewed(session, context.clock.now()), ...next, isNews: true };
  }
  const own = await loginOf(context, mount, credentialInUse(id, session));
  if (!own) return undefined;
  return { mount, id, session, ...own, ...(renewal && next && { renewal: { ...next, scopes: renewal.scopes } }) };
}

async function loginOf(context: Context, mount: string, name: string) {
  const row = await context.store.read({ mount, kind: "creds", name });
  return row && { name, row, state: openLogin(context, row) };
}

/** Also one that has ended since: the login before it does not come back. */
function isApproved(state: Credential): boolean {
  return state.status === "issued" || (state.status === "failed" && state.last !== undefined);
}

/**
 * Notes a use, and a renewal that was approved. Whoever else does so in the same moment is as right. The login that a renewal replaces is left to its provider: some
 * revoke every grant of an account at once, the new one too (oauthapp.md 5.1).
 */
export async function writeUse(
  context: Context,
  row: Row,
  { session, state, isNews }: ReadSession,
  settings: Settings,
): Promise<void> {
  const used: Session = { ...session, lastUsedAt: context.clock.now() };
  const next = sessionRow(context, row, used, sessionDue(used, state, settings));
  if (!(await context.store.write(next, { id: row.id, revision: row.revision })) || !isNews) return;
  const { mount, id } = row;
  context.log.info("session_renewed", { mount, id });
  const before = openSession(context, row);
  if (!("alias" in before)) await deleteCredential(context, mount, credentialInUse(id, before), false);
}

/**
 * Ends a session: its credential first, which becomes a revocation in one write; so a crash in between leaves a session
 * without a credential, which is none, and never a grant without a session. Answers the warnings of the revocation.
 */
export async function endSessionRow(
  context: Context,
  { mount, id }: Pick<Row, "mount" | "id">,
  revoke: Revoke = true,
): Promise<readonly string[]> {
  const row = await context.store.readById(id);
  const session = row?.kind === "session" ? openSession(context, row) : undefined;
  const names = session && !("alias" in session) ? credentialsOf(id, session) : [credentialName(id)];
  const warnings: string[] = [];
  for (const name of names) warnings.push(...(await deleteCredential(context, mount, name, revoke)));
  await context.store.remove({ id });
  context.metrics.session("ended");
  context.log.info("session_ended", { mount, id });
  return warnings;
}

/** By whoever holds it; `revoke` false: the grant is left to its provider. Should the store not answer, it is at least not handed out from memory any more. */
export async function endSession(
  context: Context,
  mount: string,
  secret: string,
  revoke: boolean,
): Promise<readonly string[]> {
  context.store.forgetRecent(sessionKey(mount, secret));
  return endSessionRow(context, await findSession(context, mount, secret), revoke);
}

/** By an operator, who knows its public id. Undefined when there is none that they may end; one that is just being started is none yet. */
export async function endSessionById(
  context: Context,
  mount: string,
  id: string,
  mayEnd: SessionRight,
): Promise<readonly string[] | undefined> {
  const row = await context.store.readById(id);
  if (row?.kind !== "session" || row.mount !== mount) return undefined;
  const session = openSession(context, row);
  if ("alias" in session || session.phase === "starting") return undefined;
  if (!mayEnd(session, accountOf((await openFound(context, row))?.state))) return undefined;
  return endSessionRow(context, row);
}

/** Whose account a session is of, for a `SessionRight`: also when its token has ended. */
export function accountOf(state: Credential | undefined): Account | undefined {
  return state?.status === "issued" ? state.identity : undefined;
}

/** How soon an alias is looked at again: it goes with its session, or a little later. Milliseconds. */
const ALIAS_MS = 86_400_000;

/** A pending login decides by itself; it is looked at again when it has. Milliseconds. */
const PENDING_MS = 60_000;

/** A session is due: it is over, or it is looked at again when it may be. */
export async function expireSession(context: Context, { row, claim }: Claimed): Promise<void> {
  const { store, clock } = context;
  const again = (dueAt: number) => store.release(row.id, claim, { untouched: true, dueAt });
  const opened = openSession(context, row);
  if ("alias" in opened) {
    if (await store.readById(opened.alias)) return again(clock.now() + ALIAS_MS);
    await store.remove(row);
    return;
  }
  const found = await openFound(context, row);
  const settings = await settingsOf(context, row.mount);
  const now = clock.now();
  if (!found || isOver(found.session, found.state, settings, now)) {
    await endSessionRow(context, row);
    return;
  }
  if (found.isNews) await writeUse(context, row, found, settings);
  const { idleAt = now + ALIAS_MS } = endsOf(found.session, settings);
  const next = sessionDue(found.session, found.state, settings) ?? idleAt;
  await again(Math.max(next, now + (found.state.status === "pending" ? PENDING_MS : 0)));
}
