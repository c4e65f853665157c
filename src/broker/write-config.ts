import { DEFAULT_SETTINGS, type Settings } from "../credential/index.ts";
import { type Context, newId } from "./process/context.ts";
import { plainRow } from "./record/records.ts";
import { configKey } from "./record/settings.ts";
import { replanMount } from "./server/replan.ts";
import { replanSessions } from "./session/replan-sessions.ts";

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
  await context.store.remove(row.id);
  await replanMount(context, mount, {});
  await replanSessions(context, mount, DEFAULT_SETTINGS);
}
