import { Seconds } from "../../access/policy/parameters.ts";
import type { VaultType } from "../../api/index.ts";
import { coerce } from "./coerce.ts";
import { InputRefusal } from "./input-refusal.ts";
import { readNumbers } from "./json-number.ts";

/** A schema of fields (api/field.ts), or none. */
export type FieldsSchema = { readonly properties?: Readonly<Record<string, { readonly "x-vault-type"?: VaultType }>> };

/** Written in several ways that mean the same. */
const SCALARS: ReadonlySet<VaultType> = new Set(["Bool", "Int"]);
const LISTS: ReadonlySet<VaultType> = new Set(["CommaStringSlice", "StringSlice"]);

/**
 * What policies judge of parameters: what their fields will read, so that nothing is judged as one text and read as two, or judged
 * as a text and read as a boolean. What is read as if it were not sent is left out; what no field can read stays as it is.
 */
export function sentAs(
  sent: readonly (readonly [string, unknown])[],
  schema: FieldsSchema | undefined,
): Readonly<Record<string, unknown>> {
  const fields = schema?.properties ?? {};
  const read = sent.map(([name, value]) => {
    const type = Object.hasOwn(fields, name) ? fields[name]?.["x-vault-type"] : undefined;
    return [name, readAs(type, value)] as const;
  });
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

function readAs(type: VaultType | undefined, value: unknown): unknown {
  try {
    if (type && SCALARS.has(type)) return coerce(type, value);
    if (type === "DurationSecond") return secondsIn(value);
    if (!type || !LISTS.has(type)) return plain(value);
    return (coerce(type, value) as readonly string[]).filter((one) => one !== "");
  } catch (error) {
    if (error instanceof InputRefusal) return plain(value);
    throw error;
  }
}

/** What no duration is stays as it is. */
function secondsIn(value: unknown): unknown {
  const seconds = coerce("DurationSecond", value);
  return typeof seconds === "number" ? new Seconds(String(plain(value)), seconds) : plain(value);
}

/** A number as its text. */
function plain(value: unknown): unknown {
  return readNumbers(value, ({ text }) => text);
}
