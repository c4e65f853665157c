/** A JSON object from outside: no prototype, so no member name can reach one. */
export type JsonObject = { readonly [member: string]: unknown };

/** requirements.md section 3: deeper nesting is not OAuth. */
const MAX_DEPTH = 32;

/** T18: names that could reach a prototype when somebody copies members later. */
const DROPPED_MEMBERS: ReadonlySet<string> = new Set(["__proto__", "constructor"]);

/**
 * Reads a JSON object, whatever its content type said. Undefined for anything else: HTML, an array, deeper than 32.
 * Members named `__proto__` or `constructor` and numbers that are not finite are dropped; of a repeated name the last counts.
 */
export function parseJsonObject(text: string): JsonObject | undefined {
  const parsed = parse(text);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  if (isTooDeep(parsed)) return undefined;
  return cleaned(parsed) as JsonObject;
}

function parse(text: string): unknown {
  // What is not said at all is the most frequent, and an exception with its stack costs 10 µs.
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Level by level: recursion over foreign nesting could end the stack. */
function isTooDeep(root: object): boolean {
  let level: readonly object[] = [root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((value) => Object.values(value).filter(isObject));
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function cleaned(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (Array.isArray(value)) return value.map(cleaned);
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [name, member] of Object.entries(value)) {
    if (!DROPPED_MEMBERS.has(name)) copy[name] = cleaned(member);
  }
  return copy;
}

/** A string that says something; OA-01: an empty value counts as absent. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * A number of seconds as providers write it: a number, or digits in a string, with or without a fraction.
 * Undefined for everything else, negative numbers included.
 */
export function secondsOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,15}(?:\.\d{1,9})?$/.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : undefined;
}
