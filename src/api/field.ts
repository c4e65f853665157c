import { Type } from "typebox";

/** Vault's field types, by which the server reads what clients send (vault-http.md 1.5). */
export type VaultType =
  | "String"
  | "LowerCaseString"
  | "Int"
  | "Float"
  | "Bool"
  | "DurationSecond"
  | "Time"
  | "StringSlice"
  | "CommaStringSlice"
  | "KVPairs"
  | "Map";

/** Every builder makes an optional property: what is not sent has its default. */
export function text(description: string, fallback = "") {
  return Type.Optional(Type.String({ description, default: fallback, "x-vault-type": "String" satisfies VaultType }));
}

/** A string that answers never hold. */
export function secretText(description: string) {
  return Type.Optional(
    Type.String({ description, default: "", writeOnly: true, "x-vault-type": "String" satisfies VaultType }),
  );
}

export function integer(description: string, fallback: number) {
  return Type.Optional(Type.Integer({ description, default: fallback, "x-vault-type": "Int" satisfies VaultType }));
}

export function float(description: string, fallback: number) {
  return Type.Optional(Type.Number({ description, default: fallback, "x-vault-type": "Float" satisfies VaultType }));
}

export function bool(description: string, fallback: boolean) {
  return Type.Optional(Type.Boolean({ description, default: fallback, "x-vault-type": "Bool" satisfies VaultType }));
}

/** Whole seconds; a string such as `1h30m` or `7d` is taken too. */
export function seconds(description: string, fallback: number) {
  return Type.Optional(
    Type.Integer({ description, default: fallback, "x-vault-type": "DurationSecond" satisfies VaultType }),
  );
}

/** A list of strings, or one string with commas. */
export function commaList(description: string) {
  return Type.Optional(
    Type.Array(Type.String(), { description, default: [], "x-vault-type": "CommaStringSlice" satisfies VaultType }),
  );
}

/** A list of strings, or one string as it is. */
export function slice(description: string) {
  const options = { description, default: [], "x-vault-type": "StringSlice" satisfies VaultType };
  return Type.Optional(Type.Array(Type.String(), options));
}

/** A comma list that answers never hold. */
export function secretList(description: string) {
  const options = { description, default: [], writeOnly: true, "x-vault-type": "CommaStringSlice" satisfies VaultType };
  return Type.Optional(Type.Array(Type.String(), options));
}

/** A map of strings. With `jsonValues` a value may be an object or a list and counts as its JSON text. */
export function pairs(description: string, jsonValues = false) {
  const options = {
    description,
    default: {},
    "x-vault-type": "KVPairs" satisfies VaultType,
    "x-json-values": jsonValues,
  };
  return Type.Optional(Type.Record(Type.String(), Type.String(), options));
}
