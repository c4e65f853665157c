import type { Operation } from "../../../src/access/policy/acl.ts";

/** One `path` of a policy, as it is written. */
export interface Written {
  readonly path: string;
  readonly capabilities: readonly string[];
}

/**
 * Vault's rules of matching (vault-http.md 6.3), said as slowly and as plainly as can be: every rule is tried on the path, all that
 * fit are put in order, and the first one decides. Parameters are not its business.
 */
export function mayByReference(rules: readonly Written[], operation: Operation, path: string): boolean {
  const united = unite(rules);
  const paths = operation === "list" && path.endsWith("/") ? [path, path.slice(0, -1)] : [path];
  for (const exact of paths) {
    const rule = united.find((one) => !isPattern(one.path) && one.path === exact);
    if (rule) return rule.capabilities.includes(operation);
  }
  const fitting = paths.flatMap((one) => candidates(united, one)).sort(better);
  if (paths.length === 1) return fitting[0]?.capabilities.includes(operation) ?? false;
  const deciding = fitting.find((rule) => rule.capabilities.includes("deny") || rule.capabilities.includes("list"));
  return (deciding ?? fitting[0])?.capabilities.includes(operation) ?? false;
}

/** The same path twice is one rule; a denial is all that is left of it. */
function unite(rules: readonly Written[]): readonly Written[] {
  const paths = [...new Set(rules.map((rule) => rule.path))];
  return paths.map((path) => {
    const all = rules.filter((rule) => rule.path === path).flatMap((rule) => rule.capabilities);
    return { path, capabilities: all.includes("deny") ? ["deny"] : all };
  });
}

function candidates(rules: readonly Written[], path: string): readonly Written[] {
  const fitting = rules.filter((rule) => isPattern(rule.path) && fits(rule.path, path));
  const prefixes = fitting.filter((rule) => !hasPlus(rule.path));
  const longest = Math.max(...prefixes.map((rule) => rule.path.length));
  return fitting.filter((rule) => hasPlus(rule.path) || rule.path.length === longest);
}

const hasPlus = (path: string) =>
  path.split("/").some((segment, at) => segment[0] === "+" && (at > 0 || segment === "+"));
const isPattern = (path: string) => hasPlus(path) || path.endsWith("*");

/** Segment by segment; the last one of a prefix need only begin so, and any may follow. */
function fits(pattern: string, path: string): boolean {
  if (!hasPlus(pattern)) return path.startsWith(pattern.slice(0, -1));
  const isPrefix = pattern.endsWith("*");
  const wanted = (isPrefix ? pattern.slice(0, -1) : pattern).split("/");
  const given = path.split("/");
  if (given.length < wanted.length || (!isPrefix && given.length > wanted.length)) return false;
  for (const [at, one] of wanted.entries()) {
    const isLast = at === wanted.length - 1;
    const same = one === "+" || one === given[at] || (isPrefix && isLast && given[at]?.startsWith(one));
    if (!same) return false;
  }
  return true;
}

function better(a: Written, b: Written): number {
  const [first, second] = [a, b].map(({ path }) => {
    const bare = path.endsWith("*") ? path.slice(0, -1) : path;
    return {
      wildcard: hasPlus(path) ? path.indexOf("+") : bare.length,
      prefix: path.endsWith("*") ? 1 : 0,
      plus: bare.split("/").filter((segment) => segment === "+").length,
      length: bare.length,
      bare,
    };
  });
  if (!first || !second) return 0;
  return (
    second.wildcard - first.wildcard ||
    first.prefix - second.prefix ||
    first.plus - second.plus ||
    second.length - first.length ||
    (first.bare > second.bare ? -1 : 1)
  );
}
