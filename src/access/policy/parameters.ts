import { durationIn } from "./duration.ts";
import { isBlock, type Value } from "./parse.ts";
import type { ParameterRules, Rule } from "./policy.ts";

/** What a request sends, as it was sent: scalars (a number may be its text), lists and maps of JSON. */
export type Parameters = Readonly<Record<string, unknown>>;

/** A duration that is sent, as it was written; policies may write the same one in another way. */
export class Seconds {
  readonly text: string;
  readonly seconds: number;

  constructor(text: string, seconds: number) {
    this.text = text;
    this.seconds = seconds;
  }
}

type Limits = Pick<Rule, "allowed" | "denied" | "required">;

/**
 * Whether what is sent keeps to what a rule says of parameters. As in Vault: what is required must be there; then, if anything
 * was sent, `denied` goes before `allowed`, and without an `allowed` everything is. A list (or a text with commas, which may be
 * read as one) is allowed as a whole or where each of its members is, and denied where one is. One that is empty is sent, since it may
 * take something away, and is nothing that was required (ST-58).
 */
export function keepsTo({ required, denied, allowed }: Limits, parameters: Parameters): boolean {
  const all = Object.entries(parameters).map(([name, value]) => [name, sentAs(name.toLowerCase(), value)] as const);
  const given = all.filter(([, value]) => value !== NOTHING);
  const full = given.filter(([, value]) => !(Array.isArray(value) && value.length === 0));
  if (required.some((name) => !full.some(([one]) => one === name || one === OTHER_NAMES.get(name)))) return false;
  const sent = given.map(([name, value]) => [name.toLowerCase(), value] as const);
  if (sent.length === 0) return true;
  if (denied.has("*") || sent.some(([name, value]) => isDenied(denied, name, value))) return false;
  if (allowed.size === 0) return true;
  return sent.every(([name, value]) => isAllowed(allowed, name, value));
}

/** Two names of one parameter: what is said of the one holds for the other. Also of policies and roles, whose older names are still read (ST-121). */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map(
  [
    ["audience", "audiences"],
    ["resource", "resources"],
    ["policy", "rules"],
    ["policies", "token_policies"],
    ["ttl", "token_ttl"],
    ["max_ttl", "token_max_ttl"],
    ["period", "token_period"],
    ["num_uses", "token_num_uses"],
    ["bound_cidrs", "token_bound_cidrs"],
    ["explicit_max_ttl", "token_explicit_max_ttl"],
  ].flatMap(([one = "", other = ""]): [string, string][] => [
    [one, other],
    [other, one],
  ]),
);

/** Names of policies are kept in lower case, and so compared. */
const NAMES_OF_POLICIES: ReadonlySet<string> = new Set([
  ...["policies", "token_policies", "allowed_policies", "allowed_policies_glob"],
  ...["disallowed_policies", "disallowed_policies_glob"],
]);

/** Of a parameter that says no more than one that was not sent. */
const NOTHING = Symbol("nothing");

/** Each scope counts by itself, however they are put together: a pattern must not match two at once. */
function sentAs(name: string, given: unknown): unknown {
  if (name === "scopes") return scopesIn(given);
  if (!NAMES_OF_POLICIES.has(name)) return given;
  const lower = (one: unknown) => (typeof one === "string" ? one.toLowerCase() : one);
  return Array.isArray(given) ? given.map(lower) : lower(given);
}

function scopesIn(given: unknown): unknown {
  const parts: readonly unknown[] = Array.isArray(given) ? given : [given];
  const scopes = parts.flatMap((one) => (typeof one === "string" ? one.split(/[\s,]+/) : [one]));
  const named = scopes.filter((one) => one !== "" && one !== null);
  return named.length === 0 ? NOTHING : named;
}

function isDenied(rules: ParameterRules, name: string, value: unknown): boolean {
  return [name, OTHER_NAMES.get(name) ?? name].some((one) => {
    const values = rules.get(one);
    if (!values) return false;
    return values.length === 0 || [value, ...membersOf(value)].some((member) => isAmong(member, values));
  });
}

function isAllowed(rules: ParameterRules, name: string, value: unknown): boolean {
  const values = rules.get(name) ?? rules.get(OTHER_NAMES.get(name) ?? name);
  if (!values) return rules.has("*");
  if (values.length === 0 || isAmong(value, values)) return true;
  const members = membersOf(value);
  const isList = Array.isArray(value) || typeof value === "string";
  return isList && members.length > 0 && members.every((one) => isAmong(one, values));
}

/** Of a list, or of what may be read as one. */
function membersOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== "string") return [];
  const members = value.split(",").map((one) => one.trim());
  return value.trim() === "" ? [] : members;
}

function isAmong(value: unknown, values: readonly Value[]): boolean {
  if (value instanceof Seconds) return values.some((one) => isAsLong(one, value));
  return values.some((one) => (typeof one === "string" ? isLike(one, value) : isSame(one, value)));
}

function isAsLong(rule: Value, { text, seconds }: Seconds): boolean {
  if (typeof rule === "number") return rule === seconds;
  return typeof rule === "string" && (matchesGlob(rule, text) || durationIn(rule) === seconds);
}

/** A number or a boolean that is sent is its text as well: it will be read so where a text is wanted. */
function isLike(pattern: string, value: unknown): boolean {
  if (typeof value === "string") return matchesGlob(pattern, value);
  const isScalar = typeof value === "boolean" || typeof value === "number";
  return isScalar && matchesGlob(pattern, String(value));
}

/** A `*` at one end or both; in the middle it is a character like others. */
function matchesGlob(pattern: string, text: string): boolean {
  if (pattern.length < 2) return text === pattern;
  const [open, closed] = [pattern.startsWith("*"), pattern.endsWith("*")];
  const inner = pattern.slice(open ? 1 : 0, closed ? -1 : undefined);
  if (open && closed) return text.includes(inner);
  if (open) return text.endsWith(inner);
  return closed ? text.startsWith(inner) : text === pattern;
}

function isSame(rule: Value, value: unknown): boolean {
  if (Array.isArray(rule)) {
    return Array.isArray(value) && value.length === rule.length && rule.every((one, at) => isSame(one, value[at]));
  }
  if (rule !== null && typeof rule === "object" && isBlock(rule)) return isSameMap(rule.items, value);
  // A text of digits is read as a number where one is wanted.
  if (typeof rule === "number") return value === rule || (typeof value === "string" && Number(value) === rule);
  return rule === value;
}

function isSameMap(items: readonly { readonly key: string; readonly value: Value }[], value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const given = value as Readonly<Record<string, unknown>>;
  if (Object.keys(given).length !== new Set(items.map(({ key }) => key)).size) return false;
  return items.every(({ key, value: one }) => Object.hasOwn(given, key) && isSame(one, given[key]));
}
