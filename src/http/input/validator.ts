import type { Static, TSchema } from "typebox";
import type { VaultType } from "../../api/index.ts";
import { badRequest, type HttpError } from "../answer/http-error.ts";
import { Input } from "../answer/input.ts";
import { coerce } from "./coerce.ts";
import { InputRefusal } from "./input-refusal.ts";

/** Fastify's type provider: schema -> what `compileValidator` makes of it. */
export interface VaultTypes {
  readonly schema: unknown;
  readonly validator: this["schema"] extends TSchema ? Input<Static<this["schema"]>> : unknown;
  readonly serializer: unknown;
}

interface Field {
  readonly name: string;
  readonly type: VaultType;
  readonly fallback: unknown;
  readonly jsonValues: boolean;
}

type Validate = (input: unknown) => { value: Input<Record<string, unknown>> } | { error: HttpError };

/** Fastify's validator compiler: vault-http.md 1.5 instead of Ajv. Expects an object schema made of `api/field.ts`. */
export function compileValidator(route: { readonly schema: unknown }): Validate {
  let known: ReadonlyMap<string, Field> | undefined;
  return (input) => {
    known ??= fieldsOf(route.schema as ObjectSchema);
    const fields = known;
    const given = (input ?? {}) as Readonly<Record<string, unknown>>;
    try {
      const value = Object.fromEntries(Array.from(fields.values(), (field) => [field.name, read(field, given)]));
      const ignored = Object.keys(given).filter((name) => !fields.has(name));
      return { value: new Input(value, ignored.toSorted()) };
    } catch (error) {
      if (error instanceof InputRefusal) return { error: badRequest(error.message) };
      throw error;
    }
  };
}

function neverBuilt(): never {
  throw new Error("the compilers of schemas are set when the app is made");
}

/** For Fastify, which otherwise loads compilers of its own, a twentieth of a start, before it is given these. */
export const OWN_COMPILERS = { compilersFactory: { buildValidator: neverBuilt, buildSerializer: neverBuilt } } as const;

interface ObjectSchema {
  readonly properties: Readonly<Record<string, FieldSchema>>;
}

interface FieldSchema {
  readonly "x-vault-type": VaultType;
  readonly default: unknown;
  readonly "x-json-values"?: boolean;
}

function fieldsOf(schema: ObjectSchema): ReadonlyMap<string, Field> {
  const fields = Object.entries(schema.properties).map(([name, property]) => ({
    name,
    type: property["x-vault-type"],
    fallback: property.default,
    jsonValues: property["x-json-values"] ?? false,
  }));
  return new Map(fields.map((field) => [field.name, field]));
}

function read(field: Field, given: Readonly<Record<string, unknown>>): unknown {
  if (!Object.hasOwn(given, field.name)) return field.fallback;
  try {
    return coerce(field.type, given[field.name], field) ?? field.fallback;
  } catch (error) {
    if (!(error instanceof InputRefusal)) throw error;
    throw new InputRefusal(
      `Field validation failed: error converting input for field "${field.name}": ${error.message}`,
    );
  }
}
