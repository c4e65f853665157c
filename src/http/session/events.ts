import { PassThrough } from "node:stream";
import { BrokerError } from "../../broker/errors.ts";
import type { SessionView } from "../../broker/sessions.ts";
import { describe } from "../answer/describe.ts";
import { failureOf } from "../answer/errors.ts";
import type { Deps, Ticker, VaultApp } from "../app-types.ts";
import { bearerOf } from "../gate/caller.ts";
import type { Leaving } from "./leaving.ts";
import { sessionData } from "./views.ts";

const URL = "/session/events";

/** A comment now and then keeps intermediaries from cutting a silent stream. Milliseconds. */
const HEARTBEAT_MS = 15_000;

/** `GET /session/events`: the session at once and at each change, as server-sent events. */
export function events(app: VaultApp, deps: Deps, mount: string, leaving: Leaving): void {
  app.get(URL, {
    schema: describe({
      form: "session",
      summary: "The session, now and after each change, as server-sent events",
      media: "text/event-stream",
    }),
    handler: async (request, reply) => {
      const views = deps.broker.sessions
        .watch(mount, bearerOf(request), leaving(reply, { waits: true }))
        [Symbol.asyncIterator]();
      // Before the first byte an error is an answer like any other.
      const first = await views.next();
      const stream = new PassThrough();
      const stopBeating = heartbeat(deps.clock, stream);
      stream.once("close", stopBeating);
      reply
        .code(200)
        .headers({ "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
      if (!first.done) write(stream, first.value, deps.clock);
      void pump(deps, request.id, stream, views).finally(() => stream.end());
      return reply.send(stream);
    },
  });
}

async function pump(deps: Deps, id: string, stream: PassThrough, views: AsyncIterator<SessionView>): Promise<void> {
  try {
    for (let next = await views.next(); !next.done; next = await views.next()) write(stream, next.value, deps.clock);
  } catch (error) {
    const { text } = failureOf(error, { id }, deps.logger);
    const code = error instanceof BrokerError ? (error.detail.code ?? "server_error") : "server_error";
    stream.write(`event: error\ndata: ${JSON.stringify({ error: code, error_description: text })}\n\n`);
  }
}

function write(stream: PassThrough, view: SessionView, clock: Ticker): void {
  stream.write(`event: session\ndata: ${JSON.stringify(sessionData(view, clock.now()))}\n\n`);
}

function heartbeat(clock: Ticker, stream: PassThrough): () => void {
  let cancel = () => {};
  const beat = () => {
    stream.write(":\n\n");
    cancel = clock.after(HEARTBEAT_MS, beat);
  };
  cancel = clock.after(HEARTBEAT_MS, beat);
  return () => cancel();
}
