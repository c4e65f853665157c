import type { IncomingMessage } from "node:http";
import { sameBytes } from "../../process/same-text.ts";

/** Of a connection on which more was said at once nothing is kept. Characters of the target and the headers together. */
const MOST = 2_048;

const KEPT = Symbol("kept");

interface Kept<T> {
  readonly url: string;
  /** The secret's place is empty. */
  readonly headers: readonly string[];
  readonly secretAt: number;
  readonly secret: Buffer;
  readonly value: T;
}

type Connection<T> = IncomingMessage["socket"] & { [KEPT]?: Kept<T> | "once" };

type Request = Pick<IncomingMessage, "rawHeaders" | "socket"> & { readonly url: string };

/**
 * A program asks for its token again and again, on one connection and in the same bytes: what was worked out from them alone (a hash of
 * the secret, headers that were looked through) is kept beside the connection from its second request on, for the next one. The secret is
 * compared in a time that tells nothing of it, since a proxy may send many people's requests on one connection, and wiped when the
 * connection ends or another one is kept in its place.
 */
export class AskedBefore<T extends object> {
  of({ url, rawHeaders, socket }: Request): T | undefined {
    const { [KEPT]: kept }: Connection<T> = socket;
    if (kept === undefined || kept === "once") return undefined;
    return isSame(kept, url, rawHeaders) ? kept.value : undefined;
  }

  keep({ url, rawHeaders, socket }: Request, secretAt: number, value: T): void {
    const connection: Connection<T> = socket;
    const { [KEPT]: before } = connection;
    if (before === undefined) {
      connection[KEPT] = "once";
      return;
    }
    const length = rawHeaders.reduce((sum, one) => sum + one.length, url.length);
    if (length > MOST) return;
    if (before === "once") socket.once("close", () => wipe(connection[KEPT]));
    wipe(before);
    const secret = Buffer.from(rawHeaders[secretAt] ?? "", "latin1");
    connection[KEPT] = { url, headers: rawHeaders.with(secretAt, ""), secretAt, secret, value };
  }
}

function wipe(kept: Kept<unknown> | "once" | undefined): void {
  if (typeof kept === "object") kept.secret.fill(0);
}

function isSame({ url, headers, secretAt, secret }: Kept<unknown>, asked: string, given: readonly string[]): boolean {
  if (asked !== url || given.length !== headers.length) return false;
  for (let at = 0; at < headers.length; at++) if (at !== secretAt && given[at] !== headers[at]) return false;
  return sameBytes(secret, given[secretAt] ?? "");
}
