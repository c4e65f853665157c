import { parseJsonObject, textOf } from "../answer/json.ts";
import { TransportError } from "../answer/transport-error.ts";
import type { Call } from "../client.ts";
import { exchange, get } from "../endpoint.ts";

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
  const answer = await exchange(get(url, call, { authorization: `Bearer ${accessToken}` }));
  if (answer instanceof TransportError) return { kind: "failed", text: "the account API cannot be reached" };
  const json = parseJsonObject(answer.body);
  if (answer.status === 401) {
    const code = textOf(json?.[members.error]);
    return { kind: "refused", code: safeCode(code), locked: code === members.locked };
  }
  if (answer.status !== 200) return { kind: "failed", text: `the account API answered with status ${answer.status}` };
  const account = textOf(json?.[members.account]);
  if (account === undefined) return { kind: "failed", text: `the account API's answer has no ${members.account}` };
  const device = textOf(json?.[members.device]);
  return { kind: "account", account, ...(device !== undefined && { device }) };
}

function safeCode(code = "401"): string {
  return code.slice(0, LONGEST_CODE).replaceAll(/[^A-Za-z0-9_.:-]/g, "_");
}
