import { InputRefusal } from "./input-refusal.ts";
import { JsonNumber } from "./json-number.ts";
import { scalarText } from "./scalar.ts";

/** What of a refused pair is repeated to the caller: enough to find it, no whole document. */
const SHOWN = 40;

/**
 * KVPairs of vault-http.md 1.5: object of scalars, `"k=v"`, list of those, list of objects. Later keys win.
 * With `jsonValues` an object or list as a value counts as its JSON text (decisions.md).
 */
export function toPairs(value: unknown, jsonValues: boolean): Readonly<Record<string, string>> {
  const items = Array.isArray(value) ? value : [value];
  return Object.fromEntries(items.flatMap((item) => entries(item, jsonValues)));
}

function entries(item: unknown, jsonValues: boolean): [string, string][] {
  if (typeof item === "string") return [splitPair(item)];
  if (!isObject(item)) throw new InputRefusal("expected a map or key=value pairs");
  return Object.entries(item).map(([key, value]) => [key, pairValue(key, value, jsonValues)]);
}

function splitPair(text: string): [string, string] {
  const at = text.indexOf("=");
  // A JSON text may hold "=" somewhere, but it is not a pair; nor is it repeated, it may hold a secret.
  if (/^\s*[{[]/.test(text)) throw new InputRefusal("invalid key pair: JSON text in a string");
  if (at < 1) throw new InputRefusal(`invalid key pair "${cut(text)}"`);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function pairValue(key: string, value: unknown, jsonValues: boolean): string {
  const text = scalarText(value);
  if (text !== undefined) return text;
  if (jsonValues) return JSON.stringify(value);
  throw new InputRefusal(`value of "${cut(key)}" must be a string`);
}

/** A JSON object, not a list, a number literal or null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN).toWellFormed()}…` : text;
}
