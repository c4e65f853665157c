import { type Static, Type } from "typebox";

const KeyUse = Type.Union([Type.Literal("seals"), Type.Literal("opens"), Type.Literal("missing")], {
  description: "The first seals, all open; `missing`: records are sealed under it, and it is not here",
});

/** The keys of an instance, by their ids. */
export const KeysData = Type.Object({
  keys: Type.Array(
    Type.Object({
      id: Type.String({ description: "Hex; tells nothing of the key" }),
      use: KeyUse,
      records: Type.Optional(Type.Integer({ description: "Sealed under it; absent while they are being counted" })),
    }),
  ),
  counted_time: Type.Optional(Type.String({ format: "date-time", description: "When the records were counted" })),
  resealing: Type.Optional(
    Type.Object({ left: Type.Integer({ description: "Records to be sealed anew under the first key" }) }),
  ),
});
export type KeysData = Static<typeof KeysData>;

export const RotatedKeyData = Type.Object({ id: Type.String({ description: "The key that seals from now on" }) });
export type RotatedKeyData = Static<typeof RotatedKeyData>;
