import { DEFAULT_SETTINGS, type Settings } from "../../credential/index.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { openContent } from "./records.ts";

export const configKey = (mount: string) => ({ mount, kind: "config", name: "config" }) as const;

/** Opened once for as long as the store remembers the row. */
const opened = new WeakMap<Row, Settings>();

/** The settings as written, or undefined. */
export async function readConfig(context: Context, mount: string): Promise<Settings | undefined> {
  const row = await context.store.read(configKey(mount));
  if (!row) return undefined;
  // A row may be older than a setting.
  const settings = opened.get(row) ?? { ...DEFAULT_SETTINGS, ...openContent<Partial<Settings>>(context, row) };
  opened.set(row, settings);
  return settings;
}

/** The settings in force. */
export async function settingsOf(context: Context, mount: string): Promise<Settings> {
  return (await readConfig(context, mount)) ?? DEFAULT_SETTINGS;
}
