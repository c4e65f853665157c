import type { Credential } from "../../credential/index.ts";
import { statusOf } from "../../session/index.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { aliasRow, newSecret, sessionKey, sessionRow } from "../record/session-records.ts";
import { userCodeKey } from "../record/user-codes.ts";
import type { Caller, StartedSession } from "../sessions.ts";
import { sessionView } from "./read-session.ts";
import { openFound } from "./session.ts";

/** From more addresses than this a program has a login of its own: a person is to read them. */
const MOST_ADDRESSES = 8;

/**
 * Another secret for a session whose login is pending; undefined when there is none, or it cannot be joined from there any
 * more. Its address is noted before the secret is told, so that the person who decides sees it.
 */
export async function joinSession(
  context: Context,
  mount: string,
  id: string,
  { address }: Pick<Caller, "address">,
): Promise<StartedSession | undefined> {
  const row = await context.store.readById(id);
  const found = row?.kind === "session" ? await openFound(context, row) : undefined;
  const status = found && statusOf(found.state, context.clock.now());
  if (!row || !found || status?.kind !== "pending") return undefined;
  const { address: first, joinedFrom = [] } = found.session;
  if (address !== first && !joinedFrom.includes(address)) {
    if (joinedFrom.length >= MOST_ADDRESSES || (await isDecided(context, mount, found.state))) return undefined;
    const session = { ...found.session, joinedFrom: [...joinedFrom, address] };
    const noted = sessionRow(context, row, session, row.dueAt ?? null);
    // Somebody else has joined, or used it, meanwhile.
    if (!(await context.store.write(noted, { id, revision: row.revision }))) {
      return joinSession(context, mount, id, { address });
    }
  }
  const secret = newSecret();
  const place = { ...sessionKey(mount, secret), id: newId() };
  const alias = aliasRow(context, place, { alias: id }, status.credential.expiresAt);
  await context.store.write(alias, { absent: true });
  context.metrics.session("joined");
  return { secret, view: await sessionView(context, found), joined: true };
}

/** A person has read at `/device` who gets the tokens, and has decided. */
async function isDecided(context: Context, mount: string, state: Credential): Promise<boolean> {
  if (state.status !== "pending" || state.flow !== "code" || state.userCode === undefined) return false;
  return (await context.store.read(userCodeKey(context, mount, state.userCode))) === undefined;
}
