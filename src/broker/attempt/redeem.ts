import {
  DEFAULT_SETTINGS,
  type Event,
  type Grant,
  type IdentityReason,
  type Issued,
  inPlaceOf,
  issue,
} from "../../credential/index.ts";
import { NO_DEFINITE_ANSWER } from "../../protocol/response/failure.ts";
import type { Claimed, Expectation, RowContent } from "../../store/port.ts";
import { BrokerError, stopping } from "../errors.ts";
import { inFlight } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { LEASE_MS, whileHeld } from "../process/lease.ts";
import { moment, newId } from "../process/random.ts";
import { endPending } from "../record/authorization-request.ts";
import { commit, escrowAnswer, newGeneration, postpone, present } from "../record/commit.ts";
import { labelOf, laneNameOf } from "../record/grant.ts";
import { expected, isUnchanged, loginIn } from "../record/login-before.ts";
import { openContent, openEscrow, plainRow } from "../record/records.ts";
import { revokeLater } from "../record/revocation.ts";
import { settingsOf } from "../record/settings.ts";
import { type ResolvedServer, resolveServer } from "../server/resolve-server.ts";
import { attempt, type Flow, type Meaning } from "./attempt.ts";
import type { TokenRequest, TokenResponse } from "./token-request.ts";

/**
 * A one-time value (authorization code, imported refresh token) on its way to becoming a credential. It is a row of its
 * own while it is under way, so that a crash between the provider's answer and the write loses nothing.
 */
export interface Redemption {
  readonly name: string;
  readonly kind: "code" | "import" | "callback";
  readonly grant: Grant;
  readonly prefix: string;
  readonly nonce?: string;
  /** What an answer that leaves it out leaves standing: an imported refresh token that is not rotated. */
  readonly refreshToken?: string;
  /** The credential that is to be replaced, or null for none: after a crash only that is. */
  readonly target: string | null;
  /** False: whoever writes last wins, as with any write. True: only the target may be replaced (callback). */
  readonly strict: boolean;
}

/** How a redemption ended. */
export type Redeemed =
  | { readonly kind: "stored" }
  /** The credential was rewritten or deleted meanwhile; the tokens are being revoked. */
  | { readonly kind: "superseded" }
  | { readonly kind: "identity-refused"; readonly reason: IdentityReason; readonly text: string }
  | { readonly kind: "refused"; readonly response: TokenResponse }
  /** The answer waits in escrow until its server can be used. */
  | { readonly kind: "postponed" };

/** What its end is to the credential that waits for it; undefined: nothing, it has become one or its place is taken. */
export function endOf(redeemed: Redeemed): Event | undefined {
  if (redeemed.kind === "identity-refused") {
    return { type: "identity-refused", reason: redeemed.reason, text: redeemed.text };
  }
  if (redeemed.kind !== "refused" || redeemed.response.outcome.kind === "tokens") return undefined;
  const { outcome, text } = redeemed.response;
  return { type: "refused", outcome, text, doubt: false };
}

/** Redeems a one-time value within `seconds`, and stores what comes as a new generation of the credential. */
export async function redeem(
  context: Context,
  server: ResolvedServer,
  redemption: Redemption,
  asked: Pick<TokenRequest, "request" | "secrets">,
  seconds: number,
): Promise<Redeemed> {
  const claimed = await begin(context, server.mount, redemption);
  const flow = { ...redeemFlow(context, claimed, redemption), ...asked, server: async () => server };
  return inFlight(
    context,
    claimed.row.id,
    whileHeld(context, claimed, seconds, async (call) => ended(context, claimed, await attempt(context, flow, call))),
  );
}

/**
 * After a crash: an answer in escrow becomes the credential it was meant for, unless that was rewritten since. Without
 * one the value's fate is unknown: its writer got no answer and nothing was promised, but a credential that waits for
 * its callback is told.
 */
export async function recoverRedemption(context: Context, claimed: Claimed): Promise<void> {
  const { row } = claimed;
  const redemption = { ...openContent<Redemption>(context, row), strict: true };
  const { mount, id } = row;
  if (row.escrow === null) {
    context.log.warn("redemption_unknown", { mount, id });
    const text = redemption.prefix + NO_DEFINITE_ANSWER;
    await tellWaiting(context, redemption, {
      type: "refused",
      outcome: { kind: "ambiguous", text },
      text,
      doubt: true,
    });
    await context.store.remove(row);
    return;
  }
  await whileHeld(context, claimed, DEFAULT_SETTINGS.providerTimeoutSeconds, async (call) => {
    const redeemed = await attempt(context, redeemFlow(context, claimed, redemption), call);
    if (redeemed.kind === "postponed") return;
    await tellWaiting(context, redemption, endOf(await ended(context, claimed, redeemed)));
    context.log.info("redemption_recovered", { mount, id, kind: redeemed.kind });
  });
}

/** Only a callback has somebody who waits for it: whoever writes a value is told by the answer to the write. */
async function tellWaiting(context: Context, { kind, target }: Redemption, end: Event | undefined): Promise<void> {
  if (kind === "callback" && target !== null && end) await endPending(context, target, end);
}

const NOT_BEGUN = "the broker was delayed before it could start, and nothing was sent: try again";

/** The durable intent: if the store cannot be written, the one-time value is not sent. */
async function begin(context: Context, mount: string, redemption: Redemption): Promise<Claimed> {
  if (context.life.stopping) throw stopping();
  const id = newId();
  const place = { mount, kind: "flow", name: `redemption/${id}`, id } as const;
  const dueAt = context.clock.now() + LEASE_MS;
  const due = { server: laneNameOf(redemption.grant), task: "redeem", dueAt } as const;
  await context.store.write(plainRow(context, place, redemption, due), { absent: true });
  const claimed = await context.store.claim(id, { milliseconds: LEASE_MS });
  // A process that slept just here was thought dead, and its row taken over: nothing has been sent.
  if (!claimed) throw new BrokerError("wait", NOT_BEGUN, { reason: "temporarily_unavailable", retryAfter: 2 });
  return claimed;
}

/** Every way out ends the redemption's row; only an unexpected error leaves it, to be tried again when its lease has ended. */
async function ended(context: Context, { row }: Claimed, redeemed: Redeemed): Promise<Redeemed> {
  const { id, revision } = row;
  // One that was stored has become the credential: that is another revision.
  if (redeemed.kind !== "stored") await commit(context, () => context.store.remove({ id, revision }));
  context.journal.drop(id);
  return redeemed;
}

/** Without a request of its own it is what remains after a crash: an answer in escrow. */
function redeemFlow(context: Context, claimed: Claimed, redemption: Redemption): Flow<Redeemed> {
  const { row, claim } = claimed;
  const { grant, prefix, nonce, refreshToken, kind } = redemption;
  let inEscrow = row.escrow !== null;
  return {
    prefix,
    label: labelOf(grant, redemption.name),
    secrets: [],
    refreshing: kind === "import",
    escrowed: openEscrow(context, row),
    server: (call) => resolveServer(context, row.mount, grant, call),
    unusable: async () => {
      await postpone(context, claimed);
      return { kind: "postponed" };
    },
    request: () => Promise.reject(new Error("what was begun before a crash is never sent again")),
    keep: async (answer, requestedAt) => {
      const escrow = { row, by: { claim }, claim, kind: "refresh", grant, requestedAt } as const;
      inEscrow = await escrowAnswer(context, escrow, answer);
    },
    login: {
      nonce,
      session: grant.session,
      openid: grant.openid,
      ...(refreshToken !== undefined && { imported: { refreshToken } }),
    },
    settle: async (meaning) => {
      if (meaning.kind === "refused") return { kind: "refused", response: meaning.response };
      if (meaning.kind !== "issued") {
        await revokeLater(context, row.mount, grant, meaning.tokens);
        const reason = meaning.kind === "identity-refused" ? meaning.reason : "id_token_invalid";
        return { kind: "identity-refused", reason, text: meaning.text };
      }
      const made = issue(grant, meaning.issue, moment(context));
      const stored = await store(context, claimed, redemption, made, inEscrow);
      return stored ? { kind: "stored" } : undefined;
    },
    late: (meaning) => superseded(context, claimed, redemption, meaning, inEscrow),
  };
}

/** The redemption's own row becomes the credential, in one write that only the holder of its claim can make. */
async function store(
  context: Context,
  { row, claim }: Claimed,
  redemption: Redemption,
  made: Issued,
  inEscrow: boolean,
): Promise<boolean> {
  const { mount } = row;
  const { name } = redemption;
  const before = await present(context, mount, name);
  const credential = inPlaceOf(await loginIn(context, before), made);
  const settings = await commit(context, () => settingsOf(context, mount));
  const issued = { kind: redemption.kind, outcome: "issued" } as const;
  const rowOf = (id: string) =>
    newGeneration(context, { mount, name, id, present: before }, credential, settings, issued);
  const own = await rowOf(row.id);
  const kept = credential === made ? undefined : before;
  const expect = expected(redemption, kept);
  let stored = await commit(context, () => context.store.settle({ row: own, by: { claim }, expect }));
  // FC-08: a refresh of the login before it has begun just then.
  if (!stored && kept && !(await commit(context, () => isUnchanged(context, kept))))
    return store(context, { row, claim }, redemption, made, inEscrow);
  if (!stored && !inEscrow && (await isGivenUp(context, row.id))) {
    // Under an id of its own: whoever gave the row up may still be removing it.
    stored = await writeOnce(context, await rowOf(newId()), expect);
  }
  context.wake();
  return stored;
}

/** Whoever took the row over while we slept found no answer, and gives it up or has: ours is the only one. */
async function isGivenUp(context: Context, id: string): Promise<boolean> {
  const present = await commit(context, () => context.store.readById(id));
  return present === undefined || (present.kind === "flow" && present.escrow === null);
}

/** A repetition must not undo what became of a row whose first writing was not answered. */
function writeOnce(context: Context, row: RowContent, expect: Expectation): Promise<boolean> {
  const { store } = context;
  return commit(context, async () => (await store.readById(row.id)) !== undefined || store.write(row, expect));
}

/** Tokens that found no place. They are revoked only where that can harm nobody else. */
async function superseded(
  context: Context,
  { row, claim }: Claimed,
  { name, kind, grant }: Redemption,
  meaning: Meaning,
  inEscrow: boolean,
): Promise<Redeemed> {
  const present = await commit(context, () => context.store.readById(row.id));
  // Taken over by somebody who thought us dead: the same answer is in their hands.
  if ((present?.kind === "creds" || inEscrow) && present?.claim !== claim)
    return { kind: present?.kind === "creds" ? "stored" : "superseded" };
  const { mount } = row;
  const rewritten =
    kind === "import" && (await commit(context, () => context.store.read({ mount, kind: "creds", name })));
  // The same refresh token may have been imported again: revoking it would end that credential too.
  if (rewritten) context.log.warn("late_answer_dropped", { mount, id: row.id });
  else if (meaning.kind !== "refused") await revokeLater(context, mount, grant, meaning.tokens);
  return { kind: "superseded" };
}
