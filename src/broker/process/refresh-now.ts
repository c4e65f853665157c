import { pause } from "../../process/clock.ts";
import type { Claimed, Row } from "../../store/port.ts";
import { BrokerError, stopping } from "../errors.ts";
import { inFlight } from "./background.ts";
import type { Context } from "./context.ts";
import { requireOwner } from "./copy.ts";
import { LEASE_MS } from "./lease.ts";

/** How often a reader looks whether another instance's refresh has ended. */
const WATCH_MS = 200;

/** Runs `work` for a row, or joins the flight that is under way for it in this process. Survives its caller. */
function singleFlight(context: Context, id: string, work: () => Promise<void>): Promise<void> {
  const running = context.flights.get(id);
  if (running !== undefined) return running;
  if (context.life.stopping) throw stopping();
  requireOwner(context);
  return inFlight(context, id, work());
}

/**
 * Refreshes a row now because a reader needs it: one flight for all readers. Resolves when the attempt has been settled,
 * by us or by the instance that holds the claim; the caller reads again and judges. `mayBegin` is asked when there is a place.
 */
export function refreshNow(
  context: Context,
  row: Row,
  refresh: (claimed: Claimed) => Promise<void>,
  mayBegin = () => true,
): Promise<void> {
  return singleFlight(context, row.id, async () => {
    const giveBack = await (context.refreshPlaces.wait() ?? crowded());
    try {
      // Those who waited for a place meanwhile have sent nothing yet.
      if (context.life.stopping) throw stopping();
      if (!mayBegin()) return;
      const claimed = await context.store.claim(row.id, { milliseconds: LEASE_MS });
      if (!claimed) await claimEnds(context, row);
      else if (claimed.row.kind === row.kind) await refresh(claimed);
      // Deleted since the reader looked: what is left is a revocation.
      else await context.store.release(row.id, claimed.claim, { untouched: true });
    } finally {
      giveBack();
    }
    context.wake();
  });
}

function crowded(): never {
  const detail = { reason: "refresh_in_progress", retryAfter: 10 } as const;
  throw new BrokerError("wait", "too many tokens are being refreshed: try again later", detail);
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
