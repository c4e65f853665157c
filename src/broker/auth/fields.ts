import type { Field, Fields, FieldType, Sent, Values } from "../auth.ts";

/** Builders of the tables by which a method says what it is told: names are Vault's, and so are types. */
const field =
  <T>(type: FieldType, usual: T) =>
  (about: string, fallback: T = usual): Field<T> => ({ type, about, fallback });

const none: readonly string[] = [];
const empty: Readonly<Record<string, unknown>> = {};
const noPairs: Readonly<Record<string, string>> = {};

export const text = field("String", "");
export const lower = field("LowerCaseString", "");
export const bool = field("Bool", false);
export const integer = field("Int", 0);
export const seconds = field("DurationSecond", 0);
export const list = field("CommaStringSlice", none);
/** A list whose members may hold commas. */
export const slice = field("StringSlice", none);

export const pairs = field("KVPairs", noPairs);
export const map = field("Map", empty);

/** A text that no answer holds. `goesTo`: see `Field`. */
export function secret(about: string, goesTo?: string): Field<string> {
  return { ...text(about), isSecret: true, ...(goesTo !== undefined && { goesTo }) };
}

/** All values of a table; what is not given is as usual. */
export function valuesOf<F extends Fields>(fields: F, given: Sent): Values<F> {
  const all: unknown[][] = Object.entries(fields).map(([name, { fallback }]) => [name, given[name] ?? fallback]);
  return Object.fromEntries(all);
}

/** Of what was given only what a table has. */
export function onlyOf(fields: Fields, given: Sent): Sent {
  return Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(fields, name)));
}

/** What an answer may hold of all values. */
export function shownOf(fields: Fields, given: Sent): Sent {
  return Object.fromEntries(Object.entries(valuesOf(fields, given)).filter(([name]) => !fields[name]?.isSecret));
}
