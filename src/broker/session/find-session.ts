import type { Settings } from "../../credential/index.ts";
import { credentialName, isOver, type Session, sessionDue, worthNoting } from "../../session/index.ts";
import type { Row } from "../../store/port.ts";
import { noSession } from "../errors.ts";
import { inBackground } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { openCredential } from "../record/records.ts";
import { openSession, sessionKey, sessionRow } from "../record/session-records.ts";
import { settingsOf } from "../record/settings.ts";
import type { FoundSession } from "../sessions.ts";
import { endSessionRow } from "./end-session-row.ts";

/** A session, with the row of its credential as it was just read. */
export interface ReadSession extends FoundSession {
  readonly row: Row;
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

function countUse(context: Context, row: Row, found: ReadSession, settings: Settings): ReadSession {
  const isNews = worthNoting(found.session, settings, context.clock.now());
  if (isNews) inBackground(context, "note use", writeUse(context, row, found, settings));
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
  const session = openSession(context, row);
  if ("alias" in session || session.phase !== "open") return undefined;
  const name = credentialName(row.id);
  const credential = await context.store.read({ mount: row.mount, kind: "creds", name });
  if (!credential) return undefined;
  const state = openCredential(context, credential);
  return { mount: row.mount, id: row.id, session, name, state, row: credential };
}

/** Whoever else notes a use in the same moment is as right. */
async function writeUse(
  context: Context,
  row: Row,
  { session, state }: FoundSession,
  settings: Settings,
): Promise<void> {
  const used: Session = { ...session, lastUsedAt: context.clock.now() };
  const next = sessionRow(context, row, used, sessionDue(used, state, settings));
  await context.store.write(next, { id: row.id, revision: row.revision });
}
