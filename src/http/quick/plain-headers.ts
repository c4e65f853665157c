import type { IncomingMessage } from "node:http";

/** What a plain request says. */
export interface PlainHeaders {
  readonly host: string;
  /** `X-Vault-Token`. */
  readonly token?: string;
  /** Of `Authorization: Bearer`. */
  readonly bearer?: string;
}

/** Change nothing of an answer. */
const IDLE: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "connection",
  "sec-fetch-mode",
  "traceparent",
  "tracestate",
  "user-agent",
  "x-vault-request",
]);

/** Undefined where a header is there that means more, or one comes twice. */
export function plainHeaders({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): PlainHeaders | undefined {
  let [host, token, bearer]: (string | undefined)[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? "";
    const value = rawHeaders[index + 1];
    if (name === "host" && host === undefined) host = value;
    else if (name === "x-vault-token" && token === undefined) token = value;
    else if (name === "authorization" && bearer === undefined && value?.startsWith("Bearer ")) bearer = value.slice(7);
    else if (!IDLE.has(name)) return undefined;
  }
  if (host === undefined || (token === undefined) === (bearer === undefined)) return undefined;
  return { host, ...(token !== undefined ? { token } : { bearer: bearer ?? "" }) };
}
