import type { AuthMount, MethodShape } from "../../broker/auth.ts";
import { noHandler, unsupportedPath } from "../answer/http-error.ts";
import type { Deps } from "../app-types.ts";
import { textsByName } from "../input/texts-by-name.ts";

/** A role's name: whatever it is, it is one segment of a path. */
const ROLE_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.@: -]{0,254}[A-Za-z0-9_])?$/;

interface Named {
  readonly params: unknown;
}

export interface At {
  readonly mount: AuthMount;
  readonly method: MethodShape;
}

export function pathOf({ params }: Named): string {
  const { mount = "" } = textsByName(params);
  return mount;
}

/** The mount that a path names; throws a 404 for one that is none, or whose method has no such paths. */
export async function requireMount({ auth }: Deps, request: Named, has: (method: MethodShape) => boolean): Promise<At> {
  const path = pathOf(request);
  const mount = await auth.mount(path);
  if (!mount) throw noHandler(`auth/${path}/`);
  const method = auth.methods.find(({ type }) => type === mount.type);
  if (!method || !has(method)) throw unsupportedPath();
  return { mount, method };
}

/** Roles are kept in lower case, as in Vault. */
export function roleOf(request: Named): string {
  return roleAsWritten(request).toLowerCase();
}

/** Of those of tokens: policies name `auth/token/create/ROLE` so, too. */
export function roleAsWritten({ params }: Named): string {
  const { role = "" } = textsByName(params);
  if (!ROLE_NAME.test(role)) throw unsupportedPath();
  return role;
}
