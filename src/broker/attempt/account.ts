import type { Binding, IdentityReason } from "../../credential/index.ts";
import { accountLinks } from "../../protocol/account-links.ts";
import type { Call } from "../../protocol/client.ts";
import { type WhoAmI, whoAmI } from "../../protocol/who-am-i.ts";
import type { ExpandedHome } from "../../providers/index.ts";
import { type Context, pause } from "../process/context.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";
import { type Arrival, type Described, isRefresh } from "./arrival.ts";

/** MX-W1: an API may learn of a new token a moment later. */
const AGAIN_MS = 2_000;

interface BoundArrival extends Arrival {
  readonly binding: Binding;
  readonly notices: readonly string[];
}

/**
 * What a login at a home turned out to be (matrix.md MX-S4, section 10): the scopes it cannot do without, then the API's
 * own word on account and device. The tokens are in escrow by now, so the new access token may be used. Asked once per
 * grant; where the API could not be asked, again with the next tokens.
 */
export async function describeAccount(
  context: Context,
  server: ResolvedServer,
  arrival: BoundArrival,
  call: Call,
): Promise<Described> {
  const { tokens, requestedAt, notices, binding, previous } = arrival;
  const { home } = server.provider;
  const granted = tokens.scopes ?? (isRefresh(arrival) ? undefined : binding.scopes);
  const lacking = binding.scopes.filter((scope) => granted !== undefined && !granted.includes(scope));
  if (lacking.length > 0 && !previous) {
    return refused("insufficient_scope", `the server did not grant ${lacking.join(", ")}`);
  }
  const issue = { tokens, requestedAt, notices };
  if (!home || previous?.identity || tokens.accessToken === "") return { kind: "issue", issue };
  const who = await ask(context, binding, home, tokens.accessToken, call);
  if (who.kind === "refused" && !previous) {
    return refused("rejected", `the account's server does not accept the new token (${who.code})`);
  }
  if (who.kind !== "account") {
    const reason = who.kind === "refused" ? who.code : who.text;
    const told = `account and device are not verified yet: ${reason}`;
    return { kind: "issue", issue: { ...issue, extraData: extraData(binding, home), notices: [...notices, told] } };
  }
  const problem = mismatch(who, binding, home);
  if (problem !== undefined && previous) return { kind: "subject-changed", text: problem };
  if (problem !== undefined) return refused("account_mismatch", problem);
  const identity = { issuer: binding.baseUrl, subject: who.account };
  return { kind: "issue", issue: { ...issue, identity, extraData: extraData(binding, home, who) } };
}

function refused(reason: IdentityReason, text: string): Described {
  return { kind: "identity-refused", reason, text };
}

async function ask(context: Context, binding: Binding, home: ExpandedHome, token: string, call: Call): Promise<WhoAmI> {
  const url = accountUrl(binding, home);
  const first = await whoAmI(url, token, home.account, call);
  if (first.kind !== "refused") return first;
  await pause(context.clock, AGAIN_MS);
  return whoAmI(url, token, home.account, call);
}

/** Where an API says whom a token stands for. */
export function accountUrl({ baseUrl }: Binding, { account }: ExpandedHome): string {
  return baseUrl + account.path;
}

/** MX-W2. What both sides said is repeated: a person has to see which login it was. */
function mismatch(who: Extract<WhoAmI, { kind: "account" }>, { deviceId }: Binding, home: ExpandedHome) {
  const { accountId } = home;
  if (accountId !== undefined && who.account !== accountId) {
    return `the login is of ${shown(who.account)}, not of ${accountId}`;
  }
  if (deviceId !== undefined && who.device !== deviceId) {
    return `the login is for device ${shown(who.device ?? "none")}, not for ${deviceId}`;
  }
  return undefined;
}

function shown(text: string): string {
  return text.slice(0, 255).replaceAll(/[^\x21-\x7e]/g, "?");
}

function extraData(binding: Binding, home: ExpandedHome, who?: Extract<WhoAmI, { kind: "account" }>) {
  const { account, device } = home.account;
  const deviceId = who?.device ?? binding.deviceId;
  return {
    [home.option]: binding.baseUrl,
    ...(who && { [account]: who.account }),
    ...(deviceId !== undefined && { [device]: deviceId }),
    ...accountLinks(binding.metadata, home.deviceActions, deviceId),
  };
}
