import { DEFAULT_SETTINGS, type Event } from "../../credential/index.ts";
import { NO_DEFINITE_ANSWER } from "../../protocol/failure.ts";
import type { Claimed } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { whileHeld } from "../process/lease.ts";
import { postpone } from "../record/commit.ts";
import { endPending } from "../record/end-pending.ts";
import { openContent, openEscrow } from "../record/records.ts";
import { resolveServer, ServerProblem } from "../server/resolve-server.ts";
import { endOf, finish, type Redemption } from "./redeem.ts";
import { judgeAnswer } from "./upstream.ts";

/**
 * After a crash: an answer in escrow becomes the credential it was meant for, unless that was rewritten since. Without
 * one the value's fate is unknown: its writer got no answer and nothing was promised, but a credential that waits for
 * its callback is told.
 */
export async function recoverRedemption(context: Context, claimed: Claimed): Promise<void> {
  const { row } = claimed;
  const redemption = { ...openContent<Redemption>(context, row), strict: true };
  const escrowed = openEscrow(context, row);
  if (!escrowed) {
    context.log.warn("redemption_unknown", { mount: row.mount, id: row.id });
    const text = redemption.prefix + NO_DEFINITE_ANSWER;
    await tellWaiting(context, redemption, {
      type: "refused",
      outcome: { kind: "ambiguous", text },
      text,
      doubt: true,
    });
    await context.store.remove(row.id, row.revision);
    return;
  }
  await whileHeld(context, claimed, DEFAULT_SETTINGS.providerTimeoutSeconds, async (call) => {
    const server = await resolveServer(context, row.mount, redemption.grant, call).catch(problemOf);
    if (server instanceof ServerProblem) return postpone(context, claimed);
    const told = judgeAnswer(server, escrowed.answer, redemption.prefix, []);
    const { requestedAt } = escrowed;
    const redeemed = await finish(context, claimed, { server, redemption, told, requestedAt, inEscrow: true }, call);
    await tellWaiting(context, redemption, endOf(redeemed));
    context.log.info("redemption_recovered", { mount: row.mount, id: row.id, kind: redeemed.kind });
  });
}

/** Only a callback has somebody who waits for it: whoever writes a value is told by the answer to the write. */
async function tellWaiting(context: Context, { kind, target }: Redemption, end: Event | undefined): Promise<void> {
  if (kind === "callback" && target !== null && end) await endPending(context, target, end);
}

function problemOf(error: unknown): ServerProblem {
  if (error instanceof ServerProblem) return error;
  throw error;
}
