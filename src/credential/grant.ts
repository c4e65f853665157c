import type { Management } from "../protocol/client/registration.ts";
import type { AuthMethod, AuthorizationServer } from "../protocol/client.ts";

/** What stays the same over the whole life of one generation. */
export interface Grant {
  /** Name of the server record. */
  readonly server: string;
  /** Scopes as asked for; empty when none were. */
  readonly scopes: readonly string[];
  readonly providerOptions: Readonly<Record<string, string>>;
  /** Seconds; caps the life of every access token (oauthapp.md 8.4). */
  readonly maximumExpirySeconds?: number;
  /** False: the server refuses the scope `openid`, so no id_token is to be expected of it. */
  readonly openid?: false;
  /** Absent where the binding names the client, and in grants that are older than this. */
  readonly client?: GrantClient;
  readonly binding?: Binding;
  readonly session?: GrantSession;
  /** Of the client itself, without a person: another token is asked for anew, without a refresh token (RFC 6749 4.4). */
  readonly own?: true;
}

/** A login at a server that was found by its API, and neither named scopes nor was named any (MCP-L4). */
export function asksForNothing({ scopes, binding }: Grant): boolean {
  return [scopes, binding?.scopes, binding?.usualScopes ?? []].every((list) => list?.length === 0);
}

/** The client that a refresh token is bound to (RFC 6749 6); `registered`: by the broker (RFC 7591). */
export interface GrantClient {
  readonly clientId: string;
  /** Where that client id is good: the record's issuer, empty where it names none. */
  readonly issuer: string;
  readonly registered?: true;
}

/** Of a program's login: the program is told who signed in. */
export interface GrantSession {
  /** XD-08: nobody else's login is handed out. */
  readonly expectedAccount?: string;
  /** What the program calls itself. */
  readonly label?: string;
  readonly way?: SessionWay;
  /** Begun without a token, at an API server that its operator has not named. */
  readonly stranger?: true;
}

/**
 * XD-02: how a session's login goes, and why: whose wish it was, or what the provider has. By the provider's device page, by the
 * broker's, or (`code`) by the provider's authorization endpoint and back to a port of this machine.
 */
export interface SessionWay {
  readonly flow: "device" | "page" | "code";
  readonly because: "device_grant" | "no_device_grant" | "operator" | "program";
}

/** What a grant was made with where its server record does not say it: an API server, a client and a device there. */
export interface Binding {
  /** Of the API, without final slash. */
  readonly baseUrl: string;
  /** Absent where the server record names the client. */
  readonly client?: BoundClient;
  readonly deviceId?: string;
  /** A login without these is of no use. */
  readonly scopes: readonly string[];
  /** Sent as `resource` with every request for a token (RFC 8707), byte for byte. */
  readonly resource?: string;
  /** Asked for by a login that names no scopes (MCP-L4). */
  readonly usualScopes?: readonly string[];
  /** The authorization server lists `offline_access`: it is asked for beside any other scope. */
  readonly offlineAccess?: true;
  /** Pinned: secrets of this grant go nowhere else (META-08). */
  readonly metadata: AuthorizationServer;
  /** Somebody without a token named the API server: requests go to public addresses only. */
  readonly stranger?: true;
}

/** A client that was registered (RFC 7591); its id is opaque, and good at this authorization server only. */
export interface BoundClient {
  readonly clientId: string;
  /** `private_key_jwt`: with the broker's own key, which is not kept here. */
  readonly method: AuthMethod;
  readonly secret?: string;
  /** Of one that serves several logins: the name of the row that has it, which goes when its server has forgotten it. */
  readonly keptAs?: string;
  /** Of one that was registered for this login alone, where its server told how to unregister it. */
  readonly management?: Management;
}
