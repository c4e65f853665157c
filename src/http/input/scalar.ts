import { JsonNumber } from "./json-number.ts";

/** The text of a scalar as Vault's String type takes it; undefined for objects and lists. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value instanceof JsonNumber) return value.text;
  if (typeof value === "boolean") return value ? "1" : "0";
  return value === null ? "" : undefined;
}
