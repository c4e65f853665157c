import { type Credential, type Event, type Grant, type IdentityReason, issue } from "../../credential/index.ts";
import type { Call, Client } from "../../protocol/client.ts";
import type { TokenSet } from "../../protocol/outcome.ts";
import type { Claimed, Expectation, RowContent } from "../../store/port.ts";
import { BrokerError, stopping } from "../errors.ts";
import { type Context, inFlight, moment, newId } from "../process/context.ts";
import { LEASE_MS, whileHeld } from "../process/lease.ts";
import { commit, newGeneration } from "../record/commit.ts";
import { laneNameOf } from "../record/destination.ts";
import { escrowAnswer } from "../record/escrow.ts";
import { plainRow } from "../record/records.ts";
import { revokeLater } from "../record/revocation.ts";
import { settingsOf } from "../record/settings.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import { ofSession } from "./arrival.ts";
import { describe } from "./identity.ts";
import { requestTokens, type Told } from "./upstream.ts";

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
  | { readonly kind: "refused"; readonly told: Told };

/** What its end is to the credential that waits for it; undefined: nothing, it has become one or its place is taken. */
export function endOf(redeemed: Redeemed): Event | undefined {
  if (redeemed.kind === "identity-refused") {
    return { type: "identity-refused", reason: redeemed.reason, text: redeemed.text };
  }
  if (redeemed.kind !== "refused" || redeemed.told.outcome.kind === "tokens") return undefined;
  const { outcome, text } = redeemed.told;
  return { type: "refused", outcome, text, doubt: false };
}

/** Redeems a one-time value with `send`, and stores what comes as a new generation of the credential. */
export async function redeem(
  context: Context,
  mount: string,
  server: ResolvedServer,
  redemption: Redemption,
  request: {
    send: (client: Client, call: Call) => Promise<Response>;
    secrets: readonly string[];
    /** What is left of the operation's time. */
    seconds: number;
  },
): Promise<Redeemed> {
  const claimed = await begin(context, mount, redemption);
  const { row, claim } = claimed;
  const { grant } = redemption;
  const requestedAt = context.clock.now();
  const work = whileHeld(context, claimed, request.seconds, async (call) => {
    let inEscrow = false;
    const told = await requestTokens(context, server, call, {
      ...request,
      prefix: redemption.prefix,
      keep: async (answer) => {
        const escrow = { row, by: { claim }, claim, kind: "refresh", grant, requestedAt } as const;
        inEscrow = await escrowAnswer(context, escrow, answer);
      },
    });
    return finish(context, claimed, { server, redemption, told, requestedAt, inEscrow }, call);
  });
  return inFlight(context, row.id, work);
}

const NOT_BEGUN = "the broker was held up before it could begin, and nothing was sent: try again";

/** The durable intent: if the store cannot be written, the one-time value is not sent. */
async function begin(context: Context, mount: string, redemption: Redemption): Promise<Claimed> {
  if (context.life.stopping) throw stopping();
  const id = newId();
  const place = { mount, kind: "flow", name: `redemption/${id}`, id } as const;
  const due = {
    server: laneNameOf(redemption.grant),
    task: "redeem",
    dueAt: context.clock.now() + LEASE_MS,
  } as const;
  await context.store.write(plainRow(context, place, redemption, due), { absent: true });
  const claimed = await context.store.claim(id, { milliseconds: LEASE_MS });
  // A process that slept just here was thought dead, and its row taken over: nothing has been sent.
  if (!claimed) throw new BrokerError("wait", NOT_BEGUN, { reason: "temporarily_unavailable", retryAfter: 2 });
  return claimed;
}

interface Ending {
  readonly server: ResolvedServer;
  readonly redemption: Redemption;
  readonly told: Told;
  readonly requestedAt: number;
  /** Whoever takes the row over finds the answer beside it. */
  readonly inEscrow: boolean;
}

/** Every way out ends the redemption's row; only an unexpected error leaves it, to be tried again when its lease has ended. */
export async function finish(context: Context, claimed: Claimed, ending: Ending, call: Call): Promise<Redeemed> {
  const redeemed = await judge(context, claimed, ending, call);
  const { id, revision } = claimed.row;
  // One that was stored has become the credential: that is another revision.
  if (redeemed.kind !== "stored") await commit(context, () => context.store.remove(id, revision));
  context.journal.drop(id);
  return redeemed;
}

async function judge(context: Context, claimed: Claimed, ending: Ending, call: Call): Promise<Redeemed> {
  const { outcome, secret } = ending.told;
  const { redemption, server, requestedAt } = ending;
  if (outcome.kind !== "tokens") return { kind: "refused", told: ending.told };
  const tokens: TokenSet = {
    ...(redemption.refreshToken !== undefined && { refreshToken: redemption.refreshToken }),
    ...outcome.tokens,
  };
  const { oddities } = outcome;
  const nonce = redemption.nonce === undefined ? {} : { nonce: redemption.nonce };
  const imported = redemption.refreshToken !== undefined;
  const arrival = { tokens, oddities, requestedAt, imported, ...nonce, ...ofSession(redemption.grant) };
  const described = await describe(context, server, arrival, call);
  if (described.kind !== "issue") {
    await revokeLater(context, claimed.row.mount, redemption.grant, tokens);
    const reason = described.kind === "identity-refused" ? described.reason : "id_token_invalid";
    return { kind: "identity-refused", reason, text: redemption.prefix + described.text };
  }
  const issued = { ...described.issue, ...(secret !== undefined && { secret }) };
  const stored = await store(context, claimed, ending, issue(redemption.grant, issued, moment(context)));
  return stored ? { kind: "stored" } : superseded(context, claimed, ending, tokens);
}

/** The redemption's own row becomes the credential, in one write that only the holder of its claim can make. */
async function store(
  context: Context,
  { row, claim }: Claimed,
  { redemption, inEscrow }: Ending,
  credential: Credential,
): Promise<boolean> {
  const settings = await commit(context, () => settingsOf(context, row.mount));
  const issued = { kind: redemption.kind, outcome: "issued" } as const;
  const rowOf = (id: string) =>
    newGeneration(context, { mount: row.mount, name: redemption.name, id }, credential, settings, issued);
  const own = await rowOf(row.id);
  const expect = expected(redemption);
  let stored = await commit(context, () => context.store.settle(own, { claim }, expect));
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

/** As with any write whoever writes last wins, unless only the target may be replaced. */
function expected({ strict, target }: Redemption): Expectation {
  if (!strict) return { anything: true };
  return target === null ? { absent: true } : { id: target };
}

/** Tokens that found no place. They are revoked only where that can harm nobody else. */
async function superseded(
  context: Context,
  { row, claim }: Claimed,
  { redemption: { name, kind, grant }, inEscrow }: Ending,
  tokens: TokenSet,
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
  else await revokeLater(context, mount, grant, tokens);
  return { kind: "superseded" };
}
