import { posix } from "node:path";
import type { Node } from "oxc-parser";
import { isGlobal } from "./scope.ts";
import type { Source } from "./sources.ts";
import { textOf } from "./uses.ts";

/** One mention of another module, as a value or as a type. */
export interface Import {
  /** A file of the repository, a package or a built-in; undefined when the program alone knows, at run time. */
  readonly to: string | undefined;
  readonly isOwn: boolean;
  readonly node: Node;
}

/** `import`, `export … from`, `import()`, `import("x").T`, `require` and `import.meta.resolve` alike. */
export function importsOf(source: Source): readonly Import[] {
  return source.nodes.flatMap((node) => {
    const mentioned = moduleOf(node);
    return mentioned ? [pointed(source.path, textOf(mentioned), node)] : [];
  });
}

function pointed(from: string, specifier: string | undefined, node: Node): Import {
  const isOwn = specifier?.startsWith(".") ?? false;
  const to = isOwn && specifier ? posix.join(posix.dirname(from), specifier) : packageOf(specifier);
  return { to, isOwn, node };
}

/** `@fastify/swagger/lib/x` → `@fastify/swagger`; built-ins keep their whole name. */
function packageOf(specifier: string | undefined): string | undefined {
  if (specifier === undefined || specifier.startsWith("node:")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function moduleOf(node: Node): Node | null | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return node.source;
    case "TSExternalModuleReference":
      return node.expression;
    case "CallExpression":
      return isRequire(node.callee) || isResolve(node.callee) ? node.arguments[0] : undefined;
    default:
      return undefined;
  }
}

function isRequire(callee: Node): boolean {
  return callee.type === "Identifier" && callee.name === "require" && isGlobal(callee, "require");
}

function isResolve(callee: Node): boolean {
  return callee.type === "MemberExpression" && callee.object.type === "MetaProperty";
}

/** Each way that leads back to where it began: `a → b → a`. */
export function cyclesOf(sources: readonly Source[]): readonly string[] {
  const graph = new Map(sources.map((source) => [source.path, ownImports(source)]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [[...trail.slice(trail.indexOf(path)), path].join(" → ")];
    if (done.has(path)) return [];
    const found = (graph.get(path) ?? []).flatMap((next) => visit(next, [...trail, path]));
    done.add(path);
    return found;
  };
  return [...graph.keys()].flatMap((path) => visit(path, []));
}

/** Everything that is loaded, or only read for its types, once the entries are. */
export function reachedFrom(entries: readonly string[], sources: readonly Source[]): ReadonlySet<string> {
  const graph = new Map(sources.map((source) => [source.path, ownImports(source)]));
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const next of graph.get(path) ?? []) visit(next);
  };
  for (const entry of entries) visit(entry);
  return reached;
}

function ownImports(source: Source): readonly string[] {
  return importsOf(source).flatMap(({ to, isOwn }) => (isOwn && to ? [to] : []));
}
