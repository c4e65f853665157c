import { operationTimeout } from "../credential/index.ts";
import type { Claimed, Row } from "../store/port.ts";
import { type Context, detach, pause } from "./context.ts";
import { settingsOf } from "./settings.ts";

/** A lease outlives the request it covers by this much: time to escrow and commit. Milliseconds. */
const LEASE_MARGIN_MS = 10_000;

/** How often a reader looks whether another instance's refresh has ended. */
const WATCH_MS = 200;

/** A lease for one operation of at most `seconds`. */
export function leaseFor(seconds: number): number {
  return seconds * 1000 + LEASE_MARGIN_MS;
}

/** Runs `work` for a row, or joins the flight that is under way for it in this process. Survives its caller. */
export function singleFlight(context: Context, id: string, work: () => Promise<void>): Promise<void> {
  const running = context.flights.get(id);
  if (running) return running;
  const flight = detach(context, work()).finally(() => context.flights.delete(id));
  context.flights.set(id, flight);
  return flight;
}

/**
 * Refreshes a row now because a reader needs it: one flight for all readers. Resolves when the attempt has been settled,
 * by us or by the instance that holds the claim; the caller reads again and judges.
 */
export function refreshNow(
  context: Context,
  row: Row,
  wanted: number,
  refresh: (claimed: Claimed) => Promise<void>,
): Promise<void> {
  return singleFlight(context, row.id, async () => {
    const settings = await settingsOf(context, row.mount);
    const milliseconds = leaseFor(operationTimeout(settings, 0, wanted));
    const claimed = await context.store.claim(row.id, { milliseconds });
    await (claimed ? refresh(claimed) : claimEnds(context, row));
    context.wake();
  });
}

/** Another instance is at it; its lease bounds the wait. */
async function claimEnds(context: Context, row: Row): Promise<void> {
  for (;;) {
    const present = await context.store.readById(row.id);
    if (!present || present.revision !== row.revision || present.claim === null) return;
    if (present.claimUntil !== null && present.claimUntil <= (await context.store.now())) return;
    await pause(context.clock, WATCH_MS);
  }
}
