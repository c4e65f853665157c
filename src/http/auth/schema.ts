import { type TSchema, Type } from "typebox";
import type { Field, Fields, FieldType, Sent } from "../../broker/auth.ts";
import { readNumbers } from "../input/json-number.ts";

type Options = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<FieldType, (options: Options) => TSchema>> = {
  String: (options) => Type.String(options),
  LowerCaseString: (options) => Type.String(options),
  Bool: (options) => Type.Boolean(options),
  Int: (options) => Type.Integer(options),
  DurationSecond: (options) => Type.Integer(options),
  StringSlice: (options) => Type.Array(Type.String(), options),
  CommaStringSlice: (options) => Type.Array(Type.String(), options),
  KVPairs: (options) => Type.Record(Type.String(), Type.String(), options),
  Map: (options) => Type.Record(Type.String(), Type.Unknown(), options),
};

/** What is not sent has no default here: it stays as it is kept. */
function propertyOf({ type, about, isSecret }: Field): TSchema {
  return Type.Optional(TYPES[type]({ description: about, "x-vault-type": type, ...(isSecret && { writeOnly: true }) }));
}

/** Parameters that are read by a table of fields. */
export function parametersOf(fields: Fields) {
  return Type.Object(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, propertyOf(field)])));
}

/** What an answer holds of them. */
export function dataOf(fields: Fields) {
  return parametersOf(Object.fromEntries(Object.entries(fields).filter(([, { isSecret }]) => !isSecret)));
}

/** The fields of all methods: a path is theirs in common, and each takes what is its own. */
export function together(tables: readonly Fields[]): Fields {
  return Object.assign({}, ...tables);
}

export function sentIn(value: Sent): Sent {
  const sent = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(sent.map(([name, one]) => [name, readNumbers(one, ({ text }) => Number(text))]));
}

/** The warnings about what is another method's. */
export function foreignTo(fields: Fields, sent: Sent): readonly string[] {
  const names = Object.keys(sent).filter((name) => !Object.hasOwn(fields, name));
  return names.length > 0 ? [`Endpoint ignored these unrecognized parameters: [${names.toSorted().join(" ")}]`] : [];
}
