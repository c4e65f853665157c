import { credentialName } from "../../session/index.ts";
import { laneOfServer } from "../../store/lanes.ts";
import { limited } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { nameOfChange } from "../process/session-memory.ts";
import { settingsOf } from "../record/settings.ts";
import type { Wanted } from "./wanted-session.ts";

/** Seconds after which a place may have become free. */
const TRY_AGAIN = 30;

/** Takes a place among the pending logins of its address and server until that moment; answers how to give it back. */
export async function reserveLogin(context: Context, wanted: Wanted, id: string, until: number): Promise<() => void> {
  const settings = await settingsOf(context, wanted.mount);
  const { pending } = context.sessions;
  const full = (group: string, most: number) => most > 0 && pending.count(group) >= most;
  if (!wanted.caller.trusted && full(ofAddress(wanted), settings.sessionPendingPerAddress)) {
    throw limited("too_many_pending", "too many logins of your address are pending: finish or cancel one", TRY_AGAIN);
  }
  if (full(ofServer(wanted), settings.sessionPendingPerServer)) {
    throw limited("too_many_pending", `too many logins of server "${wanted.server}" are pending`, TRY_AGAIN);
  }
  countLogin(context, wanted, id, until);
  return () => pending.end(nameOf(wanted, id));
}

/** Until then it counts as pending, unless it ends earlier. */
export function countLogin({ sessions }: Context, wanted: Wanted, id: string, until: number): void {
  const groups = wanted.caller.trusted ? [ofServer(wanted)] : [ofServer(wanted), ofAddress(wanted)];
  sessions.pending.add(nameOf(wanted, id), groups, until);
}

function nameOf({ mount }: Wanted, id: string): string {
  return nameOfChange(mount, credentialName(id));
}

function ofServer({ mount, server }: Wanted): string {
  return `server ${laneOfServer(mount, server)}`;
}

function ofAddress({ mount, caller }: Wanted): string {
  return `address ${mount} ${caller.network}`;
}
