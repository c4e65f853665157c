import type { Webhook } from "../../process/webhooks.ts";
import type { Context } from "../process/context.ts";
import type { News } from "../record/news.ts";
import { namesOf } from "../record/rows.ts";

/** News on its way to one endpoint. */
export interface Delivery {
  readonly endpoint: string;
  /** Of the news: the same for every endpoint and attempt. */
  readonly id: string;
  readonly news: News;
  readonly attempts: number;
}

/** The lane of an endpoint: one that hangs holds up no other, and no provider. */
export function waitsFor(endpoint: string): string {
  return `webhook\n${endpoint}`;
}

/** What waits for an endpoint at most; what happens beyond that is not told. */
const MOST_WAITING = 10_000;

/** A count is good for so long. Milliseconds. */
const COUNTED_MS = 60_000;

/** Whether another one may wait for an endpoint; where not, the log says so. */
export async function hasRoom(context: Context, { name }: Webhook): Promise<boolean> {
  const { clock, caches, log, metrics } = context;
  const known = caches.backlogs.get(name);
  const now = clock.monotonic();
  const isCurrent = known !== undefined && now - known.countedAt < COUNTED_MS;
  const backlog = isCurrent ? known : { count: await countFor(context, name), countedAt: now };
  caches.backlogs.set(name, backlog);
  backlog.count += 1;
  if (backlog.count <= MOST_WAITING) return true;
  metrics.webhook("dropped");
  log.error("webhook_dropped", { endpoint: name });
  return false;
}

async function countFor(context: Pick<Context, "store">, endpoint: string): Promise<number> {
  let count = 0;
  const page = { prefix: `${endpoint}/`, limit: MOST_WAITING };
  for await (const names of namesOf(context, "", "delivery", page)) count += names.length;
  return count;
}

/** How much waits for all endpoints. */
export async function countUndelivered(context: Pick<Context, "store" | "webhooks">): Promise<number> {
  const counts = await Promise.all(context.webhooks.map(({ name }) => countFor(context, name)));
  return counts.reduce((sum, count) => sum + count, 0);
}
