import type { Node } from "oxc-parser";
import { at, type Source } from "./sources.ts";
import { keyOf } from "./uses.ts";

/** What the store gives in pages. */
const PAGED: ReadonlySet<string> = new Set(["list", "names", "scan"]);

/** The stores, and the one file that walks them with turns for everybody else; canaries are a handful. */
const HOMES = ["src/store/", "src/broker/record/rows.ts", "src/broker/keys/canary.ts"];

/** Pages that are asked for elsewhere: a loop of awaits over a local file never lets the event loop go. */
export function walksOf(source: Source): readonly string[] {
  if (HOMES.some((home) => source.path.startsWith(home))) return [];
  return source.nodes
    .filter((node) => isPaged(node))
    .map((node) => `${at(source, node)} asks the store for many rows: walk them with broker/record/rows`);
}

/** `store.list`, `this.#store.scan`, `context.store["names"]`; and what is taken out of a store. */
function isPaged(node: Node): boolean {
  if (node.type === "MemberExpression") {
    return PAGED.has(keyOf(node.property, node.computed) ?? "") && isStore(node.object);
  }
  if (node.type !== "VariableDeclarator" || node.id.type !== "ObjectPattern" || !node.init || !isStore(node.init))
    return false;
  return node.id.properties.some((one) => one.type === "Property" && PAGED.has(keyOf(one.key, one.computed) ?? ""));
}

function isStore(node: Node): boolean {
  if (node.type === "Identifier") return node.name === "store";
  if (node.type !== "MemberExpression") return false;
  const { property } = node;
  return property.type === "PrivateIdentifier" ? property.name === "store" : keyOf(property, node.computed) === "store";
}
