/** A number of a JSON body with its literal text: 1.0 and 1 differ where a client identifier is meant. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): number {
    return Number(this.text);
  }
}

/** JSON text with every number as `JsonNumber`; throws what JSON.parse throws, RangeError on too deep nesting too. */
export function parseJson(text: string): unknown {
  return JSON.parse(text, keepNumbers as (key: string, value: unknown) => unknown);
}

function keepNumbers(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value === "number") return new JsonNumber(context.source ?? String(value));
  // Half a surrogate pair cannot be encoded again; Go puts U+FFFD there.
  return typeof value === "string" ? value.toWellFormed() : value;
}
