import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { settingsOf } from "../record/settings.ts";

/** The server named, or the mount's default; resolved once, its name is stored. */
export async function serverNameOf(context: Context, mount: string, server: string): Promise<string> {
  const name = server === "" ? (await settingsOf(context, mount)).defaultServer : server;
  if (name === "") throw invalid("missing server (consider configuring a default server)");
  return name;
}
