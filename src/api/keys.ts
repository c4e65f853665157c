import { type Static, Type } from "typebox";
import { text } from "./field.ts";

const KeyUse = Type.Union([Type.Literal("seals"), Type.Literal("opens"), Type.Literal("missing")], {
  description:
    "The first key seals, and the newest data key of each mount; every key opens; `missing`: records are sealed under this key, but the broker does not have it",
});

/** The keys of an instance, by their ids. */
export const KeysData = Type.Object({
  keys: Type.Array(
    Type.Object({
      id: Type.String({ description: "Hexadecimal; reveals nothing about the key" }),
      use: KeyUse,
      mount: Type.Optional(
        Type.String({
          description:
            "The mount whose data key this is; absent for keys that wrap data keys and seal what belongs to no mount",
        }),
      ),
      records: Type.Optional(
        Type.Integer({ description: "Records sealed under this key; absent while they are being counted" }),
      ),
    }),
  ),
  counted_time: Type.Optional(Type.String({ format: "date-time", description: "When the records were counted" })),
  resealing: Type.Optional(
    Type.Object({ left: Type.Integer({ description: "Records that still have to be resealed" }) }),
  ),
});
export type KeysData = Static<typeof KeysData>;

export const RotateKeyParameters = Type.Object({
  mount: text(
    "Rotates the data key of this mount alone; without it the key that wraps data keys, and the data key of every mount",
  ),
});

export const RotatedKeyData = Type.Object({
  id: Type.String({ description: "The key that seals new records from now on" }),
});
export type RotatedKeyData = Static<typeof RotatedKeyData>;
