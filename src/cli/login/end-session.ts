import { resume } from "../../client/index.ts";
import { connectionTo } from "../broker/broker.ts";
import type { KeptSession } from "../files/sessions-file.ts";

/** Nobody waits longer for a broker that is away, only to take leave of it. Milliseconds. */
const TIMEOUT_MS = 3_000;

/** Ends a session at its broker; answers whether it is gone. */
export async function endSession({ broker, session }: KeptSession): Promise<boolean> {
  try {
    await resume(session, await connectionTo(broker)).logout({ signal: AbortSignal.timeout(TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  }
}
