import { type Static, Type } from "typebox";
import { bool, integer, seconds, text } from "./field.ts";

const listFields = {
  list: bool("List instead of read", false),
  after: text("The last key of the previous page"),
  limit: integer("Maximum number of keys; 0 = all. key_info comes with at most 1000", 0),
};

export const ListParameters = Type.Object(listFields);
export type ListParameters = Static<typeof ListParameters>;

export const TokenReadParameters = Type.Object({
  ...listFields,
  minimum_seconds: seconds("Minimum remaining lifetime of the token in seconds", 0),
});
export type TokenReadParameters = Static<typeof TokenReadParameters>;

export const KeyList = Type.Object({ keys: Type.Array(Type.String()) });
export type KeyList = Static<typeof KeyList>;

export const CredentialInfo = Type.Object({
  status: Type.Union([Type.Literal("pending"), Type.Literal("issued"), Type.Literal("failed")]),
  server: Type.String(),
  reason: Type.Optional(Type.String()),
  expire_time: Type.Optional(Type.String({ format: "date-time" })),
});

export type CredentialInfo = Static<typeof CredentialInfo>;

export const CredentialKeyList = Type.Object({
  keys: Type.Array(Type.String()),
  key_info: Type.Optional(Type.Record(Type.String(), CredentialInfo)),
});
export type CredentialKeyList = Static<typeof CredentialKeyList>;
