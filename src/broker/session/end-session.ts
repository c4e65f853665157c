import type { Context } from "../process/context.ts";
import { openSession, sessionKey } from "../record/session-records.ts";
import { endSessionRow } from "./end-session-row.ts";
import { findSession } from "./find-session.ts";

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

/** By an operator, who knows its public id. Undefined when there is none; one that is just being started is none yet. */
export async function endSessionById(
  context: Context,
  mount: string,
  id: string,
): Promise<readonly string[] | undefined> {
  const row = await context.store.readById(id);
  if (row?.kind !== "session" || row.mount !== mount) return undefined;
  const session = openSession(context, row);
  if ("alias" in session || session.phase === "starting") return undefined;
  return endSessionRow(context, row);
}
