import { type Static, Type } from "typebox";

const KeyUse = Type.Union([Type.Literal("seals"), Type.Literal("opens"), Type.Literal("missing")], {
  description:
    "The first key seals, every key opens; `missing`: records are sealed under this key, but the broker does not have it",
});

/** The keys of an instance, by their ids. */
export const KeysData = Type.Object({
  keys: Type.Array(
    Type.Object({
      id: Type.String({ description: "Hexadecimal; reveals nothing about the key" }),
      use: KeyUse,
      records: Type.Optional(
        Type.Integer({ description: "Records sealed under this key; absent while they are being counted" }),
      ),
    }),
  ),
  counted_time: Type.Optional(Type.String({ format: "date-time", description: "When the records were counted" })),
  resealing: Type.Optional(
    Type.Object({ left: Type.Integer({ description: "Records that still have to be resealed under the first key" }) }),
  ),
});
export type KeysData = Static<typeof KeysData>;

export const RotatedKeyData = Type.Object({
  id: Type.String({ description: "The key that seals new records from now on" }),
});
export type RotatedKeyData = Static<typeof RotatedKeyData>;
