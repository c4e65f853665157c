import { laneOfServer } from "../../store/lanes.ts";
import { limited } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { nameOfLogin } from "../process/session-memory.ts";
import type { SessionRequest } from "./session-request.ts";

/** Seconds after which a place may have become free. */
const TRY_AGAIN = 30;

/** A login that takes a place among the pending ones of its address and server. */
interface Place {
  /** Name of its credential. */
  readonly credential: string;
  /** The credential whose place it takes over, where it is begun in the place of another login. */
  readonly instead?: string;
}

/** Takes a place until that moment (epoch milliseconds); answers how to give it back. Throws `BrokerError`. */
export function reserveLogin(
  context: Context,
  request: SessionRequest,
  { credential, instead }: Place,
  until: number,
): () => void {
  const { pending } = context.sessions;
  const { settings, server, mount } = request.operation;
  const other = instead === undefined ? undefined : nameOfLogin(mount, instead);
  const full = (group: string, most: number) => most > 0 && pending.count(group, other) >= most;
  if (!request.caller.trusted && full(ofAddress(request), settings.sessionPendingPerAddress)) {
    throw limited("too_many_pending", "too many logins from your address are pending: finish or cancel one", TRY_AGAIN);
  }
  if (full(ofServer(request), settings.sessionPendingPerServer)) {
    throw limited("too_many_pending", `too many logins with server "${server.name}" are pending`, TRY_AGAIN);
  }
  countLogin(context, request, credential, until);
  return () => pending.end(nameOfLogin(mount, credential));
}

/** Until then (epoch milliseconds) it counts as pending, unless it ends earlier. */
export function countLogin(
  { sessions }: Pick<Context, "sessions">,
  request: SessionRequest,
  credential: string,
  until: number,
): void {
  const groups = request.caller.trusted ? [ofServer(request)] : [ofServer(request), ofAddress(request)];
  sessions.pending.add(nameOfLogin(request.operation.mount, credential), groups, until);
}

/** What strangers fill is their own share; those with a token have as much of their own. */
function ofServer({ operation: { mount, server }, caller }: SessionRequest): string {
  return `server ${laneOfServer(mount, server.name)} ${caller.trusted ? "trusted" : "strangers"}`;
}

function ofAddress({ operation: { mount }, caller }: SessionRequest): string {
  return `address ${mount} ${caller.network}`;
}
