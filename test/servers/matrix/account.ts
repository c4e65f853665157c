import type { IncomingMessage } from "node:http";
import { matrixError } from "../../../src/dev/matrix/wire.ts";
import type { Proper } from "../../../src/dev/proper.ts";

/** Whom an access token stands for, as `whoami` says it. */
export interface Account {
  readonly user_id: string;
  readonly device_id?: string;
  readonly is_guest: false;
}

export interface Guarded {
  readonly serverName: string;
  readonly softLogout: boolean;
  /** The authorization server's, with `introspection_endpoint`. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The client that the homeserver is at its authorization server. */
  readonly introspector: { readonly client_id: string; readonly client_secret: string };
}

interface Introspection {
  readonly active: boolean;
  readonly scope?: string;
  readonly sub?: string;
}

const API_SCOPE = /^urn:matrix:(org\.matrix\.msc2967\.)?client:api:\*$/;
const DEVICE_SCOPE = /^urn:matrix:(?:org\.matrix\.msc2967\.)?client:device:(.+)$/;

/** Makes routes that answer whoever brings an access token the authorization server calls active (RFC 7662). */
export function guard(guarded: Guarded) {
  return (route: (account: Account, url: URL) => Proper | Promise<Proper>) =>
    async (request: IncomingMessage, url: URL): Promise<Proper> => {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
      if (token === undefined) return matrixError(401, "M_MISSING_TOKEN", "Missing access token");
      const told = await introspect(guarded, token).catch(() => undefined);
      if (!told) return matrixError(503, "M_UNKNOWN", "Unable to introspect the access token");
      const account = accountOf(told, guarded.serverName);
      if (account) return route(account, url);
      const more = { soft_logout: guarded.softLogout };
      return matrixError(401, "M_UNKNOWN_TOKEN", "Token is not active", more);
    };
}

async function introspect({ metadata, introspector }: Guarded, token: string): Promise<Introspection> {
  const { client_id, client_secret } = introspector;
  const response = await fetch(String(metadata.introspection_endpoint), {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
    body: new URLSearchParams({ token, token_type_hint: "access_token" }),
  });
  return (await response.json()) as Introspection;
}

/** The device is out of the granted scope (MSC2967); without the API scope a token opens nothing. */
function accountOf({ active, scope = "", sub }: Introspection, serverName: string): Account | undefined {
  const scopes = scope.split(" ");
  if (!active || sub === undefined || !scopes.some((one) => API_SCOPE.test(one))) return undefined;
  const device = scopes.map((one) => DEVICE_SCOPE.exec(one)?.[1]).find((id) => id !== undefined);
  return { user_id: `@${sub}:${serverName}`, ...(device !== undefined && { device_id: device }), is_guest: false };
}
