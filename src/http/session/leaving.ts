import type { FastifyReply } from "fastify";
import type { VaultApp } from "../app-types.ts";

/** A signal per answer that aborts when its client leaves, or the server is about to stop. */
export type Leaving = (reply: Pick<FastifyReply, "raw">) => AbortSignal;

export function watchLeaving(app: VaultApp): Leaving {
  const open = new Set<AbortController>();
  app.addHook("preClose", async () => {
    for (const controller of open) controller.abort();
  });
  return ({ raw }) => {
    const controller = new AbortController();
    open.add(controller);
    raw.once("close", () => {
      open.delete(controller);
      controller.abort();
    });
    return controller.signal;
  };
}
