import { createHmac } from "node:crypto";
import type { Webhook } from "../../process/webhooks.ts";
import type { Call } from "../../protocol/client.ts";
import { exchange } from "../../protocol/endpoint.ts";
import { retryAfterSeconds } from "../../protocol/response/retry-after.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import type { Claimed } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { whileHeld } from "../process/lease.ts";
import { moment } from "../process/random.ts";
import { commit } from "../record/commit.ts";
import { openContent, plainRow } from "../record/records.ts";
import { type Delivery, waitsFor } from "./backlog.ts";
import { payloadOf } from "./payload.ts";
import { spreadNews } from "./spread.ts";

/** An endpoint that takes longer has not answered. Seconds. */
const LONGEST = 15;

const HOUR = 3_600;

/** After each attempt but the last: so an endpoint may be away for three days. Seconds. */
const WAITS = [5, 300, 1_800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR] as const;

/** Those who were told of it together are not told again together: so much longer at most, as a share of the wait. */
const SPREAD = 0.1;

/** News is due, or one endpoint is due to be told of it. */
export async function tell(context: Context, claimed: Claimed): Promise<void> {
  if (claimed.row.kind === "news") await spreadNews(context, claimed);
  else await whileHeld(context, claimed, LONGEST, (call) => deliver(context, claimed, call));
}

/** One attempt; at least once, since an answer may be lost. */
async function deliver(context: Context, { row, claim }: Claimed, call: Call): Promise<void> {
  const delivery = openContent<Delivery>(context, row);
  const { endpoint, id, news, attempts } = delivery;
  const known = context.webhooks.find(({ name }) => name === endpoint);
  const failure = known ? await send(context, known, delivery, call) : { cause: "not_configured", final: true };
  const told = { endpoint, id, type: news.type, mount: news.about.mount, name: news.about.credential };
  if (!failure) {
    await commit(context, () => context.store.remove(row));
    context.metrics.webhook("delivered");
    context.log.info("webhook_delivered", { ...told, attempts: attempts + 1 });
    return;
  }
  const { cause } = failure;
  // What was cut short by a stop is no fault of the endpoint.
  if (context.life.stopping) return context.store.release(row.id, claim, { untouched: false });
  const wait = failure.final ? undefined : WAITS[attempts];
  if (wait === undefined) {
    await commit(context, () => context.store.remove(row));
    context.metrics.webhook("given_up");
    context.log.error("webhook_given_up", { ...told, attempts: attempts + 1, cause });
    return;
  }
  const { now, random } = moment(context);
  const seconds = Math.max(wait * (1 + random * SPREAD), failure.retryAfter ?? 0);
  const due = { server: waitsFor(endpoint), task: "tell", dueAt: now + seconds * 1000 } as const;
  const next = plainRow(context, row, { ...delivery, attempts: attempts + 1 } satisfies Delivery, due);
  await commit(context, () => context.store.settle({ row: next, by: { claim } }));
  context.metrics.webhook("failed");
  context.log.warn("webhook_failed", { ...told, attempts: attempts + 1, cause, retryInSeconds: Math.round(seconds) });
}

interface Failure {
  readonly cause: string;
  /** It need not be tried again. */
  readonly final?: boolean;
  readonly retryAfter?: number;
}

/** Undefined: the endpoint has it. */
async function send(
  { clock }: Context,
  { url, keys }: Webhook,
  { id, news }: Delivery,
  call: Call,
): Promise<Failure | undefined> {
  const body = payloadOf(news);
  const seconds = Math.floor(clock.now() / 1000);
  const headers = {
    "content-type": "application/json",
    "webhook-id": `msg_${id}`,
    "webhook-timestamp": String(seconds),
    "webhook-signature": signatures(keys, `msg_${id}.${seconds}.${body}`),
  };
  const init = { method: "POST", headers, body, redirect: "manual", signal: call.signal } as const;
  const answer = await exchange(call.fetch(url, init));
  if (answer instanceof TransportError) return { cause: answer.code };
  if (answer.status >= 200 && answer.status < 300) return undefined;
  const retryAfter = retryAfterSeconds(answer);
  return {
    cause: `status_${answer.status}`,
    // Standard Webhooks: the endpoint wants no more of them.
    final: answer.status === 410,
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/** Standard Webhooks, "Signature scheme": HMAC-SHA256 of id, time and body by each key. */
function signatures(keys: readonly Uint8Array[], signed: string): string {
  return keys.map((key) => `v1,${createHmac("sha256", key).update(signed).digest("base64")}`).join(" ");
}
