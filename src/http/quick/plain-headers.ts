import type { IncomingMessage } from "node:http";

/** What a plain request says. */
export interface PlainHeaders {
  readonly host: string;
  readonly secret: string;
  /** It is that of `Authorization: Bearer`, and else `X-Vault-Token`. */
  readonly isBearer: boolean;
  /** Where its header's value is among the raw ones. */
  readonly secretAt: number;
  /** A trace of the caller's is named (`traceparent`). */
  readonly isTraced: boolean;
}

/** What stands before the secret in `Authorization`. */
export const BEARER = "Bearer ";

/** Change nothing of an answer. */
const IDLE: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "connection",
  "sec-fetch-mode",
  "tracestate",
  "user-agent",
  "x-vault-request",
]);

/** Undefined where a header is there that means more, or one comes twice. */
export function plainHeaders({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): PlainHeaders | undefined {
  let host: string | undefined;
  let secretAt = 0;
  let isBearer = false;
  let isTraced = false;
  for (let at = 1; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at - 1]?.toLowerCase() ?? "";
    if (name === "host" && host === undefined) host = rawHeaders[at];
    else if ((name === "x-vault-token" || name === "authorization") && secretAt === 0) {
      secretAt = at;
      isBearer = name === "authorization";
    } else if (name === "traceparent") isTraced = true;
    else if (!IDLE.has(name)) return undefined;
  }
  const value = rawHeaders[secretAt] ?? "";
  if (host === undefined || secretAt === 0 || (isBearer && !value.startsWith(BEARER))) return undefined;
  return { host, secret: isBearer ? value.slice(BEARER.length) : value, isBearer, secretAt, isTraced };
}
