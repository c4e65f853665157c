import { parseRfc3339, type VaultType } from "../../api/index.ts";
import { parseDurationSeconds } from "./duration.ts";
import { parseBool, parseDecimal, parseFloat64, parseInteger } from "./go-numbers.ts";
import { InputRefusal } from "./input-refusal.ts";
import { JsonNumber } from "./json-number.ts";
import { isObject, toPairs } from "./pairs.ts";
import { scalarText } from "./scalar.ts";

/** What a field type needs besides the value. */
export interface CoercionOptions {
  /** KVPairs: an object or list as a value counts as its JSON text. */
  readonly jsonValues?: boolean;
}

type Coercion = (value: unknown, options: CoercionOptions) => unknown;

/** The table of vault-http.md 1.5. Undefined = as if it had not been sent; refusals throw `Refused`. */
const COERCIONS: Readonly<Record<VaultType, Coercion>> = {
  String: toText,
  LowerCaseString: (value) => toText(value).toLowerCase(),
  Int: toInteger,
  Float: toFloat,
  Bool: toBool,
  DurationSecond: toSeconds,
  Time: toTime,
  StringSlice: toList,
  CommaStringSlice: (value) => (typeof value === "string" ? splitCommas(value) : toList(value)),
  KVPairs: (value, { jsonValues = false }) => (value === null ? {} : toPairs(value, jsonValues)),
  Map: toMap,
};

/**
 * Reads one loosely typed value (JSON with `JsonNumber`, or strings and lists of a query or form) as its field type.
 * Throws `Refused`.
 */
export function coerce(type: VaultType, value: unknown, options: CoercionOptions = {}): unknown {
  return COERCIONS[type](value, options);
}

function toText(value: unknown): string {
  const text = scalarText(value);
  if (text === undefined) throw new InputRefusal(`expected a string, got ${kindOf(value)}`);
  return text;
}

function toInteger(value: unknown): number | undefined {
  if (value === null) return undefined;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === "") return 0;
  const parsed =
    value instanceof JsonNumber
      ? parseDecimal(value.text)
      : typeof value === "string"
        ? parseInteger(value)
        : undefined;
  if (parsed === undefined) throw new InputRefusal(`expected an integer, got ${kindOf(value)}`);
  return parsed;
}

function toFloat(value: unknown): number | undefined {
  if (value === null) return undefined;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === "") return 0;
  const text = typeof value === "object" && !(value instanceof JsonNumber) ? undefined : scalarText(value);
  const parsed = text === undefined ? undefined : parseFloat64(text);
  if (parsed === undefined) throw new InputRefusal(`expected a number, got ${kindOf(value)}`);
  return parsed;
}

function toBool(value: unknown): boolean | undefined {
  if (value === null) return undefined;
  if (typeof value === "boolean") return value;
  if (value === "") return false;
  const text = scalarText(value);
  const parsed = text === undefined ? undefined : parseBool(text);
  if (parsed === undefined) throw new InputRefusal(`expected a boolean, got ${kindOf(value)}`);
  return parsed;
}

function toSeconds(value: unknown): number | undefined {
  if (value === null) return undefined;
  const seconds =
    value instanceof JsonNumber
      ? parseDurationSeconds(integerText(value))
      : typeof value === "string"
        ? parseDurationSeconds(value)
        : undefined;
  if (seconds === undefined) throw new InputRefusal(`expected a duration, got ${kindOf(value)}`);
  if (seconds < 0) throw new InputRefusal(`cannot provide negative value '${seconds}'`);
  return seconds;
}

function integerText(value: JsonNumber): string {
  if (parseDecimal(value.text) === undefined) throw new InputRefusal("expected a duration, got a fraction");
  return value.text;
}

/** Epoch milliseconds. */
function toTime(value: unknown): number | undefined {
  if (value === null) return undefined;
  const text = value instanceof JsonNumber || typeof value === "string" ? scalarText(value) : undefined;
  const seconds = text === undefined ? undefined : parseDecimal(text);
  if (seconds !== undefined) return seconds * 1000;
  const time = text === undefined ? undefined : parseRfc3339(text);
  if (time === undefined) throw new InputRefusal(`expected an RFC 3339 time or epoch seconds, got ${kindOf(value)}`);
  return time;
}

function splitCommas(text: string): readonly string[] {
  return text === "" ? [] : text.split(",").map((part) => part.trim());
}

function toList(value: unknown): readonly string[] {
  if (value === null || value === "") return [];
  const items = Array.isArray(value) ? value : [value];
  return items.map((item) => {
    const text = scalarText(item);
    if (text === undefined) throw new InputRefusal(`expected a list of strings, got ${kindOf(item)}`);
    return text.trim();
  });
}

function toMap(value: unknown): Readonly<Record<string, unknown>> {
  if (value === null) return {};
  const items = Array.isArray(value) ? value : [value];
  if (!items.every(isObject)) throw new InputRefusal(`expected a map, got ${kindOf(value)}`);
  return Object.fromEntries(items.flatMap((item) => Object.entries(item)));
}

/** Names the kind, never the value: it may be a secret in the wrong field. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof JsonNumber) return "a number";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : `a ${typeof value}`;
}
