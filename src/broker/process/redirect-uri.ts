import { createHash } from "node:crypto";
import type { MountTable } from "./mount-table.ts";

/** Where browsers come back to a mount, at a broker whose address is `publicUrl`. */
export function callbackOf(publicUrl: string, { mounts }: { readonly mounts: MountTable }, place: string): string {
  return `${publicUrl}/v1/${mounts.pathOf(place)}/callback`;
}

/** Of a SHA-256, base64url: 128 bits are 22 characters. */
const MARK = 22;

/**
 * The broker's callback for one issuer alone (BCP-04, RFC 9700 4.4.2.2): at one that all share, a server could have the code of
 * another brought to a login that was begun with it. What is not below the broker's address stays as it is.
 */
export function ofIssuer({ publicUrl }: Reached, redirectUri: string, issuer: string): string {
  return publicUrl !== undefined && redirectUri.startsWith(`${publicUrl}/v1/`)
    ? `${redirectUri}/${markOf(issuer)}`
    : redirectUri;
}

/** The issuer's mark at the end of such a URI; undefined where it has none. */
export function markIn({ publicUrl }: Reached, redirectUri: string): string | undefined {
  if (publicUrl === undefined || !redirectUri.startsWith(`${publicUrl}/v1/`)) return undefined;
  return /\/callback\/([\w-]{22})$/.exec(redirectUri)?.[1];
}

/** What stands for an issuer in addresses. */
export function markOf(issuer: string): string {
  return createHash("sha256").update(issuer).digest("base64url").slice(0, MARK);
}

interface Reached {
  readonly publicUrl?: string | undefined;
}
