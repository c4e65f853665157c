import { hashToken } from "../../access/root-token.ts";
import type { Token } from "../../access/token.ts";
import type { Row, RowContent } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { openContent, plainRow } from "../record/records.ts";

export const TOKENS = { mount: "auth/token", kind: "token" } as const;

/** The name of a token's row: its SHA-256. It has 256 random bits, so no salt and no slow hash. */
export function tokenName(token: string): string {
  return Buffer.from(hashToken(token)).toString("base64url");
}

/** The id of a token's row, which tells nothing of it; commands would take a dash at its start for an option. */
export function newAccessor(): string {
  for (;;) {
    const id = newId();
    if (!id.startsWith("-")) return id;
  }
}

/** Its lane is its parent, or the mount of its login: what these made is found so; the queue removes it when it ends. */
export function tokenRow(
  context: Context,
  place: { readonly name: string; readonly id: string },
  token: Token,
): RowContent {
  const { name, id } = place;
  const due = { task: "expire", ...(token.expiresAt !== undefined && { dueAt: token.expiresAt }) } as const;
  const maker = token.parent ?? token.login?.mount;
  const whose = maker === undefined ? {} : { server: maker };
  return plainRow(context, { ...TOKENS, name, id }, token, { ...due, ...whose });
}

/** Throws `CannotOpen`. */
export function openToken(context: Context, row: Row): Token {
  return openContent<Token>(context, row);
}

/** A root token that was revoked is remembered by its hash: its file may still be there. */
export function revokedRoot(name: string) {
  return { mount: "auth/token", kind: "config", name: `revoked-root/${name}` } as const;
}
