import type { Deps, VaultApp } from "../app-types.ts";
import { routeName } from "./offers.ts";

/** One line per answer: method, route pattern, status, milliseconds, request id. Never a query, body, name or token. */
export function logAnswers(app: VaultApp, { logger, mounts }: Pick<Deps, "logger" | "mounts">): void {
  app.addHook("onResponse", async (request, reply) => {
    logger.info("request", {
      requestId: request.id,
      method: request.method,
      route: routeName(request, mounts),
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime),
    });
  });
}
