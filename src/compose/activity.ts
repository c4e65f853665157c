import type { FastifyInstance } from "fastify";
import type { Clock } from "../process/clock.ts";

/** Watches requests from their first byte to the end of their answer; answers how long it has been quiet. Milliseconds. */
export function watchActivity(app: FastifyInstance, clock: Clock): () => number {
  let open = 0;
  let last = clock.monotonic();
  app.addHook("onRequest", async (_request, reply) => {
    open++;
    reply.raw.once("close", () => {
      open--;
      last = clock.monotonic();
    });
  });
  return () => (open > 0 ? 0 : clock.monotonic() - last);
}
