import { isName } from "../../api/index.ts";
import { badRequest, unsupportedPath } from "../answer/http-error.ts";

/** The name behind a noun, decoded once by the router. */
export function nameOf(request: { readonly params: unknown }): string {
  const name = tailOf(request);
  if (!isName(name)) throw unsupportedPath();
  return name;
}

/** The prefix of a list: empty, or with `/` at the end; `LIST a/b` and `LIST a/b/` are the same. */
export function prefixOf(request: { readonly params: unknown }): string {
  const prefix = tailOf(request).replace(/\/$/, "");
  if (prefix === "") return "";
  if (!isName(prefix)) throw unsupportedPath();
  return `${prefix}/`;
}

/** A name inside a body or query; empty = none. */
export function checkName(field: string, name: string): string {
  if (name !== "" && !isName(name)) throw badRequest(`${field} is not a valid name`);
  return name;
}

function tailOf(request: { readonly params: unknown }): string {
  const { "*": tail = "" } = (request.params ?? {}) as { readonly "*"?: string };
  return tail;
}
