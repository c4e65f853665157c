import { type ListParameters, rfc3339, type CredentialInfo as WireInfo } from "../../api/index.ts";
import type { CredentialInfo, CredentialList, Page } from "../../broker/broker.ts";
import { badRequest, notFound } from "../answer/http-error.ts";

/** `after` and the keys of the answer are relative to the prefix, the broker's names are not. */
export function pageOf(prefix: string, { after, limit }: Required<Pick<ListParameters, "after" | "limit">>): Page {
  if (limit < 0) throw badRequest("limit cannot be negative");
  return { prefix, ...(after !== "" && { after: prefix + after }), ...(limit > 0 && { limit }) };
}

/** Names as keys below a prefix; of nothing a 404. */
export function keysBelow(prefix: string, names: readonly string[]): string[] {
  if (names.length === 0) throw notFound();
  return names.map((name) => name.slice(prefix.length));
}

/** `keys` with `key_info` (oauthapp.md 5.3). */
export function credentialKeys(prefix: string, { names, info }: CredentialList) {
  const keys = keysBelow(prefix, names);
  const described = names.flatMap((name) => {
    const found = info[name];
    return found ? [[name.slice(prefix.length), keyInfo(found)] as const] : [];
  });
  return { keys, key_info: Object.fromEntries(described) };
}

function keyInfo({ status, server, reason, expiresAt }: CredentialInfo): WireInfo {
  return {
    status,
    server,
    ...(reason !== undefined && { reason }),
    ...(expiresAt !== undefined && { expire_time: rfc3339(expiresAt) }),
  };
}
