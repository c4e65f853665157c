import { type Static, type TSchema, Type } from "typebox";
import { type Kinds, SETTINGS, type Setting } from "../settings.ts";
import { bool, float, integer, seconds, text } from "./field.ts";

const FIELDS = { text, seconds, integer, float, bool };
const BUILDERS: { readonly [Kind in keyof Kinds]: (text: string, fallback: Kinds[Kind]) => TSchema } = FIELDS;

function fieldOf<Kind extends keyof Kinds>({ kind, text, fallback }: Setting<Kind>): TSchema {
  return BUILDERS[kind](text, fallback);
}

type Table = typeof SETTINGS;
type Fields = { [Name in keyof Table as Table[Name]["wire"]]: ReturnType<(typeof FIELDS)[Table[Name]["kind"]]> };

const fields = Object.fromEntries(Object.values(SETTINGS).map((row) => [row.wire, fieldOf<keyof Kinds>(row)]));

/** oauthapp.md section 2: a write replaces all of it. */
export const ConfigParameters = Type.Object(fields as Fields);
export type ConfigParameters = Static<typeof ConfigParameters>;

export const ConfigData = Type.Required(ConfigParameters);
export type ConfigData = Static<typeof ConfigData>;
