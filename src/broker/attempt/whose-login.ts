import type { Binding, GrantSession, IdentityReason, Issue, Issued } from "../../credential/index.ts";
import { pause } from "../../process/clock.ts";
import type { Call } from "../../protocol/client.ts";
import { accountCall } from "../../protocol/identity/account-call.ts";
import { accountLinks } from "../../protocol/identity/account-links.ts";
import { accountMismatch, type WhoAmI, whoAmI } from "../../protocol/identity/who-am-i.ts";
import type { TokenSet } from "../../protocol/response/outcome.ts";
import type { ApiAccountCall, ExpandedApiServer } from "../../providers/index.ts";
import type { Context } from "../process/context.ts";
import { withinLess } from "../process/door.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";

/** Whose login tokens must be that an attempt brings. */
export interface ExpectedLogin {
  /** Set on a refresh: the id_token is optional then, and must name the same subject. */
  readonly previous?: Issued;
  /** A refresh token that somebody brought, and keeps if it is not rotated. Its first answer is a refresh all the same. */
  readonly imported?: { readonly refreshToken?: string };
  readonly nonce?: string | undefined;
  /** False: `openid` was not asked for. */
  readonly openid?: false | undefined;
  /** Of a program's login. */
  readonly session?: GrantSession | undefined;
}

/** Tokens that just came. */
export interface Arrival extends ExpectedLogin {
  readonly tokens: TokenSet;
  readonly oddities: readonly string[];
  /** Epoch milliseconds, before the request. */
  readonly requestedAt: number;
}

/** Tokens of somebody who was not asked for. */
export type Foreign =
  | { readonly kind: "identity-refused"; readonly reason: IdentityReason; readonly text: string }
  | { readonly kind: "subject-changed"; readonly text: string };

/** What tokens turned out to be (oauthapp.md section 9, OIDC). */
export type Identified =
  | Foreign
  | {
      readonly kind: "issue";
      readonly issue: Issue;
      /** What the account answers to, where that is more than its subject. */
      readonly names?: readonly string[];
    };

/** OpenID Connect Core 12.2: only the answer to a code or device code must carry an id_token. */
export function isRefresh({ previous, imported }: ExpectedLogin): boolean {
  return previous !== undefined || imported !== undefined;
}

export function foreign(reason: IdentityReason, text: string): Foreign {
  return { kind: "identity-refused", reason, text };
}

/**
 * XD-08: a login that was asked for in one account's name is of use in that name only. Whose it is must be known then:
 * what cannot be told is refused too. A refresh has its own rule: the subject stays.
 */
export function asExpected(identified: Identified, { session, previous }: ExpectedLogin): Identified {
  const expected = session?.expectedAccount;
  if (expected === undefined || previous || identified.kind !== "issue") return identified;
  const { identity } = identified.issue;
  if (identity && [identity.subject, ...(identified.names ?? [])].includes(expected)) return identified;
  const text = identity
    ? `the login belongs to ${identity.name ?? identity.subject}, not to ${expected}`
    : `the login was requested for ${expected}, but the provider does not say whose login it is`;
  return foreign("account_mismatch", text);
}

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
): Promise<Identified> {
  const { tokens, requestedAt, notices, previous, session } = arrival;
  const issue = { tokens, requestedAt, notices };
  if (!provider.account || !session || previous || tokens.accessToken === "") return { kind: "issue", issue };
  const { account } = provider;
  const who = await withinLess(context, PATIENCE, call, (brief) => accountCall(account, tokens.accessToken, brief));
  if (who.kind === "failed") {
    return {
      kind: "issue",
      issue: { ...issue, notices: [...notices, `the provider did not say who signed in: ${who.text}`] },
    };
  }
  const { subject, name } = who;
  const identity = { issuer: new URL(metadata.issuer).origin, subject, ...(name !== undefined && { name }) };
  const names = account.isNameShared || name === undefined ? [] : [name];
  return { kind: "issue", issue: { ...issue, identity }, names };
}

/** MX-W1: an API may learn of a new token a moment later. */
const AGAIN_MS = 2_000;

/** MX-S4: a grant that is bound is of no use without the scopes of its binding. */
export function withoutNeededScopes({ binding }: ResolvedServer, arrival: Arrival): Foreign | undefined {
  const needed = binding?.scopes ?? [];
  const granted = arrival.tokens.scopes ?? (isRefresh(arrival) ? undefined : needed);
  const lacking = needed.filter((scope) => granted !== undefined && !granted.includes(scope));
  if (lacking.length === 0 || arrival.previous) return undefined;
  return foreign("insufficient_scope", `the server did not grant ${lacking.join(", ")}`);
}

/** The API that says whom a token stands for, where a grant is bound to one that does. */
export interface AccountApi {
  readonly url: string;
  readonly account: ApiAccountCall;
  readonly apiServer: ExpandedApiServer;
  readonly binding: Binding;
}

export function accountApiOf({ provider: { apiServer }, binding }: ResolvedServer): AccountApi | undefined {
  const account = apiServer?.account;
  return account && binding && { url: binding.baseUrl + account.path, account, apiServer, binding };
}

/**
 * What a login at an API server turned out to be (matrix.md section 10): the API's own word on account and device. The tokens
 * are in escrow by now, so the new access token may be used. Asked once per grant; where the API could not be asked, again
 * with the next tokens.
 */
export async function identifyByApi(
  context: Context,
  api: AccountApi,
  arrival: Arrival & { readonly notices: readonly string[] },
  call: Call,
): Promise<Identified> {
  const { tokens, requestedAt, notices, previous } = arrival;
  const { apiServer, binding } = api;
  const issue = { tokens, requestedAt, notices };
  if (previous?.identity || tokens.accessToken === "") return { kind: "issue", issue };
  const who = await askApiServer(context, api, tokens.accessToken, call);
  if (who.kind === "refused" && !previous) {
    return foreign("rejected", `the account's server does not accept the new token (${who.code})`);
  }
  if (who.kind !== "account") {
    const reason = who.kind === "refused" ? who.code : who.text;
    const told = `the account and the device have not been verified yet: ${reason}`;
    return { kind: "issue", issue: { ...issue, extraData: extraData(api), notices: [...notices, told] } };
  }
  const { deviceId } = binding;
  const problem = accountMismatch(who, { accountId: apiServer.accountId, deviceId });
  if (problem !== undefined && previous) return { kind: "subject-changed", text: problem };
  if (problem !== undefined) return foreign("account_mismatch", problem);
  const identity = { issuer: binding.baseUrl, subject: who.account };
  return { kind: "issue", issue: { ...issue, identity, extraData: extraData(api, who) } };
}

async function askApiServer(
  context: Context,
  { url, account }: AccountApi,
  token: string,
  call: Call,
): Promise<WhoAmI> {
  const first = await whoAmI(url, token, account, call);
  if (first.kind !== "refused") return first;
  await pause(context.clock, AGAIN_MS);
  return whoAmI(url, token, account, call);
}

function extraData({ apiServer, account, binding }: AccountApi, who?: Extract<WhoAmI, { kind: "account" }>) {
  const deviceId = who?.device ?? binding.deviceId;
  return {
    [apiServer.option]: binding.baseUrl,
    ...(who && { [account.account]: who.account }),
    ...(deviceId !== undefined && { [account.device]: deviceId }),
    ...accountLinks(binding.metadata, apiServer.device?.actions ?? [], deviceId),
  };
}
