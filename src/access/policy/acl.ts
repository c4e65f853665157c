import { keepsTo, type Parameters } from "./parameters.ts";
import { CAPABILITIES, type Capability, type ParameterRules, type Rule } from "./policy.ts";

export type Operation = Exclude<Capability, "sudo">;

/** What somebody may do. Paths are those of the API behind `/v1/`, decoded; of a list they may end with a slash. */
export interface Acl {
  /** Whether the operation may be done at all; what is sent with it is judged by `permits`. `wrapTtl`: seconds that its answer is wrapped for, if it is. */
  reaches(operation: Operation, path: string, wrapTtl?: number): boolean;
  permits(operation: Operation, path: string, parameters: Parameters, wrapTtl?: number): boolean;
  hasSudo(operation: Operation, path: string, wrapTtl?: number): boolean;
  /** In alphabetical order; `["root"]` and `["deny"]` as in Vault. */
  capabilities(path: string): readonly string[];
  /** Something may be done below a prefix, which ends with a slash. */
  seesBelow(prefix: string): boolean;
}

/** What policies say, and which of their rules says it. */
export interface PolicyAcl extends Acl {
  /** The rule that decides, those of the same path taken together; undefined where none fits. */
  ruleFor(operation: Operation, path: string): Rule | undefined;
}

export const ROOT_ACL: Acl = {
  reaches: () => true,
  permits: () => true,
  hasSudo: () => true,
  capabilities: () => ["root"],
  seesBelow: () => true,
};

/**
 * Vault's matching (vault-http.md 6.3): an exact path beats all; among the others the one whose first wildcard comes later,
 * then one that is no prefix, then with fewer `+`, then the longer, then the lexicographically larger.
 */
export function createAcl(policies: readonly (readonly Rule[])[]): PolicyAcl {
  const table = new Rules(policies.flat());
  const grants = (capability: Capability, operation: Operation, path: string, wrapTtl = 0) => {
    const rule = table.find(operation, path);
    return rule?.capabilities.has(capability) === true && isWrappedAs(rule.wrapping, wrapTtl);
  };
  const reaches = (operation: Operation, path: string, wrapTtl = 0) => grants(operation, operation, path, wrapTtl);
  return {
    reaches,
    permits: (operation, path, parameters, wrapTtl = 0) => {
      if (!reaches(operation, path, wrapTtl)) return false;
      const rule = table.find(operation, path);
      // What a list or a deletion sends is not looked at.
      return operation === "list" || operation === "delete" || (rule !== undefined && keepsTo(rule, parameters));
    },
    hasSudo: (operation, path, wrapTtl = 0) => grants("sudo", operation, path, wrapTtl),
    capabilities: (path) => {
      const { deny = true, capabilities } = table.find("list", path) ?? {};
      const named = deny || !capabilities ? [] : CAPABILITIES.filter((one) => capabilities.has(one));
      return named.length > 0 ? named : ["deny"];
    },
    ruleFor: (operation, path) => table.find(operation, path),
    seesBelow: (prefix) => table.seesBelow(prefix),
  };
}

/** A path with a wildcard, ready to be compared. */
interface Pattern {
  readonly rule: Rule;
  /** Without the `*` at its end. */
  readonly path: string;
  readonly isPrefix: boolean;
  readonly segments: readonly string[];
  readonly firstWildcard: number;
  readonly wildcards: number;
}

class Rules {
  readonly #exact = new Map<string, Rule>();
  /** By the path without its `*`, and how long those are. */
  readonly #prefixes = new Map<string, Pattern>();
  readonly #lengths: readonly number[];
  /** With a `+`; the best first. */
  readonly #wild: readonly Pattern[];

  constructor(rules: readonly Rule[]) {
    const wild: Pattern[] = [];
    for (const [path, same] of Map.groupBy(rules, (rule) => rule.path)) {
      const rule = same.reduce(merged);
      const pattern = patternOf(rule);
      if (hasSegments(path)) wild.push(pattern);
      else if (pattern.isPrefix) this.#prefixes.set(pattern.path, pattern);
      else this.#exact.set(path, rule);
    }
    this.#wild = wild.toSorted(compare);
    const lengths = new Set([...this.#prefixes.keys()].map((path) => path.length));
    this.#lengths = [...lengths].toSorted((a, b) => b - a);
  }

  find(operation: Operation, given: string): Rule | undefined {
    const path = withoutSlashes(given);
    const bare = path.endsWith("/") ? path.slice(0, -1) : path;
    const lists = operation === "list";
    const exact = this.#exact.get(path) ?? (lists ? this.#exact.get(bare) : undefined);
    if (exact) return exact;
    return lists && bare !== path ? listRule(this.#all(bare), this.#all(path)) : this.#best(path)?.rule;
  }

  /** As Vault looks for access to a mount: what covers all of it decides, unless something below it is named. */
  seesBelow(prefix: string): boolean {
    if ((this.#best(prefix)?.rule.capabilities.size ?? 0) > 0) return true;
    const paths = [...this.#exact].map(([path, rule]) => ({ rule, path, isPrefix: false, segments: path.split("/") }));
    return [...paths, ...this.#prefixes.values(), ...this.#wild].some(
      (pattern) => pattern.rule.capabilities.size > 0 && isBelow(pattern, prefix),
    );
  }

  #best(path: string): Pattern | undefined {
    const prefix = this.#longest(path);
    const parts = this.#wild.length === 0 ? [] : path.split("/");
    const wild = this.#wild.find((pattern) => matches(pattern, parts));
    if (!prefix || !wild) return prefix ?? wild;
    return compare(prefix, wild) < 0 ? prefix : wild;
  }

  /** The longest prefix alone: a shorter one is not looked at, whatever it says. */
  #all(path: string): readonly Pattern[] {
    const prefix = this.#longest(path);
    const parts = path.split("/");
    return [...(prefix ? [prefix] : []), ...this.#wild.filter((pattern) => matches(pattern, parts))];
  }

  #longest(path: string): Pattern | undefined {
    for (const length of this.#lengths) {
      const found = length <= path.length ? this.#prefixes.get(path.slice(0, length)) : undefined;
      if (found) return found;
    }
    return undefined;
  }
}

/**
 * A list is of `a/b` and of `a/b/`: the best rule that grants it, unless a better one denies. So a denial of the one is not passed
 * by through the other.
 */
function listRule(bare: readonly Pattern[], slashed: readonly Pattern[]): Rule | undefined {
  const all = [...bare, ...slashed].toSorted(compare);
  const said = all.find(({ rule }) => rule.deny || rule.capabilities.has("list"));
  return (said ?? all[0])?.rule;
}

function withoutSlashes(path: string): string {
  let at = 0;
  while (path[at] === "/") at += 1;
  return path.slice(at);
}

/** Whether a `+` at the start of a segment makes it a pattern of segments, as Vault decides it. */
function hasSegments(path: string): boolean {
  return path === "+" || path.startsWith("+/") || path.includes("/+");
}

function patternOf(rule: Rule): Pattern {
  const isPrefix = rule.path.endsWith("*");
  const path = isPrefix ? rule.path.slice(0, -1) : rule.path;
  const segments = path.split("/");
  const firstWildcard = hasSegments(rule.path) ? path.indexOf("+") : path.length;
  return { rule, path, isPrefix, segments, firstWildcard, wildcards: segments.filter((one) => one === "+").length };
}

/** Negative where the first is the better one. */
function compare(a: Pattern, b: Pattern): number {
  if (a.firstWildcard !== b.firstWildcard) return b.firstWildcard - a.firstWildcard;
  if (a.isPrefix !== b.isPrefix) return a.isPrefix ? 1 : -1;
  if (a.wildcards !== b.wildcards) return a.wildcards - b.wildcards;
  if (a.path.length !== b.path.length) return b.path.length - a.path.length;
  if (a.path === b.path) return 0;
  return a.path > b.path ? -1 : 1;
}

function matches({ segments, isPrefix }: Pick<Pattern, "segments" | "isPrefix">, parts: readonly string[]): boolean {
  if (isPrefix ? parts.length < segments.length : parts.length !== segments.length) return false;
  return segments.every((segment, at) => {
    const part = parts[at] ?? "";
    return segment === "+" || segment === part || (isPrefix && at === segments.length - 1 && part.startsWith(segment));
  });
}

/** Whether a pattern names something that begins with a prefix, and not the whole of it. */
function isBelow(pattern: Pick<Pattern, "path" | "segments" | "isPrefix">, prefix: string): boolean {
  const { path, segments, isPrefix } = pattern;
  if (path.startsWith(prefix)) return path !== prefix || !isPrefix;
  if (isPrefix && matches(pattern, prefix.split("/"))) return false;
  const wanted = prefix.slice(0, -1).split("/");
  return segments.length > wanted.length && wanted.every((part, at) => segments[at] === "+" || segments[at] === part);
}

/** The same path in two places: what may be done adds up, a denial stands alone, and so do rules about parameters (as in Vault). */
function merged(first: Rule, second: Rule): Rule {
  if (first.deny) return first;
  if (second.deny) return second;
  return {
    path: first.path,
    deny: false,
    capabilities: new Set([...first.capabilities, ...second.capabilities]),
    allowed: mergedRules(first.allowed, second.allowed),
    denied: mergedRules(first.denied, second.denied),
    required: [...new Set([...first.required, ...second.required])],
    wrapping: shorter(first.wrapping, second.wrapping),
  };
}

/** As in Vault: of two limits on the same side the lesser one. */
function shorter(first: Rule["wrapping"], second: Rule["wrapping"]): Rule["wrapping"] {
  if (!first || !second) return first ?? second;
  const lesser = (a: number, b: number) => (a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b));
  return { least: lesser(first.least, second.least), most: lesser(first.most, second.most) };
}

function isWrappedAs(rule: Rule["wrapping"], ttl: number): boolean {
  return !rule || (ttl > 0 && ttl >= rule.least && (rule.most === 0 || ttl <= rule.most));
}

/** An empty list, which is any value, stays one. */
function mergedRules(first: ParameterRules, second: ParameterRules): ParameterRules {
  const rules = new Map(first);
  for (const [name, values] of second) {
    const before = first.get(name);
    const isAny = values.length === 0 || before?.length === 0;
    rules.set(name, isAny ? [] : [...values, ...(before ?? [])]);
  }
  return rules;
}
