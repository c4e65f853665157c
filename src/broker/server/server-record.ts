import type { TokenLives } from "../../credential/index.ts";
import type { ToolPolicy } from "../../mcp/tool-policy.ts";
import { otherMethod } from "../../protocol/client/choose-auth-method.ts";
import type { AuthMethod, Client } from "../../protocol/client.ts";
import type { Origins } from "../../protocol/secret-endpoints.ts";
import { findProvider } from "../../providers/index.ts";
import type { Context } from "../process/context.ts";
import { openOften } from "../record/records.ts";

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
  /** Nobody named the method: the other one of a secret may be tried as well. */
  readonly authMethodOpen?: true;
  /** `aud` of assertions: `issuer`, `token_endpoint`, or a value as it stands; absent: the first, and the other may be tried. */
  readonly clientAssertionAud?: string;
  readonly learned?: Learned;
  /** Origin of the token endpoint when the server was written: stored secrets go nowhere else (META-08). */
  readonly tokenOrigin: string;
  /** The same of all endpoints that are sent secrets; absent in records that are older, until their metadata are read again. */
  readonly pins?: Pins;
  /** Of an API server that says itself which authorization server it has: the one that the given client is for (MCP-R4). */
  readonly clientIssuer?: string;
  /** What programs may do with it; absent in records that are older. */
  readonly sessions?: SessionAccess;
  /** What holds of the lives of its access tokens; absent in records that are older. */
  readonly lives?: TokenLives;
  /** For registration where the server wants one (RFC 7591 3); empty for none. */
  readonly initialAccessToken: string;
  /** Of a dynamic registration (RFC 7591), for its management and its expiry. */
  readonly registration?: Registration;
}

/** `api`: of the API that is sent access tokens, where the metadata lead to it. */
export type Pins = Origins & { readonly api?: string };

/** What the server's answers have taught, which its metadata do not say. */
export interface Learned {
  /** The client's other way to authenticate is the one in use. */
  readonly other?: boolean;
  /** The one in use has brought tokens. */
  readonly works?: boolean;
  /** The device authorization endpoint wants the client id alone (FC-36). */
  readonly deviceAlone?: true;
  /** It refuses the scope `openid` (FC-22). */
  readonly openid?: false;
  /** Its device authorization endpoint wants PKCE, or takes none (FC-29). */
  readonly devicePkce?: boolean;
  /** It knows the client that the broker had registered no more: the next login gets another (FC-90). */
  readonly forgotten?: true;
}

/** How sessions may use a server. */
export interface SessionAccess {
  /** Anybody who reaches the broker may start one. */
  readonly allowed: boolean;
  /** `page`: by the broker's own page, whatever the provider offers. */
  readonly flow: "" | "page";
  /** Where browsers come back to a person's own broker; empty or absent: `LOOPBACK_REDIRECT`. */
  readonly redirectUri?: string;
  /** Name → base URL with a slash at its end, for the proxy. */
  readonly proxyApis: Readonly<Record<string, string>>;
  /** Which tools of an MCP server they may use; absent = all. */
  readonly tools?: ToolPolicy;
}

export const NO_SESSION_ACCESS: SessionAccess = { allowed: false, flow: "", proxyApis: {} };

export interface Registration {
  readonly registrationAccessToken?: string;
  readonly registrationClientUri?: string;
  /** Epoch seconds; 0 = never. */
  readonly clientSecretExpiresAt?: number;
  /** What it was made for; absent in those that are older. */
  readonly needs?: Needs;
}

/** What a registered client must be granted (REG-03). */
export interface Needs {
  readonly grantTypes: readonly string[];
  readonly redirectUris: readonly string[];
}

export function serverKey(mount: string, name: string) {
  return { mount, kind: "server", name } as const;
}

export interface StoredServer {
  /** Row id: changes with every write. */
  readonly id: string;
  readonly revision: number;
  readonly record: ServerRecord;
}

export async function findServer(context: Context, mount: string, name: string): Promise<StoredServer | undefined> {
  const row = await context.store.read(serverKey(mount, name));
  return row && { id: row.id, revision: row.revision, record: openOften<ServerRecord>(context, row) };
}

/** A method, and for whom its assertions are. */
interface Way {
  readonly method: AuthMethod;
  readonly audience?: string;
}

/** Of a record's client by the way that is in use, and by the other one, where there is one. */
export function clientsOf(record: ServerRecord): { clients: readonly Client[]; others: readonly Client[] } {
  const ways = waysOf(record);
  const [way, other] = record.learned?.other ? ways.toReversed() : ways;
  return { clients: clientsBy(record, way ?? ways[0]), others: other ? clientsBy(record, other) : [] };
}

/** The method in force. */
export function methodInUse(record: ServerRecord): AuthMethod {
  return clientsOf(record).clients[0]?.authentication.method ?? record.authMethod;
}

function waysOf({ authMethod: method, authMethodOpen, clientAssertionAud = "" }: ServerRecord): readonly [Way, Way?] {
  if (method.endsWith("_jwt")) {
    if (clientAssertionAud !== "") return [{ method, audience: clientAssertionAud }];
    return [{ method }, { method, audience: "token_endpoint" }];
  }
  const other = authMethodOpen && otherMethod(method);
  return other ? [{ method }, { method: other }] : [{ method }];
}

/** One client per secret, in the order of the record; exactly one for methods without a secret. */
function clientsBy(record: ServerRecord, { method, audience }: Way): readonly Client[] {
  const { clientId, clientSecrets } = record;
  const aud = { ...(audience !== undefined && audience !== "issuer" && { audience }) };
  if (method === "none") return [{ clientId, authentication: { method } }];
  if (method === "private_key_jwt") return [{ clientId, authentication: { method, ...keyOf(record), ...aud } }];
  const user = findProvider(record.provider, record.providerVersion)?.secretIsUser && { isUser: true };
  return clientSecrets.map((secret) => ({ clientId, authentication: { method, secret, ...aud, ...user } }));
}

function keyOf(record: ServerRecord) {
  return {
    key: record.clientKey,
    ...(record.clientKeyId !== "" && { keyId: record.clientKeyId }),
    ...(record.clientAssertionAlg !== "" && { algorithm: record.clientAssertionAlg }),
  };
}
