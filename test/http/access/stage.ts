import assert from "node:assert/strict";
import { request } from "node:http";
import type { Coatcheck } from "../../support/coatcheck.ts";
import { ROOT_TOKEN } from "../../support/request.ts";

export interface Auth extends Readonly<Record<string, unknown>> {
  readonly client_token: string;
  readonly accessor: string;
  readonly policies: readonly string[];
  readonly lease_duration: number;
}

export interface Told {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly auth: Auth | null;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** A request with a token, as any client sends it: below `/v1/`, unless the path begins with a slash. */
export async function call(
  { running }: Pick<Coatcheck, "running">,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Told> {
  const response = await fetch(`${running.address}${path.startsWith("/") ? path : `/v1/${path}`}`, {
    method,
    headers: token === "" ? {} : { "x-vault-token": token },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const { data, auth, errors, warnings, ...flat } = text.startsWith("{") ? JSON.parse(text) : {};
  return {
    status: response.status,
    data: data ?? flat,
    auth: auth ?? null,
    errors: errors ?? [],
    warnings: warnings ?? [],
  };
}

/** As programs send it that say no more of it than these headers. */
export function send(
  url: string,
  method: string,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<Told & { readonly wrap_info?: { readonly token: string } }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers }, async (incoming) => {
      const text = (await incoming.setEncoding("utf8").toArray()).join("");
      const { data, auth, errors, warnings, wrap_info } = text === "" ? {} : JSON.parse(text);
      const told = { data: data ?? {}, auth: auth ?? null, errors: errors ?? [], warnings: warnings ?? [], wrap_info };
      resolve({ status: incoming.statusCode ?? 0, ...told });
    });
    outgoing.on("error", reject).end(body);
  });
}

export interface WrapInfo {
  readonly token: string;
  readonly accessor: string;
  readonly ttl: number;
  readonly creation_time: string;
  readonly creation_path: string;
  readonly wrapped_accessor: string;
}

/** A request whose answer is to be wrapped. */
export async function wrapped(
  { running }: Pick<Coatcheck, "running">,
  token: string,
  method: string,
  path: string,
  { ttl = "60", body }: { readonly ttl?: string; readonly body?: unknown } = {},
): Promise<{ status: number; info: WrapInfo | null; data: unknown; errors: readonly string[]; text: string }> {
  const response = await fetch(`${running.address}/v1/${path}`, {
    method,
    headers: { "x-vault-token": token, "x-vault-wrap-ttl": ttl },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const { wrap_info: info = null, data = null, errors = [] } = text === "" ? {} : JSON.parse(text);
  return { status: response.status, info, data, errors, text };
}

/** Writes a policy as the operator. */
export async function policy(broker: Pick<Coatcheck, "running">, name: string, rules: string): Promise<void> {
  assert.equal((await call(broker, ROOT_TOKEN, "PUT", `sys/policies/acl/${name}`, { policy: rules })).status, 204);
}

/** A token that another one makes; by default the root token. */
export async function child(
  broker: Pick<Coatcheck, "running">,
  more: Readonly<Record<string, unknown>>,
  by = ROOT_TOKEN,
  noun = "create",
): Promise<Auth> {
  const { auth, errors } = await call(broker, by, "POST", `auth/token/${noun}`, more);
  assert.ok(auth, errors.join());
  return auth;
}
