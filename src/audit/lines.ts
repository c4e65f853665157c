import type { Principal } from "../access/authenticator.ts";
import type { Salted } from "./salted.ts";

/** Who asks: the secret that was brought, whose it is as far as that is known. */
export interface AuditCaller {
  /** Empty: none was brought. */
  readonly secret: string;
  readonly principal?: Principal | undefined;
  /** Public id of the session whose secret it is. */
  readonly session?: string | undefined;
}

/** The fields that both lines of a request have, in Vault's words; hashed where they are to be. */
export interface AuditRequest {
  readonly id: string;
  readonly operation: string;
  readonly path: string;
  readonly mount?: string | undefined;
  readonly address: string;
  readonly port?: number | undefined;
  /** Seconds for which its answer is to be wrapped; 0 = it is not. */
  readonly wrapTtl?: number;
  readonly data?: unknown;
}

/** What came of it; `data` and `auth` are hashed already. */
export interface AuditResponse {
  readonly status: number;
  readonly data?: unknown;
  readonly auth?: unknown;
  readonly warnings?: unknown;
  readonly wrap_info?: unknown;
  readonly error?: string | undefined;
}

/** `auth` of a line: who asks. */
export function authOf(salted: Salted, { secret, principal, session }: AuditCaller): object {
  const { accessor, displayName, policies, token } = principal ?? {};
  return {
    ...(secret !== "" && { client_token: salted.of(secret) }),
    ...(accessor !== undefined && { accessor: salted.accessor(accessor) }),
    display_name: displayName,
    policies,
    token_policies: policies,
    metadata: token && Object.keys(token.meta).length > 0 ? token.meta : undefined,
    ...(principal && { entity_id: token?.entity?.id ?? "", token_type: "service" }),
    ...(token && { token_ttl: token.ttl, token_issue_time: new Date(token.createdAt).toISOString() }),
    session_id: session,
  };
}

/** `request` of a line. */
export function requestOf(salted: Salted, caller: AuditCaller, request: AuditRequest): object {
  const { id, operation, path, mount, address, port, data, wrapTtl = 0 } = request;
  const { secret, principal } = caller;
  return {
    ...{ id, operation },
    ...(mount !== undefined && { mount_point: mount, mount_type: mountType(mount) }),
    ...(secret !== "" && { client_token: salted.of(secret) }),
    ...(principal && { client_token_accessor: salted.accessor(principal.accessor) }),
    ...{ namespace: { id: "root" }, path, data, remote_address: address, remote_port: port },
    ...(wrapTtl > 0 && { wrap_ttl: wrapTtl }),
  };
}

/** As `sys/mounts` calls it; of a method of logging in nothing is known here. */
function mountType(mount: string): string | undefined {
  if (mount === "sys/") return "system";
  if (mount === "auth/token/") return "token";
  return mount.startsWith("auth/") ? undefined : "oauthapp";
}

let told = { at: 0, text: "" };

/** RFC 3339, made once a millisecond. */
export function timeOf(at: number): string {
  if (at !== told.at) told = { at, text: new Date(at).toISOString() };
  return told.text;
}

/** The rest of a line behind its place in the chain. */
export function lineOf(type: string, time: number, parts: object): string {
  const fields = JSON.stringify(parts).slice(1);
  return `"time":"${timeOf(time)}","type":${JSON.stringify(type)}${fields === "}" ? "" : ","}${fields}`;
}
