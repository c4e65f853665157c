import type { FastifyReply } from "fastify";
import type { Deps, VaultApp } from "../app-types.ts";

/** A signal per answer that aborts when its client leaves; `waits`: also when the server is about to stop, and it gives way in a crowd. */
export type Leaving = (reply: Pick<FastifyReply, "raw">, how?: { readonly waits: boolean }) => AbortSignal;

/** Made once: one for each answer, with a stack, is a tenth of what a short call takes. */
const LEFT = new DOMException("the client has left, or has its answer", "AbortError");

export function watchLeaving(app: VaultApp, { givesWay }: Pick<Deps, "givesWay">): Leaving {
  const waiting = new Set<AbortController>();
  app.addHook("preClose", async () => {
    for (const controller of waiting) controller.abort();
  });
  return ({ raw }, { waits } = { waits: false }) => {
    const controller = new AbortController();
    if (waits) {
      waiting.add(controller);
      givesWay(raw);
    }
    raw.once("close", () => {
      waiting.delete(controller);
      controller.abort(LEFT);
    });
    return controller.signal;
  };
}
