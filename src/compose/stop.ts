import type { KeptDevices } from "../broker/audit/audit-devices.ts";
import type { Resealer } from "../broker/keys/resealer.ts";
import type { Context } from "../broker/process/context.ts";
import { pause, systemClock } from "../process/clock.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { WaysIn } from "./ways-in.ts";

/** Whoever asks a second time waits for the first. */
export function once(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= stop();
    return stopped;
  };
}

/** Upstream calls may take this long to end by themselves; then they are cut, and their doubt is stored. Milliseconds. */
const CALLS_GRACE_MS = 8_000;

/** Connections without a request under way, and ones whose caller has left, are not waited for. Milliseconds. */
const CONNECTIONS_GRACE_MS = 250;

interface Ends {
  readonly resealer: Resealer;
  readonly devices: Pick<KeptDevices, "close">;
  /** Of the file of the root token. */
  readonly endWatch: () => void;
}

/** In this order: no new work, finish and settle what is under way, answer, close the store. */
export async function stop(
  context: Context,
  ways: Pick<WaysIn, "closeDoors" | "endConnections">,
  scheduler: Scheduler,
  { resealer, devices, endWatch }: Ends,
): Promise<void> {
  context.log.info("stopping");
  context.life.stopping = true;
  endWatch();
  const cancel = systemClock.after(CALLS_GRACE_MS, () => {
    for (const call of context.calls) call.abort();
  });
  const closed = ways.closeDoors();
  const resealed = resealer.stop();
  await scheduler.stop();
  cancel();
  await Promise.race([closed, pause(systemClock, CONNECTIONS_GRACE_MS)]);
  ways.endConnections();
  await closed;
  // A request that was answered last may have left something to be settled.
  while (context.background.size > 0) await Promise.all(context.background);
  await resealed;
  context.caches.readyTokens.drop();
  context.caches.readySessions.drop();
  context.caches.readyLogins.drop();
  context.caches.readyContents.drop();
  await devices.close();
  await context.store.close();
  context.log.info("stopped");
}
