import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes down a login as a person's file has it (`state` is XDG_STATE_HOME); no broker knows of it. */
export function keepLogin(
  state: string,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
  others: Readonly<Record<string, unknown>> = {},
): void {
  const folder = join(state, "coatcheck");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kept = { broker: "http://127.0.0.1:1", server: "demo", session: "ccs_x", id: "1", scopes: [], ...more };
  const text = JSON.stringify({ version: 1, sessions: { [name]: kept, ...others } });
  writeFileSync(join(folder, "sessions.json"), text, { mode: 0o600 });
}
