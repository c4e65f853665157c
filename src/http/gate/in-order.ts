import type { IncomingMessage, ServerResponse } from "node:http";

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Change nothing (RFC 9110 section 9.2.1): several of one connection may be answered side by side. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Requests of one connection that wait; whoever sends more loses the connection. */
const MOST = 100;

/** Where a connection keeps its line. */
const LINE = Symbol("line");

interface Line {
  /** The answer to the last request of this connection. */
  last: ServerResponse;
  /** That is more than a read, or waits for one that is: then whatever follows waits. */
  holds: boolean;
  waiting: number;
}

/**
 * Requests that a client sent without waiting for answers (RFC 9112 section 9.3.2) are carried out in their order where one of
 * them changes something, so that what is read behind a delete was read after it.
 */
export function inOrder(serve: Listener): Listener {
  return (request, response) => {
    const { socket } = request;
    const connection: typeof socket & { [LINE]?: Line } = socket;
    const line = connection[LINE] ?? { last: response, holds: false, waiting: 0 };
    connection[LINE] = line;
    const { last: before } = line;
    const isFirst = before === response || before.closed;
    const isSafe = SAFE.has(request.method ?? "");
    const waits = !isFirst && (line.holds || !isSafe);
    if (waits && line.waiting === MOST) {
      socket.destroy();
      return;
    }
    line.last = response;
    line.holds = waits || !isSafe;
    if (!waits) {
      serve(request, response);
      return;
    }
    line.waiting += 1;
    before.once("close", () => {
      line.waiting -= 1;
      if (!socket.destroyed) serve(request, response);
    });
  };
}
