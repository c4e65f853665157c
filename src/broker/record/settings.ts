import { DEFAULT_SETTINGS, type Settings } from "../../credential/index.ts";
import type { Context } from "../process/context.ts";
import { openContent } from "./records.ts";

export const configKey = (mount: string) => ({ mount, kind: "config", name: "config" }) as const;

/** The settings as written, or undefined. */
export async function readConfig(context: Context, mount: string): Promise<Settings | undefined> {
  const row = await context.store.read(configKey(mount));
  // A row may be older than a setting.
  return row && { ...DEFAULT_SETTINGS, ...openContent<Partial<Settings>>(context, row) };
}

/** The settings in force. */
export async function settingsOf(context: Context, mount: string): Promise<Settings> {
  return (await readConfig(context, mount)) ?? DEFAULT_SETTINGS;
}
