import { versionHeader } from "../../../mcp/request-headers.ts";
import { pause, systemClock } from "../../../process/clock.ts";
import type { Position, Sink } from "./exchange.ts";
import type { Upstream } from "./upstream.ts";

/** Where a stream does not say it. Milliseconds. */
export const USUAL_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** A server that wants to be asked again at once, each time, would keep a processor busy. */
const SHORTEST_RETRY_MS = 100;

/** What a server answered to `initialize`. */
export interface Session {
  readonly id: string | undefined;
  readonly version: string | undefined;
  readonly result: Readonly<Record<string, unknown>>;
}

export function sessionOf(id: string | undefined, result: Session["result"]): Session {
  const { protocolVersion } = result;
  return { id, version: typeof protocolVersion === "string" ? protocolVersion : undefined, result };
}

export function headersOf({ id, version }: Session): Readonly<Record<string, string>> {
  return { ...(id !== undefined && { "mcp-session-id": id }), ...versionHeader(version) };
}

export function resuming(session: Session, { id }: Position, signal: AbortSignal) {
  const last = id === undefined ? {} : { "last-event-id": id };
  return { method: "GET", headers: { accept: "text/event-stream", ...headersOf(session), ...last }, signal } as const;
}

/** Before a stream is resumed. Milliseconds. */
export function retryPause({ retry }: Position, usual: number): number {
  return Math.max(retry ?? usual, SHORTEST_RETRY_MS);
}

/** The stream of what belongs to no request; a server that has none says 405. */
export async function listenTo(
  upstream: Upstream,
  session: Session,
  outside: Sink,
  signal: AbortSignal,
): Promise<void> {
  let position: Position = {};
  for (let pauseMs = USUAL_RETRY_MS; !signal.aborted; ) {
    const outcome = await upstream.send({ call: resuming(session, position, signal), sink: outside });
    if (outcome.is === "refused" || outcome.is === "sign-in") return;
    if (outcome.is === "done") position = { ...position, ...outcome.position };
    pauseMs = outcome.is === "done" ? USUAL_RETRY_MS : Math.min(pauseMs * 2, LONGEST_RETRY_MS);
    await pause(systemClock, retryPause(position, pauseMs));
  }
}
