import type { TokenLives } from "../../credential/index.ts";
import type { AuthMethod, Client } from "../../protocol/client.ts";
import type { Context } from "../process/context.ts";
import { openContent } from "../record/records.ts";

/** A configured authorization server with our client there. Sealed whole. */
export interface ServerRecord {
  readonly provider: string;
  /** The provider data it was written with. */
  readonly providerVersion: number;
  readonly providerOptions: Readonly<Record<string, string>>;
  readonly authUrlParams: Readonly<Record<string, string>>;
  readonly clientId: string;
  /** In order; the one that last worked is tried first. */
  readonly clientSecrets: readonly string[];
  readonly clientKey: string;
  readonly clientKeyId: string;
  readonly clientAssertionAlg: string;
  readonly authMethod: AuthMethod;
  /** Origin of the token endpoint when the server was written: stored secrets go nowhere else (META-08). */
  readonly tokenOrigin: string;
  /** What programs may do with it; absent in records that are older. */
  readonly sessions?: SessionAccess;
  /** What holds of the lives of its access tokens; absent in records that are older. */
  readonly lives?: TokenLives;
  /** For registration where the server wants one (RFC 7591 3); empty for none. */
  readonly initialAccessToken: string;
  /** Of a dynamic registration (RFC 7591), for its management and its expiry. */
  readonly registration?: Registration;
}

/** How sessions may use a server. */
export interface SessionAccess {
  /** Anybody who reaches the broker may start one. */
  readonly allowed: boolean;
  /** `page`: by the broker's own page, whatever the provider offers. */
  readonly flow: "" | "page";
  /** Name → base URL with a slash at its end, for the proxy. */
  readonly proxyApis: Readonly<Record<string, string>>;
}

export const NO_SESSION_ACCESS: SessionAccess = { allowed: false, flow: "", proxyApis: {} };

export interface Registration {
  readonly registrationAccessToken?: string;
  readonly registrationClientUri?: string;
  /** Epoch seconds; 0 = never. */
  readonly clientSecretExpiresAt?: number;
}

export function serverKey(mount: string, name: string) {
  return { mount, kind: "server", name } as const;
}

export interface StoredServer {
  /** Row id: changes with every write. */
  readonly id: string;
  readonly record: ServerRecord;
}

export async function findServer(context: Context, mount: string, name: string): Promise<StoredServer | undefined> {
  const row = await context.store.read(serverKey(mount, name));
  return row && { id: row.id, record: openContent<ServerRecord>(context, row) };
}

/** One client per secret, in the order of the record; exactly one for methods without a secret. */
export function clientsOf(record: ServerRecord): readonly Client[] {
  const { clientId, authMethod: method } = record;
  if (method === "none") return [{ clientId, authentication: { method } }];
  if (method === "private_key_jwt") return [{ clientId, authentication: { method, ...keyOf(record) } }];
  return record.clientSecrets.map((secret) => ({ clientId, authentication: { method, secret } }));
}

function keyOf(record: ServerRecord) {
  return {
    key: record.clientKey,
    ...(record.clientKeyId !== "" && { keyId: record.clientKeyId }),
    ...(record.clientAssertionAlg !== "" && { algorithm: record.clientAssertionAlg }),
  };
}
