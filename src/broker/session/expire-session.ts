import { endsOf, isOver, sessionDue } from "../../session/index.ts";
import type { Claimed } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { openSession } from "../record/session-records.ts";
import { settingsOf } from "../record/settings.ts";
import { endSessionRow } from "./end-session-row.ts";
import { openFound } from "./find-session.ts";

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
  const { idleAt = now + ALIAS_MS } = endsOf(found.session, settings);
  const next = sessionDue(found.session, found.state, settings) ?? idleAt;
  await again(Math.max(next, now + (found.state.status === "pending" ? PENDING_MS : 0)));
}
