import type { Settings } from "../../credential/index.ts";
import { CannotOpen } from "../../seal/port.ts";
import { sessionDue } from "../../session/index.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { sessionRow } from "../record/session-records.ts";
import { openFound } from "./find-session.ts";

/** Rows per page: one transaction each, so that others get their turn in between. */
const PAGE = 500;

/** Gives every session of a mount its due time anew after the settings changed. One that changes meanwhile plans itself. */
export async function replanSessions(context: Context, mount: string, settings: Settings): Promise<void> {
  let after = "";
  for (;;) {
    const rows = await context.store.list({ mount, kind: "session", after, limit: PAGE });
    await Promise.all(rows.map((row) => replan(context, row, settings)));
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    after = last.name;
  }
  context.wake();
}

async function replan(context: Context, row: Row, settings: Settings): Promise<void> {
  try {
    const found = await openFound(context, row);
    const due = found && sessionDue(found.session, found.state, settings);
    if (!found || due === row.dueAt || due === undefined) return;
    await context.store.write(sessionRow(context, row, found.session, due), { id: row.id, revision: row.revision });
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error;
    context.log.error("cannot_open", { mount: row.mount, id: row.id });
  }
}
