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

/** A value of JSON with each number in it as it is to be read. */
export function readNumbers(value: unknown, read: (number: JsonNumber) => unknown): unknown {
  if (value instanceof JsonNumber) return read(value);
  if (Array.isArray(value)) return value.map((one) => readNumbers(one, read));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, readNumbers(one, read)]));
}
