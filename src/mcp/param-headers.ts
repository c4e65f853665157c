import { type Fields, isFields } from "./message.ts";

/**
 * MCP-B8: parameters that a server wants to see in headers (2026-07-28 basic/transports/streamable-http, "Custom Headers from
 * Tool Parameters").
 */
export interface ParamHeader {
  /** The whole header. */
  readonly header: string;
  /** Names of properties, from the arguments down. */
  readonly path: readonly string[];
}

const KEY = "x-mcp-header";
const TYPES: ReadonlySet<unknown> = new Set(["string", "integer", "boolean"]);

/** RFC 9110 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Keywords whose value is data, and those whose value names schemas: what is called like the annotation there is none. */
const DATA: ReadonlySet<string> = new Set(["const", "default", "enum", "examples", "required"]);
const NAMED: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
]);

/** The headers of a tool by its input schema, or why it may not be used. `$ref` is not followed. */
export function paramHeaders(schema: unknown): readonly ParamHeader[] | string {
  const headers: ParamHeader[] = [];
  const seen = new Set<string>();
  // No recursion: how deep it goes is a server's choice. A path is absent where no chain of `properties` leads.
  const open: { readonly at: unknown; readonly path: readonly string[] | undefined }[] = [{ at: schema, path: [] }];
  for (let one = open.pop(); one; one = open.pop()) {
    const { at, path } = one;
    if (Array.isArray(at)) open.push(...at.map((item) => ({ at: item, path: undefined })));
    if (!isFields(at)) continue;
    if (Object.hasOwn(at, KEY)) {
      const problem = problemOf(at, path, seen);
      if (problem !== undefined) return problem;
      headers.push({ header: `Mcp-Param-${at[KEY]}`, path: path ?? [] });
    }
    for (const [key, value] of Object.entries(at)) {
      if (key === KEY || DATA.has(key)) continue;
      if (!NAMED.has(key) || !isFields(value)) open.push({ at: value, path: undefined });
      else
        for (const [name, below] of Object.entries(value))
          open.push({ at: below, path: key === "properties" && path ? [...path, name] : undefined });
    }
  }
  return headers;
}

function problemOf(at: Fields, path: readonly string[] | undefined, seen: Set<string>): string | undefined {
  const name = at[KEY];
  if (typeof name !== "string" || name === "") return `${KEY} is empty or no text`;
  if (!TOKEN.test(name)) return `${KEY} is no name of a header`;
  if (path === undefined || path.length === 0) return `${KEY} "${name}" is not at a property of its own`;
  if (!TYPES.has(at.type)) return `${KEY} "${name}" is not at a string, integer or boolean`;
  const key = name.toLowerCase();
  if (seen.has(key)) return `${KEY} "${name}" is there twice`;
  seen.add(key);
  return undefined;
}

/** The headers of a call; null and what is absent or no simple value have none. */
export function headersOfCall(headers: readonly ParamHeader[], args: unknown): Readonly<Record<string, string>> {
  const entries = headers.flatMap(({ header, path }) => {
    const value = path.reduce<unknown>((at, name) => (isFields(at) && Object.hasOwn(at, name) ? at[name] : null), args);
    const isSimple = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    return isSimple ? [[header, headerValue(String(value))]] : [];
  });
  return Object.fromEntries(entries);
}

/** A text as a header carries it: as it is, or in Base64 where that would change it ("Value Encoding"). */
export function headerValue(text: string): string {
  const isPlain = /^[\x20-\x7e]*$/.test(text) && text.trim() === text && !/^=\?base64\?.*\?=$/.test(text);
  return isPlain ? text : `=?base64?${toBase64(text)}?=`;
}

function toBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}
