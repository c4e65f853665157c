import { type Event, type IdToken, type Issued, judgeIdToken } from "../../credential/index.ts";
import type { Call } from "../../protocol/client.ts";
import type { Claimed } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { whileHeld } from "../process/lease.ts";
import { settleEvent } from "../record/commit.ts";
import { openCredential } from "../record/records.ts";
import { callTo, resolveServer, ServerProblem } from "../server/resolve-server.ts";
import { UNVERIFIED, withIdToken } from "./identity.ts";

/** Long enough for a key set; a reader waits. Seconds. */
const PATIENCE = 5;

/**
 * An id_token that came while its key could not be looked up is verified when somebody wants it: another refresh would burn a
 * rotation and bring no other. False: there is none that would do for `seconds`, and the claim is still to be used.
 */
export async function verifyLater(context: Context, claimed: Claimed, seconds: number): Promise<boolean> {
  const { row, claim } = claimed;
  const state = openCredential(context, row);
  const judgement = judgeIdToken(state, seconds, context.clock.now());
  if (row.escrow !== null || judgement.kind !== "short" || !judgement.unverified || !judgement.idToken) return false;
  const { credential, idToken: waiting } = judgement;
  const event = await whileHeld(context, claimed, PATIENCE, (call) =>
    judged(context, row.mount, { state: credential, waiting }, call),
  );
  if (!event) await context.store.release(row.id, claim, { untouched: true });
  else await settleEvent(context, row, state, { kind: "id_token", event }, { claim });
  return true;
}

/** Undefined: the key cannot be looked up now either. */
async function judged(
  context: Context,
  mount: string,
  { state, waiting }: { state: Issued; waiting: IdToken },
  call: Call,
): Promise<Event | undefined> {
  const server = await resolveServer(context, mount, state.grant, call);
  if (server instanceof ServerProblem) return undefined;
  const { accessToken, tokenType, grant } = state;
  const { text: idToken, requestedAt } = waiting;
  const tokens = { accessToken, tokenType };
  const notices = state.notices.filter((notice) => !notice.startsWith(UNVERIFIED));
  const arrival = { tokens, idToken, requestedAt, previous: state, session: grant.session, oddities: [], notices };
  const identified = await withIdToken(context, server, arrival, callTo(server, call));
  if (identified.kind !== "issue") {
    return { type: "id-token-judged", notices: [...notices, UNVERIFIED + identified.text] };
  }
  const { issue } = identified;
  return issue.unverifiedIdToken ? undefined : { type: "id-token-judged", notices, ...issue };
}
