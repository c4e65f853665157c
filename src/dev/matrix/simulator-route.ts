import type { Proper } from "../proper.ts";
import type { ReceivedRequest } from "../server.ts";
import type { Parts } from "./parts.ts";

/** What the walk changes at a simulated homeserver: its quirks, and what happens to its logins. It answers how it is now. */
export function simulatorRoute({ sessions, switches }: Parts, { method, body }: ReceivedRequest): Proper {
  const asked = method === "POST" ? membersOf(body) : {};
  if (Array.isArray(asked.quirks)) switches.set(asked.quirks);
  if (asked.event === "expire") sessions.expireAll();
  if (asked.event === "log_out") sessions.endAll();
  return { status: 200, body: { quirks: switches.quirks } };
}

function membersOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
