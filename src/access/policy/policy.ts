import { durationIn } from "./duration.ts";
import { type Block, type Item, isBlock, isList, parseDocument, type Value } from "./parse.ts";
import { PolicyProblem, problemAt } from "./scan.ts";

import { checkTemplate } from "./template.ts";

export { PolicyProblem } from "./scan.ts";

export const CAPABILITIES = ["create", "delete", "list", "patch", "read", "sudo", "update"] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Values by names in lower case; an empty list means any value. */
export type ParameterRules = ReadonlyMap<string, readonly Value[]>;

/** What one `path` of a policy says; of several that name the same path see `merged`. */
export interface Rule {
  /** As written, without a slash at its start. */
  readonly path: string;
  readonly deny: boolean;
  readonly capabilities: ReadonlySet<Capability>;
  readonly allowed: ParameterRules;
  readonly denied: ParameterRules;
  readonly required: readonly string[];
  /** The answer is to be wrapped, for so long. */
  readonly wrapping: WrappingRule | undefined;
}

/** Seconds; 0 = no limit on that side. */
interface WrappingRule {
  readonly least: number;
  readonly most: number;
}

/**
 * A policy in Vault's language, HCL or JSON (developer.hashicorp.com/vault/docs/concepts/policies). Throws `PolicyProblem` for
 * whatever it does not know: a rule that is not understood must not be taken for none.
 */
export function parsePolicy(text: string): readonly Rule[] {
  const { items } = parseDocument(text);
  return items.flatMap((item) => {
    const key = item.key.toLowerCase();
    if (key === "path") return pathsOf(item).map(([path, block]) => ruleOf(path, block, item.line));
    if (key !== "name") throw problemAt(item.line, `invalid key "${shown(item.key)}"`);
    if (typeof item.value !== "string" || item.labels.length > 0) throw problemAt(item.line, "name must be a string");
    return [];
  });
}

/** `path "P" { … }`, and in JSON `"path": { "P": { … } }` or a list of those. */
function pathsOf({ labels, value, line }: Item): readonly (readonly [string, Block])[] {
  const [path, ...more] = labels;
  if (path !== undefined && more.length === 0 && isBlock(value)) return [[path, value]];
  const wrong = problemAt(line, 'a rule is written: path "PATH" { … }');
  const blocks: readonly Value[] = isList(value) ? value : [value];
  return blocks.flatMap((block) => {
    if (!isBlock(block) || labels.length > 0) throw wrong;
    return block.items.map((item) => {
      if (item.labels.length > 0 || !isBlock(item.value)) throw wrong;
      return [item.key, item.value] as const;
    });
  });
}

const OLD: Readonly<Record<string, readonly string[]>> = {
  deny: ["deny"],
  read: ["read", "list"],
  write: ["create", "read", "update", "delete", "list"],
  sudo: ["create", "read", "update", "delete", "list", "sudo"],
};

/** Of a block each key may be there once. */
type Fields = ReadonlyMap<string, Value>;

const FIELDS: ReadonlySet<string> = new Set([
  ...["comment", "policy", "capabilities", "allowed_parameters", "denied_parameters", "required_parameters"],
  ...["min_wrapping_ttl", "max_wrapping_ttl"],
]);

function ruleOf(given: string, block: Block, line: number): Rule {
  const path = given.startsWith("/") ? given.slice(1) : given;
  const about = (text: string) => new PolicyProblem(`path "${shown(given)}": ${text}`);
  if (path.includes("+*")) throw about('"+*" is forbidden: a + is a whole segment');
  try {
    checkTemplate(path);
    const fields = fieldsOf(block);
    const named = capabilitiesOf(fields);
    const deny = named.includes("deny");
    const wrapping = wrappingOf(fields);
    return {
      ...{ path, deny, wrapping },
      capabilities: new Set(deny ? [] : CAPABILITIES.filter((one) => named.includes(one))),
      allowed: parametersOf(fields, "allowed_parameters"),
      denied: parametersOf(fields, "denied_parameters"),
      required: strings(fields, "required_parameters").map((name) => name.toLowerCase()),
    };
  } catch (error) {
    throw error instanceof PolicyProblem ? about(error.message) : problemAt(line, "it cannot be read");
  }
}

function fieldsOf({ items }: Block): Fields {
  const fields = new Map<string, Value>();
  for (const { key: given, labels, value, line } of items) {
    const key = given.toLowerCase();
    if (!FIELDS.has(key) || labels.length > 0) throw problemAt(line, `invalid key "${shown(given)}"`);
    if (fields.has(key)) throw problemAt(line, `"${key}" is there twice`);
    fields.set(key, value);
  }
  return fields;
}

/** `scan` is OpenBao's, of what is not offered here. */
const KNOWN: ReadonlySet<string> = new Set([...CAPABILITIES, "deny", "scan", "subscribe"]);

function capabilitiesOf(fields: Fields): readonly string[] {
  const old = fields.get("policy");
  const before = old === undefined ? [] : typeof old === "string" && Object.hasOwn(OLD, old) ? OLD[old] : undefined;
  if (!before) throw new PolicyProblem(`invalid policy ${shown(JSON.stringify(old))}`);
  const named = strings(fields, "capabilities");
  const unknown = named.find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw new PolicyProblem(`invalid capability "${shown(unknown)}"`);
  return [...before, ...named];
}

function strings(fields: Fields, name: string): readonly string[] {
  const value = fields.get(name) ?? [];
  if (!isList(value)) throw new PolicyProblem(`${name} must be a list of strings`);
  return value.map((one) => {
    if (typeof one !== "string") throw new PolicyProblem(`${name} must be a list of strings`);
    return one;
  });
}

function parametersOf(fields: Fields, name: string): ParameterRules {
  const rules = new Map<string, readonly Value[]>();
  const given = fields.get(name);
  if (given === undefined) return rules;
  const wrong = new PolicyProblem(`${name} must have a list of values for each parameter`);
  if (!isBlock(given)) throw wrong;
  for (const { key, labels, value } of given.items) {
    if (!isList(value) || labels.length > 0) throw wrong;
    const parameter = key.toLowerCase();
    if (rules.has(parameter)) throw new PolicyProblem(`${name} has "${shown(parameter)}" twice`);
    rules.set(parameter, value);
  }
  return rules;
}

function wrappingOf(fields: Fields): Rule["wrapping"] {
  const [least = 0, most = 0] = ["min_wrapping_ttl", "max_wrapping_ttl"].map((name) =>
    secondsOf(name, fields.get(name) ?? 0),
  );
  if (least && most && most < least) {
    throw new PolicyProblem("max_wrapping_ttl cannot be less than min_wrapping_ttl");
  }
  return least > 0 || most > 0 ? { least, most } : undefined;
}

function secondsOf(name: string, value: Value): number {
  const seconds = durationIn(String(value));
  if (seconds === undefined) throw new PolicyProblem(`${name} must be a duration such as "5m"`);
  return seconds;
}

/** Of what was written, for a message. */
function shown(text: string): string {
  return text.slice(0, 128).toWellFormed();
}
