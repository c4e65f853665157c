import type { Call } from "../../protocol/client.ts";
import { whoAmI } from "../../protocol/who-am-i.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { revocationLane } from "../record/destination.ts";
import { plainRow } from "../record/records.ts";
import type { Revocation, RevocationOutcome } from "../record/revocation.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import { accountUrl } from "./account.ts";

/** MX-L3: how long an API may go on with what it remembers of a token, and how often it is asked. Milliseconds. */
const PROOF_LIFE_MS = 180_000;
const AGAIN_MS = 15_000;

/**
 * Asks the API whether it still takes the access token of a grant that was just revoked. The authorization server's 200 is
 * no proof: with a wrong hint some answer it and revoke nothing. Where there is no such API its word is all there is.
 */
export async function proveEnd(
  { provider: { home }, binding }: ResolvedServer,
  { tokens, proof }: Revocation,
  call: Call,
): Promise<RevocationOutcome> {
  const accessToken = proof?.accessToken ?? tokens.at(-1)?.accessToken ?? "";
  if (!home || !binding || accessToken === "") return { kind: "done" };
  const who = await whoAmI(accountUrl(binding, home), accessToken, home.account, call);
  if (who.kind === "refused") return { kind: "done" };
  const text =
    who.kind === "account"
      ? "the account's server still takes its access token"
      : "the account's server could not be asked whether its access token has ended";
  return { kind: "unproved", text, accessToken };
}

/** What is left of a revocation: to look again, until its time is over. */
export async function keepProving(
  context: Context,
  row: Row,
  content: Revocation,
  outcome: Extract<RevocationOutcome, { kind: "unproved" }>,
): Promise<RevocationOutcome> {
  const now = context.clock.now();
  const proof = content.proof ?? { accessToken: outcome.accessToken, until: now + PROOF_LIFE_MS };
  const { id, mount, revision } = row;
  if (now >= proof.until) {
    await context.store.remove(id, revision);
    context.log.warn("revocation_unproved", { mount, id, server: content.server, cause: outcome.text });
    return outcome;
  }
  const due = { server: revocationLane(content), task: "revoke", dueAt: now + AGAIN_MS } as const;
  const next: Revocation = { ...content, tokens: [], proof };
  const kept = await context.store.write(plainRow(context, row, next, due), { id, revision });
  // A late refresh added its successor meanwhile: that is revoked first.
  return kept ? outcome : { kind: "again", text: "a late answer is revoked too" };
}
