import type { Call } from "../client.ts";
import { exchange, get } from "../endpoint.ts";
import { parseJsonObject, textOf } from "../response/json.ts";
import { TransportError } from "../response/transport-error.ts";

export type WhoAmI =
  | { readonly kind: "account"; readonly account: string; readonly device?: string }
  /** 401: nobody, with this token. `code` is the API's own; of a locked account no other token fares better. */
  | { readonly kind: "refused"; readonly code: string; readonly locked: boolean }
  | { readonly kind: "failed"; readonly text: string };

/** Which members of the answer name the account and the device, and how a refusal says why. */
export interface AccountMembers {
  readonly account: string;
  readonly device: string;
  /** Member of a refusal that holds its code. */
  readonly error: string;
  /** The code that says that the account itself is locked. */
  readonly locked: string;
}

const LONGEST_CODE = 64;

/** Asks an API whom an access token stands for (Matrix: `/account/whoami`). Never rejects. */
export async function whoAmI(url: string, accessToken: string, members: AccountMembers, call: Call): Promise<WhoAmI> {
  const response = await exchange(get(url, call, { authorization: `Bearer ${accessToken}` }));
  if (response instanceof TransportError) return { kind: "failed", text: "the account API cannot be reached" };
  const json = parseJsonObject(response.body);
  if (response.status === 401) {
    const code = textOf(json?.[members.error]);
    return { kind: "refused", code: safeCode(code), locked: code === members.locked };
  }
  if (response.status !== 200)
    return { kind: "failed", text: `the account API answered with status ${response.status}` };
  const account = textOf(json?.[members.account]);
  if (account === undefined) return { kind: "failed", text: `the account API's answer has no ${members.account}` };
  const device = textOf(json?.[members.device]);
  return { kind: "account", account, ...(device !== undefined && { device }) };
}

function safeCode(code = "401"): string {
  return code.slice(0, LONGEST_CODE).replaceAll(/[^A-Za-z0-9_.:-]/g, "_");
}

/** Why a login is not the one that was asked for (matrix.md MX-W2). What both sides said is repeated: a person has to see it. */
export function accountMismatch(
  who: Extract<WhoAmI, { kind: "account" }>,
  { accountId, deviceId }: { readonly accountId: string | undefined; readonly deviceId: string | undefined },
): string | undefined {
  if (accountId !== undefined && who.account !== accountId) {
    return `the login belongs to ${shown(who.account)}, not to ${accountId}`;
  }
  if (deviceId !== undefined && who.device !== deviceId) {
    return `the login is for device ${shown(who.device ?? "none")}, not for ${deviceId}`;
  }
  return undefined;
}

function shown(text: string): string {
  return text.slice(0, 255).replaceAll(/[^\x21-\x7e]/g, "?");
}
