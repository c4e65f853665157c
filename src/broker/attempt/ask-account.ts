import { accountCall } from "../../protocol/account-call.ts";
import type { Call } from "../../protocol/client.ts";
import { type Context, callWithin } from "../process/context.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import type { Arrival, Described } from "./arrival.ts";

/** An API that hangs must not hold up a login for long. Seconds. */
const PATIENCE = 5;

/**
 * Where there is no id_token a session's account is asked of the provider's API, once, with the first token. Whoever wrote a
 * credential by hand knows whose it is.
 */
export async function askAccount(
  context: Context,
  { provider, metadata }: ResolvedServer,
  arrival: Arrival & { readonly notices: readonly string[] },
  call: Call,
): Promise<Described> {
  const { tokens, requestedAt, notices, previous, session } = arrival;
  const issue = { tokens, requestedAt, notices };
  if (!provider.account || !session || previous || tokens.accessToken === "") return { kind: "issue", issue };
  const { call: brief, done } = callWithin(context, PATIENCE);
  const signal = AbortSignal.any([call.signal, brief.signal]);
  const who = await accountCall(provider.account, tokens.accessToken, { ...call, signal }).finally(done);
  if (who.kind === "failed") {
    return { kind: "issue", issue: { ...issue, notices: [...notices, `it is not known who signed in: ${who.text}`] } };
  }
  const { subject, name } = who;
  const identity = { issuer: new URL(metadata.issuer).origin, subject, ...(name !== undefined && { name }) };
  const names = provider.account.isNameShared || name === undefined ? [] : [name];
  return { kind: "issue", issue: { ...issue, identity }, names };
}
