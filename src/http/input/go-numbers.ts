/** Go's strconv, as far as clients can tell. Each returns undefined for what Go refuses. */

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** strconv.ParseBool. */
export function parseBool(text: string): boolean | undefined {
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : undefined;
}

const BASES = [
  { base: 16, pattern: /^0[xX](?:_?[0-9a-fA-F])+$/, prefix: 2 },
  { base: 2, pattern: /^0[bB](?:_?[01])+$/, prefix: 2 },
  { base: 8, pattern: /^0[oO](?:_?[0-7])+$/, prefix: 2 },
  { base: 8, pattern: /^0(?:_?[0-7])+$/, prefix: 1 },
  { base: 10, pattern: /^(?:0|[1-9](?:_?[0-9])*)$/, prefix: 0 },
];

/** strconv.ParseInt in base 0; only what a JavaScript number holds exactly. */
export function parseInteger(text: string): number | undefined {
  const negative = text.startsWith("-");
  const digits = negative || text.startsWith("+") ? text.slice(1) : text;
  const form = BASES.find(({ pattern }) => pattern.test(digits));
  if (!form) return undefined;
  const value = Number.parseInt(digits.slice(form.prefix).replaceAll("_", ""), form.base);
  if (!Number.isSafeInteger(value)) return undefined;
  return negative && value !== 0 ? -value : value;
}

/** strconv.ParseInt in base 10: of JSON numbers and whole seconds. */
export function parseDecimal(text: string): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) return undefined;
  return value === 0 ? 0 : value;
}

/** strconv.ParseFloat without hexadecimal; infinities and NaN are no settings. */
export function parseFloat64(text: string): number | undefined {
  if (!/^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
