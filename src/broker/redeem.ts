import {
  type Credential,
  DEFAULT_SETTINGS,
  type Event,
  type Grant,
  issue,
  operationTimeout,
} from "../credential/index.ts";
import type { Call, Client } from "../protocol/client.ts";
import type { TokenSet } from "../protocol/outcome.ts";
import type { Claimed, Expectation } from "../store/port.ts";
import { commit, newGeneration } from "./commit.ts";
import { type Context, moment, newId } from "./context.ts";
import { escrowAnswer } from "./escrow.ts";
import { describe } from "./identity.ts";
import { LEASE_MS, whileHeld } from "./lease.ts";
import { openContent, openEscrow, plainRow } from "./records.ts";
import { type ResolvedServer, resolveServer } from "./resolve-server.ts";
import { revokeLater } from "./revocation.ts";
import { settingsOf } from "./settings.ts";
import { judgeAnswer, requestTokens, type Told } from "./upstream.ts";

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
  | { readonly kind: "identity-refused"; readonly text: string }
  | { readonly kind: "refused"; readonly told: Told };

/** Redeems a one-time value with `send`, and stores what comes as a new generation of the credential. */
export async function redeem(
  context: Context,
  mount: string,
  server: ResolvedServer,
  redemption: Redemption,
  request: { send: (client: Client, call: Call) => Promise<Response>; secrets: readonly string[] },
): Promise<Redeemed> {
  const seconds = operationTimeout(await settingsOf(context, mount), undefined, 0);
  const claimed = await begin(context, mount, redemption);
  const { row, claim } = claimed;
  const { grant } = redemption;
  const requestedAt = context.clock.now();
  return whileHeld(context, claimed, seconds, async (call) => {
    const told = await requestTokens(context, server, call, {
      ...request,
      prefix: redemption.prefix,
      keep: (answer) => escrowAnswer(context, { row, by: { claim }, kind: "refresh", grant, requestedAt }, answer),
    });
    const redeemed = await finish(context, claimed, { server, redemption, told, requestedAt }, call);
    // Only a redemption that ended goes: after an unexpected error its escrow is tried again when the lease has run out.
    await commit(context, () => context.store.remove(claimed.row.id));
    context.journal.drop(claimed.row.id);
    return redeemed;
  });
}

/** The durable intent: if the store cannot be written, the one-time value is not sent. */
async function begin(context: Context, mount: string, redemption: Redemption): Promise<Claimed> {
  const id = newId();
  const place = { mount, kind: "flow", name: `redemption/${id}`, id } as const;
  const due = {
    server: redemption.grant.server,
    task: "redeem",
    dueAt: context.clock.now() + LEASE_MS,
  } as const;
  await context.store.write(plainRow(context, place, redemption, due), { absent: true });
  const claimed = await context.store.claim(id, { milliseconds: LEASE_MS });
  if (!claimed) throw new Error("a new row can be claimed");
  return claimed;
}

interface Ending {
  readonly server: ResolvedServer;
  readonly redemption: Redemption;
  readonly told: Told;
  readonly requestedAt: number;
}

async function finish(context: Context, { row }: Claimed, ending: Ending, call: Call): Promise<Redeemed> {
  const { outcome } = ending.told;
  const { redemption, server, requestedAt } = ending;
  if (outcome.kind !== "tokens") return { kind: "refused", told: ending.told };
  const tokens: TokenSet = {
    ...(redemption.refreshToken !== undefined && { refreshToken: redemption.refreshToken }),
    ...outcome.tokens,
  };
  const { oddities } = outcome;
  const nonce = redemption.nonce === undefined ? {} : { nonce: redemption.nonce };
  const imported = redemption.refreshToken !== undefined;
  const described = await describe(context, server, { tokens, oddities, requestedAt, imported, ...nonce }, call);
  if (described.kind !== "issue") {
    await revokeLater(context, row.mount, redemption.grant, tokens);
    return { kind: "identity-refused", text: redemption.prefix + described.text };
  }
  const event: Event = { type: "issued", issue: described.issue };
  const credential = issue(redemption.grant, event.issue, moment(context));
  const stored = await store(context, row.mount, redemption, credential);
  if (stored) return { kind: "stored" };
  await revokeLater(context, row.mount, redemption.grant, tokens);
  return { kind: "superseded" };
}

/** A new generation under the credential's name. */
async function store(
  context: Context,
  mount: string,
  redemption: Redemption,
  credential: Credential,
): Promise<boolean> {
  const expect: Expectation = !redemption.strict
    ? { anything: true }
    : redemption.target === null
      ? { absent: true }
      : { id: redemption.target };
  const place = { mount, name: redemption.name };
  const settings = await commit(context, () => settingsOf(context, mount));
  const issued = { kind: redemption.kind, outcome: "issued" } as const;
  const row = await newGeneration(context, place, credential, settings, issued);
  const written = await commit(context, () => context.store.write(row, expect));
  context.wake();
  return written;
}

/**
 * After a crash: an answer in escrow becomes the credential it was meant for, unless that was rewritten since. Without
 * one the value's fate is unknown; its writer got no answer and nothing was promised.
 */
export async function recoverRedemption(context: Context, claimed: Claimed): Promise<void> {
  const { row } = claimed;
  const redemption = { ...openContent<Redemption>(context, row), strict: true };
  const escrowed = openEscrow(context, row);
  if (!escrowed) {
    context.log.warn("redemption_unknown", { mount: row.mount, id: row.id });
    await context.store.remove(row.id);
    return;
  }
  await whileHeld(context, claimed, DEFAULT_SETTINGS.providerTimeoutSeconds, async (call) => {
    const { server: name, providerOptions } = redemption.grant;
    const server = await resolveServer(context, row.mount, name, providerOptions, call);
    const told = judgeAnswer(server, escrowed.answer, redemption.prefix, []);
    const { requestedAt } = escrowed;
    const { kind } = await finish(context, claimed, { server, redemption, told, requestedAt }, call);
    context.log.info("redemption_recovered", { mount: row.mount, id: row.id, kind });
  });
  await commit(context, () => context.store.remove(row.id));
}
