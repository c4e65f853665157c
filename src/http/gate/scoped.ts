import type { FastifyPluginAsync } from "fastify";
import type { VaultApp } from "../app-types.ts";

/** Fastify looks through all modules for the name of a plugin that has none, each time. */
const NAME = Symbol.for("fastify.display-name");

/** Adds routes whose hooks and error handler are theirs alone. */
export function scoped(app: VaultApp, routes: (scope: VaultApp) => void): void {
  const plugin: FastifyPluginAsync = async (scope) => routes(scope as unknown as VaultApp);
  app.register(Object.assign(plugin, { [NAME]: "scope" }));
}
