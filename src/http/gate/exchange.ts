import type { IncomingMessage, ServerResponse } from "node:http";
import { forget } from "../input/read-body.ts";

/** What is to be done at the end of a response, behind one pair of listeners: Node takes more than ten for a leak, and says so. */
const ends = new WeakMap<ServerResponse, (() => void)[]>();

/** Once: all has been said, or the connection is gone. */
export function whenOver(response: ServerResponse, over: () => void): void {
  const known = ends.get(response);
  if (known) {
    known.push(over);
    return;
  }
  const all = [over];
  ends.set(response, all);
  const once = () => {
    response.off("prefinish", once).off("close", once);
    ends.delete(response);
    for (const one of all) one();
  };
  response.on("prefinish", once).on("close", once);
}

/** Whether more is to come than has arrived with the headers. */
export function hasBody({ headers, complete }: IncomingMessage): boolean {
  return !complete && (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0);
}

/** The rest of a body that nobody has read. */
export function swallow(request: IncomingMessage): void {
  // Node reads it out as well, and leaves each chunk to the collection.
  if (!request.complete && !request.readableDidRead) request.on("data", forget);
}
