import type { FastifyPluginAsync } from "fastify";
import type { VaultApp } from "../app-types.ts";

/** Adds routes whose hooks and error handler are theirs alone. */
export function scoped(app: VaultApp, routes: (scope: VaultApp) => void): void {
  const plugin: FastifyPluginAsync = async (scope) => routes(scope as unknown as VaultApp);
  app.register(plugin);
}
