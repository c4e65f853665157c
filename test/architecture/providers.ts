import type { Node } from "oxc-parser";
import { providerIds } from "../../src/providers/index.ts";
import { at, type Source } from "./sources.ts";
import { keyOf, textOf } from "./uses.ts";

/** What a provider does differently is a field of its data. Elsewhere its id is a branch, or soon will be. */
const WHY = "a branch on a provider is a missing field in providers/provider.ts";

/**
 * What a grant or a provider has because of how its server is found. Whether it is there at all says nothing of how a server
 * behaves: the next provider that is found so behaves otherwise.
 */
const FOUND_BY_NAME: ReadonlySet<string> = new Set(["binding", "apiServer"]);

/** Matrix's own error codes, which no other provider has. */
const OWN_CODE = /^M_[A-Z_]+$/;

/** A shorter id or beginning of one says too little; a comparison with `x` is found by test/providers/index.test.ts. */
const SHORTEST = 3;

const IDS = providerIds().filter((id) => id.length >= SHORTEST);

/** OAuth's own words that an id begins with. */
const WORDS: ReadonlySet<string> = new Set(["code"]);

interface Exception {
  /** File, or folder with a slash at its end. */
  readonly path: string;
  /** All ids when there is none. */
  readonly id?: string;
  readonly why: string;
}

const EXCEPTIONS: readonly Exception[] = [
  { path: "src/providers/", why: "the data themselves" },
  { path: "src/broker/server/", id: "binding", why: "a grant that is bound goes on where it was made" },
  { path: "src/broker/server/", id: "apiServer", why: "how a server is found is this room's subject" },
  { path: "src/broker/attempt/whose-login.ts", id: "binding", why: "the API's URL begins where the grant is bound" },
  { path: "src/broker/auth/", id: "oidc", why: "a method of logging in, and a kind of its roles, are called so" },
  { path: "src/broker/proxy/mcp/", id: "mcp", why: "the protocol, which a provider is named after" },
  { path: "src/broker/proxy/mcp/endpoint.ts", id: "binding", why: "requests go where the grant is bound" },
  { path: "src/credential/transitions.ts", id: "binding", why: "what is pinned is replaced where it is" },
  { path: "src/dev/", why: "servers that behave as one provider does" },
  { path: "src/web/keep-step.ts", id: "matrix", why: "the walk's login is written as a server of that provider" },
  { path: "src/cli/sign-in/homeserver.ts", id: "matrix", why: "it writes a server of that provider" },
  {
    path: "src/import/",
    why: "it makes servers of what other programs have; which provider is at a host is its subject",
  },
  { path: "src/cli/commands/operators/operator.ts", id: "oidc", why: "the method of people is called so" },
  { path: "src/cli/commands/operators/server.ts", id: "oauth2", why: "the mount's name" },
  { path: "src/cli/", id: "mcp", why: "a command's name, and servers of that provider which it writes" },
  { path: "src/cli/helpers/git-hosts.ts", why: "programs that serve git, and the user name that each wants" },
  { path: "src/cli/helpers/", id: "google", why: "Google's libraries are a program that asks for tokens" },
  { path: "src/cli/helpers/git.ts", id: "oauth2", why: "the user name that git servers take with a token" },
  { path: "src/cli/setup/netrc.ts", id: "oauth2", why: "the same name" },
  { path: "src/http/face/sign-in-buttons.ts", id: "oidc", why: "the method of people is called so" },
  {
    path: "src/http/face/mcp/",
    id: "mcp",
    why: "a screen of servers of that protocol, which the provider is named after",
  },
  { path: "src/messages/face/mcp/", id: "mcp", why: "what that screen is called" },
  { path: "src/client/operator.ts", id: "oauth2", why: "the mount's name" },
  { path: "src/mount-names.ts", id: "oauth2", why: "the mount's name" },
  { path: "src/cli/setup/targets.ts", id: "google", why: "as above" },
];

/** Methods that judge a text by a part of it. */
const JUDGES: ReadonlySet<string> = new Set(["startsWith", "endsWith", "includes", "indexOf", "has", "get", "search"]);

export function providerBranches(source: Source): readonly string[] {
  return found(source).flatMap(({ node, id }) =>
    EXCEPTIONS.some((exception) => isMeant(exception, source.path, id)) ? [] : [`${at(source, node)} ${id}: ${WHY}`],
  );
}

/** Exceptions that nothing needs. */
export function idleExceptions(sources: readonly Source[]): readonly string[] {
  const all = sources.flatMap((source) => found(source).map(({ id }) => ({ id, path: source.path })));
  const idle = EXCEPTIONS.filter((exception) => !all.some(({ id, path }) => isMeant(exception, path, id)));
  return idle.map(({ path }) => `${path} has no provider's id: its row can go`);
}

function isMeant({ path, id }: Exception, file: string, found: string): boolean {
  return (file === path || (path.endsWith("/") && file.startsWith(path))) && (id ?? found) === found;
}

function found({ nodes }: Source): readonly { readonly node: Node; readonly id: string }[] {
  return nodes.flatMap((node) => {
    const id = IDS.find((one) => names(node, one)) ?? OWN_CODE.exec(said(node) ?? "")?.[0] ?? presence(node);
    return id === undefined || node.parent?.type === "TSLiteralType" ? [] : [{ node, id }];
  });
}

function names(node: Node, id: string): boolean {
  if (node.type === "Literal" && "regex" in node) return new RegExp(`\\b${id}\\b`, "i").test(node.regex.pattern);
  const text = said(node)?.toLowerCase();
  if (text === undefined || text === id) return text === id;
  return isJudging(node) && (text.startsWith(id) || isBeginning(text, id));
}

function isBeginning(text: string, id: string): boolean {
  return text.length >= SHORTEST && id.startsWith(text) && !WORDS.has(text);
}

function said(node: Node): string | undefined {
  return isName(node) ? node.name : textOf(node);
}

/** `{ github: … }`, `table.github`. */
function isName(node: Node): node is Extract<Node, { type: "Identifier" }> {
  if (node.type !== "Identifier" || !node.parent) return false;
  const { parent } = node;
  if (parent.type === "MemberExpression") return parent.property === node && !parent.computed;
  return parent.type === "Property" && parent.key === node && !parent.computed && !parent.shorthand;
}

/** `x === "git"`, `case "git"`, `x.startsWith("git")`. */
function isJudging(node: Node): boolean {
  const { parent } = node;
  if (parent?.type === "BinaryExpression") return /^[!=]==?$/.test(parent.operator);
  if (parent?.type === "SwitchCase") return parent.test === node;
  if (parent?.type !== "CallExpression" || parent.callee.type !== "MemberExpression") return false;
  const { property } = parent.callee;
  return property.type === "Identifier" && JUDGES.has(property.name);
}

/** `if (x.binding)`, `!binding`, `apiServer !== undefined`, `binding ? a : b`, `"binding" in x`; a copy of it is none. */
function presence(node: Node): string | undefined {
  const name = nameOf(node);
  if (name === undefined || !FOUND_BY_NAME.has(name)) return undefined;
  let whole = node;
  while (whole.parent && /^(ChainExpression|TS(NonNull|As|Satisfies)Expression)$/.test(whole.parent.type))
    whole = whole.parent;
  return isTested(whole) && !isCopied(whole, name) ? name : undefined;
}

function nameOf(node: Node): string | undefined {
  if (node.type === "MemberExpression") return keyOf(node.property, node.computed);
  if (node.parent?.type === "MemberExpression" && node.parent.property === node) return undefined;
  return node.type === "Identifier" ? node.name : textOf(node);
}

function isTested(node: Node): boolean {
  const { parent } = node;
  switch (parent?.type) {
    case "IfStatement":
    case "ConditionalExpression":
      return parent.test === node;
    case "UnaryExpression":
      return parent.operator === "!";
    case "LogicalExpression":
      return parent.operator !== "??";
    case "BinaryExpression":
      return parent.operator === "in"
        ? parent.left === node
        : node.type !== "Literal" && isNothing(other(parent, node));
    case "CallExpression":
      return parent.callee.type === "Identifier" && parent.callee.name === "Boolean";
    default:
      return false;
  }
}

function other({ left, right }: { readonly left: Node; readonly right: Node }, node: Node): Node {
  return left === node ? right : left;
}

function isNothing(node: Node): boolean {
  return (node.type === "Identifier" && node.name === "undefined") || (node.type === "Literal" && node.value === null);
}

/** `x && { x }`, `x && y ? { x, y } : {}`. */
function isCopied(node: Node, name: string): boolean {
  const { parent } = node;
  if (parent?.type === "LogicalExpression" && parent.parent?.type === "ConditionalExpression")
    return parent.parent.test === parent && isCopyOf(parent.parent.consequent, name);
  if (parent?.type === "ConditionalExpression") return isCopyOf(parent.consequent, name);
  return parent?.type === "LogicalExpression" && parent.operator === "&&" && isCopyOf(parent.right, name);
}

function isCopyOf(node: Node, name: string): boolean {
  if (node.type !== "ObjectExpression") return false;
  const keys = node.properties.map((one) => (one.type === "Property" ? keyOf(one.key, one.computed) : undefined));
  return keys.includes(name) && node.properties.every((one) => one.type === "Property" && isSame(one.value, one.key));
}

/** `{ x }`, `{ x: y.x }`. */
function isSame(value: Node, key: Node): boolean {
  return nameOf(value) === keyOf(key, false) || (value.type === "Identifier" && value.name === keyOf(key, false));
}
