import { accountOf, type Credential, type Identity, reasonOf } from "../../credential/index.ts";
import type { Context } from "../process/context.ts";

type Sealing = Pick<Context, "seal">;

/**
 * By what lists find a credential (ST-195): in plain beside the sealed row, so they say no more than whether it works and, by a keyed
 * hash, that two are of one account. What a list shows is opened and judged all the same, so a facet can hide and never show.
 */

/** A dead grant is `issued` as long as its last access token lives and `failed` from then on, and nothing is written at that moment. */
export type StateFacet = Credential["status"] | "failing" | "dead";

/** Of a credential as it is about to be stored. */
export function facetsOf(context: Sealing, mount: string, state: Credential): readonly string[] {
  const { subject, name } = accountOf(state) ?? {};
  const accounts = [subject, name].flatMap((one) => (one === undefined ? [] : [accountFacet(context, mount, one)]));
  return [...statesOf(state), ...new Set(accounts)];
}

function statesOf(state: Credential): readonly StateFacet[] {
  if (state.status === "issued" && state.trouble?.kind === "dead") return ["issued", "failed", "failing", "dead"];
  const isFailing = state.status === "failed" || reasonOf(state) !== undefined;
  return isFailing ? [state.status, "failing"] : [state.status];
}

/** 128 bits; of its mount alone, so that accounts of two mounts cannot be told to be one. */
const ACCOUNT_LENGTH = 22;

/** An account's subject or name as lists look for it: HMAC under the key of fingerprints, which a rotation of keys leaves as it is. */
export function accountFacet({ seal }: Sealing, mount: string, account: string): string {
  return `@${seal.fingerprint(`account ${mount}\n${sameAccount(account)}`).slice(0, ACCOUNT_LENGTH)}`;
}

/** Whether somebody who asks for an account means this one. */
export function isAccount(known: Pick<Identity, "subject" | "name"> | undefined, wanted: string): boolean {
  return [known?.subject, known?.name].some((one) => one !== undefined && sameAccount(one) === sameAccount(wanted));
}

/** As two spellings of an account are compared: without regard to case and to how accents are composed. */
function sameAccount(account: string): string {
  return account.normalize("NFC").toLowerCase().normalize("NFC");
}
