import { DEFAULT_SETTINGS, type Settings } from "../credential/index.ts";
import { type Session, sessionDue } from "../session/index.ts";
import type { Row } from "../store/port.ts";
import type { Context } from "./process/context.ts";
import { newId } from "./process/random.ts";
import { besideSession } from "./record/news.ts";
import { openContent, plainRow } from "./record/records.ts";
import { eachOfKind, unlessDamaged } from "./record/rows.ts";
import { sessionRow } from "./record/session-records.ts";
import { configKey } from "./record/settings.ts";
import { replanMount } from "./server/replan.ts";
import { openFound } from "./session/session.ts";

/** In force at once: every credential of the mount gets its new due time before this resolves. */
export async function writeConfig(context: Context, mount: string, settings: Settings): Promise<void> {
  const row = plainRow(context, { ...configKey(mount), id: newId() }, settings);
  await context.store.write(row, { anything: true });
  await replanMount(context, mount, {});
  await replanSessions(context, mount, settings);
}

export async function deleteConfig(context: Context, mount: string): Promise<void> {
  const row = await context.store.read(configKey(mount));
  if (!row) return;
  await context.store.remove({ id: row.id });
  await replanMount(context, mount, {});
  await replanSessions(context, mount, DEFAULT_SETTINGS);
}

/** Gives every session of a mount its due time anew after the settings changed. One that changes meanwhile plans itself. */
async function replanSessions(context: Context, mount: string, settings: Settings): Promise<void> {
  await eachOfKind(context, { mount, kind: "session" }, (row) => unlessDamaged(() => replan(context, row, settings)));
  context.wake();
}

async function replan(context: Context, row: Row, settings: Settings): Promise<void> {
  const found = await openFound(context, row);
  const due = found && sessionDue(found.session, found.state, settings);
  if (!found || due === row.dueAt || due === undefined) return;
  // As it is stored: that its renewal was approved is noted by whoever uses it, with all that follows from that.
  const session = openContent<Session>(context, row);
  const next = { ...sessionRow(context, row, session, due), ...besideSession(context, row, session, settings) };
  await context.store.write(next, { id: row.id, revision: row.revision });
}
