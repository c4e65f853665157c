import {
  type Management,
  managementOf,
  processUnregistrationResponse,
  type UnregistrationOutcome,
  unregistrationRequest,
} from "../../protocol/client/registration.ts";
import type { Call } from "../../protocol/client.ts";
import { exchange } from "../../protocol/endpoint.ts";
import { transportOutcome } from "../../protocol/response/token-response.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import type { Claimed } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { toStranger } from "../process/door.ts";
import { commit } from "../record/commit.ts";
import type { OwnClient } from "../record/own-client.ts";
import { openContent, plainRow } from "../record/records.ts";
import { type FormerClient, usersOf } from "../server/former-clients.ts";

/** While somebody uses it, it is looked at again so often; what its server cannot do now is tried again. Milliseconds. */
const AGAIN_MS = 3_600_000;

/** So often a server is asked in vain before its client is left behind there. */
const MOST_ATTEMPTS = 100;

/**
 * A client that its server's record names no more, or that was registered for a login that has ended: unregistered, and
 * forgotten, when nobody uses it any more.
 */
export async function unregisterClient(context: Context, { row, claim }: Claimed, call: Call): Promise<void> {
  const client = openContent<FormerClient | OwnClient>(context, row);
  const { server, attempts } = client;
  const again = (next: FormerClient | OwnClient, wait: number) => {
    const due = { server: row.server ?? server, task: "revoke", dueAt: context.clock.now() + wait } as const;
    return commit(context, () => context.store.settle({ row: plainRow(context, row, next, due), by: { claim } }));
  };
  const users = "record" in client ? await usersOf(context, row.mount, client) : "nobody";
  if (users === "grants") return void (await again(client, AGAIN_MS));
  const named = "record" in client ? managementOf(client.record.registration) : client.management;
  const management = users === "nobody" ? named : undefined;
  const isStrangers = "stranger" in client && client.stranger === true;
  const outcome = management ? await unregister(management, isStrangers ? toStranger(call) : call) : undefined;
  if (outcome?.kind === "again" && attempts + 1 < MOST_ATTEMPTS) {
    const wait = Math.max(AGAIN_MS, (outcome.retryAfter ?? 0) * 1000);
    return void (await again({ ...client, attempts: attempts + 1 }, wait));
  }
  await context.store.remove(row);
  if (outcome?.kind === "gone") context.log.info("client_unregistered", { mount: row.mount, server });
  else if (outcome) {
    const cause = outcome.kind === "again" ? outcome.text : "its server does not let clients be unregistered";
    context.log.warn("unregistration_given_up", { mount: row.mount, server, cause });
  }
}

async function unregister(management: Management, call: Call): Promise<UnregistrationOutcome> {
  const answer = await exchange(unregistrationRequest(management, call));
  if (!(answer instanceof TransportError)) return processUnregistrationResponse(answer);
  const outcome = transportOutcome(answer);
  return { kind: "again", text: "text" in outcome ? outcome.text : answer.code };
}
