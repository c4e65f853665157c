import type { Node } from "oxc-parser";
import { isGlobal } from "./scope.ts";
import type { Source } from "./sources.ts";

/** A place that uses something of the platform. */
export interface Use {
  /** The longest name that can be told, however it was written: `fetch`, `process.env.HOME`. Calls are uses of their own: `Date()`, `new Date()`. */
  readonly name: string;
  /** It goes on as a value, so that nobody can tell which of its members are used. */
  readonly escapes: boolean;
  readonly node: Node;
}

/** Names of the object that has all globals. */
const ROOTS: ReadonlySet<string> = new Set(["globalThis", "window", "self", "global"]);

/** What is written around an expression and changes nothing in it: `x!`, `x as T`, `x?.y`. */
const AROUND: ReadonlySet<string> = new Set([
  "ChainExpression",
  "TSAsExpression",
  "TSInstantiationExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
]);

/** Every use of a global, by the names that the platform gives; types are none, and neither is a local of the same name. */
export function usesOf({ nodes }: Source): readonly Use[] {
  return nodes.flatMap((node) =>
    node.type === "Identifier" && isValue(node) && isGlobal(node, node.name) ? useOf(node, node.name) : [],
  );
}

/** Not a key, a member's name or a part of a type. */
function isValue(node: Node): boolean {
  const { parent } = node;
  if (parent?.type === "ImportSpecifier" || parent?.type === "MetaProperty") return false;
  if (parent?.type === "ExportSpecifier" && (parent.local !== node || isPassedOn(parent.parent))) return false;
  if (parent?.type === "MemberExpression" && parent.property === node && !parent.computed) return false;
  if (parent && "key" in parent && parent.key === node && !("computed" in parent && parent.computed)) return false;
  for (let above: Node | null | undefined = parent; above; above = above.parent)
    if (above.type.startsWith("TS") && !AROUND.has(above.type)) return false;
  return true;
}

/** `export { x } from "y"`: x is the other module's. */
function isPassedOn(parent: Node | null | undefined): boolean {
  return parent?.type === "ExportNamedDeclaration" && parent.source !== null;
}

function useOf(node: Node, name: string): readonly Use[] {
  let path = member("", name);
  let end = node;
  for (let parent = end.parent; parent; parent = end.parent) {
    if (parent.type === "MemberExpression" && parent.object === end) {
      const key = keyOf(parent.property, parent.computed);
      if (key === undefined) return [use(path, true, node)];
      path = member(path, key);
    } else if (!AROUND.has(parent.type)) break;
    end = parent;
  }
  return ended(end, path, node);
}

/** What becomes of the last object of the chain. */
function ended(end: Node, path: string, node: Node): readonly Use[] {
  const { parent } = end;
  const called = parent?.type === "CallExpression" && parent.callee === end ? `${path}()` : undefined;
  const isMade = parent?.type === "NewExpression" && parent.callee === end;
  const made = isMade && parent.arguments.length === 0 ? `new ${path}()` : undefined;
  if (called || isMade) return [path, called ?? made].flatMap((one) => (one ? [use(one, false, node)] : []));
  const taken = patternOf(parent, end);
  return taken ? unpacked(taken, path, node) : [use(path, !isLookedAt(parent), node)];
}

function use(path: string, escapes: boolean, node: Node): Use {
  return { name: path || "globalThis", escapes, node };
}

/** `typeof x`, `y instanceof x`, `y in x`: nothing is called, nothing is kept. */
function isLookedAt(parent: Node | null | undefined): boolean {
  if (parent?.type === "UnaryExpression") return parent.operator === "typeof";
  return parent?.type === "BinaryExpression" && ["instanceof", "in"].includes(parent.operator);
}

/** `const { a } = x`, `({ a } = x)`, `({ a } = x) => …`: the pattern that x is taken apart by. */
function patternOf(parent: Node | null | undefined, end: Node): Node | undefined {
  if (parent?.type === "VariableDeclarator" && parent.init === end) return object(parent.id);
  if (parent?.type === "AssignmentExpression" && parent.right === end) return object(parent.left);
  if (parent?.type === "AssignmentPattern" && parent.right === end) return object(parent.left);
  return undefined;
}

function object(pattern: Node): Node | undefined {
  return pattern.type === "ObjectPattern" ? pattern : undefined;
}

function unpacked(pattern: Node, path: string, node: Node): readonly Use[] {
  if (pattern.type === "AssignmentPattern") return unpacked(pattern.left, path, node);
  if (pattern.type !== "ObjectPattern") return [use(path, true, node)];
  return pattern.properties.flatMap((property) => {
    const key = property.type === "Property" ? keyOf(property.key, property.computed) : undefined;
    if (property.type !== "Property" || key === undefined) return [use(path, true, node)];
    return unpacked(property.value, member(path, key), node);
  });
}

/** The name of a member, when it stands there: `.env`, `["env"]`. */
export function keyOf(key: Node, computed: boolean): string | undefined {
  if (key.type === "Identifier" && !computed) return key.name;
  return textOf(key);
}

/** A string that stands there as it is, in quotes or backticks. */
export function textOf(node: Node): string | undefined {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node.type !== "TemplateLiteral" || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

function member(path: string, key: string): string {
  if (path === "") return ROOTS.has(key) ? "" : key;
  return `${path}.${key}`;
}
