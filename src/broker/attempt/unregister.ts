import {
  type Management,
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
import { commit } from "../record/commit.ts";
import { openContent, plainRow } from "../record/records.ts";
import { dueToGo, type FormerClient, usersOf } from "../server/former-clients.ts";
import type { Registration } from "../server/server-record.ts";

/** While somebody uses it, it is looked at again so often; what its server cannot do now is tried again. Milliseconds. */
const AGAIN_MS = 3_600_000;

/** So often a server is asked in vain before its client is left behind there. */
const MOST_ATTEMPTS = 100;

/** A client that its server's record names no more: unregistered, and forgotten, when nobody uses it any more. */
export async function unregisterClient(context: Context, { row, claim }: Claimed, call: Call): Promise<void> {
  const former = openContent<FormerClient>(context, row);
  const { server, record, attempts } = former;
  const again = (next: FormerClient, wait: number) => {
    const due = dueToGo(server, context.clock.now() + wait);
    return commit(context, () => context.store.settle({ row: plainRow(context, row, next, due), by: { claim } }));
  };
  const users = await usersOf(context, row.mount, former);
  if (users === "grants") return void (await again(former, AGAIN_MS));
  const management = users === "nobody" ? managementOf(record.registration) : undefined;
  const outcome = management ? await unregister(management, call) : undefined;
  if (outcome?.kind === "again" && attempts + 1 < MOST_ATTEMPTS) {
    const wait = Math.max(AGAIN_MS, (outcome.retryAfter ?? 0) * 1000);
    return void (await again({ ...former, attempts: attempts + 1 }, wait));
  }
  await context.store.remove(row);
  if (outcome) context.log.info("client_unregistered", { mount: row.mount, server, outcome: outcome.kind });
}

/** Only what the registration's own answer named (REG-07). */
function managementOf(registration: Registration | undefined): Management | undefined {
  const { registrationClientUri, registrationAccessToken } = registration ?? {};
  if (registrationClientUri === undefined || registrationAccessToken === undefined) return undefined;
  return { registrationClientUri, registrationAccessToken };
}

async function unregister(management: Management, call: Call): Promise<UnregistrationOutcome> {
  const answer = await exchange(unregistrationRequest(management, call));
  if (!(answer instanceof TransportError)) return processUnregistrationResponse(answer);
  const outcome = transportOutcome(answer);
  return { kind: "again", text: "text" in outcome ? outcome.text : answer.code };
}
