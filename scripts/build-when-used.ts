import { isBuiltin } from "node:module";
import { dirname } from "node:path";
import type { ImportKind, Plugin } from "esbuild";

/** What packages ask for by `require` as they are loaded, and never use in a broker: http2 alone is a fortieth of its start. */
export const SELDOM = /^(?:node:)?(?:cluster|http2|https|tls)$/;

/**
 * Node's own modules, each when something of it is first used: an `import` reads all members, also those that load something, so
 * that node:fs brings readline along and node:http Node's whole fetch; and most commands use a fraction of what they import.
 */
export const builtIns = (wanted: ImportKind, filter: RegExp): Plugin => ({
  name: "built-ins",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter }, ({ path, kind }) =>
      kind === wanted && isBuiltin(path) ? { path, namespace: "built-in" } : undefined,
    );
    // What is imported is made by esbuild as an object with this one's prototype, which is asked for whatever it has not.
    onLoad({ filter: /^/, namespace: "built-in" }, ({ path }) => ({
      contents: `let used;
module.exports = Object.create(new Proxy({}, {
  get: (_, name) => (used ??= process.getBuiltinModule(${JSON.stringify(path)}))[name],
}));`,
    }));
  },
});

/** Of packages, what they load and a broker uses seldom or never: versions of plugins are compared where there are plugins. */
const PARTS = /^(?:semver|\.\/lib\/(?:summary|pushgateway|defaultMetrics|cluster))$/;

/** Those, each when something of it is first used. */
export const whenUsed: Plugin = {
  name: "when-used",
  setup: ({ onResolve, onLoad, resolve }) => {
    onResolve({ filter: PARTS }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind !== "require-call" || pluginData === whenUsed || !/[/\\](?:fastify|prom-client)[/\\]/.test(importer))
        return undefined;
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: whenUsed });
      return { path: found.path, namespace: "when-used" };
    });
    onLoad({ filter: /^/, namespace: "when-used" }, ({ path }) => ({
      resolveDir: dirname(path),
      contents: `let used;
const load = () => (used ??= require(${JSON.stringify(path)}));
module.exports = new Proxy(function () {}, {
  get: (_, name) => load()[name],
  apply: (_, self, given) => Reflect.apply(load(), self, given),
  construct: (_, given) => Reflect.construct(load(), given),
});`,
    }));
  },
};
