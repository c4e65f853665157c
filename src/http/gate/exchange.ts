import type { IncomingMessage, ServerResponse } from "node:http";
import { forget } from "../input/read-body.ts";

/** Once: all has been said, or the connection is gone. */
export function whenOver(response: ServerResponse, over: () => void): void {
  const once = () => {
    response.off("prefinish", once).off("close", once);
    over();
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
