import type { Node } from "oxc-parser";

/** Whether an identifier means what the platform gives by that name: nothing in the file declares it. */
export function isGlobal(node: Node, name: string): boolean {
  for (let scope = node.parent; scope; scope = scope.parent) if (namesOf(scope).has(name)) return false;
  return true;
}

const known = new WeakMap<Node, ReadonlySet<string>>();

function namesOf(scope: Node): ReadonlySet<string> {
  const names = known.get(scope) ?? new Set(declaredBy(scope));
  known.set(scope, names);
  return names;
}

/** Names that a node declares for all inside it. `var` counts where it stands: nobody here uses it. */
function declaredBy(scope: Node): readonly string[] {
  switch (scope.type) {
    case "Program":
    case "BlockStatement":
    case "StaticBlock":
      return scope.body.flatMap(declared);
    case "SwitchCase":
      return scope.consequent.flatMap(declared);
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return [...(scope.id ? [scope.id.name] : []), ...scope.params.flatMap(bound)];
    case "ClassExpression":
      return scope.id ? [scope.id.name] : [];
    case "ForStatement":
      return scope.init ? declared(scope.init) : [];
    case "ForInStatement":
    case "ForOfStatement":
      return declared(scope.left);
    case "CatchClause":
      return scope.param ? bound(scope.param) : [];
    default:
      return [];
  }
}

function declared(node: Node): readonly string[] {
  switch (node.type) {
    case "VariableDeclaration":
      return node.declarations.flatMap(({ id }) => bound(id));
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return node.id ? [node.id.name] : [];
    case "ImportDeclaration":
      return node.specifiers.map(({ local }) => local.name);
    case "ExportNamedDeclaration":
    case "ExportDefaultDeclaration":
      return node.declaration ? declared(node.declaration) : [];
    default:
      return [];
  }
}

/** Names in a pattern: `{ a, b: [c] }` → a, c. */
function bound(pattern: Node): readonly string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((property) => bound(property.type === "Property" ? property.value : property));
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element ? bound(element) : []));
    case "AssignmentPattern":
      return bound(pattern.left);
    case "RestElement":
      return bound(pattern.argument);
    default:
      return [];
  }
}
