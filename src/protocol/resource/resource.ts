import type { AuthorizationServer } from "../client.ts";
import { isEndpoint } from "../endpoint.ts";

/**
 * How the authorization server of an API is found that says itself what protects it, as data (MCP: RFC 9728). Its name is its
 * URL.
 */
export interface ProtectedResource {
  readonly kind: "protected-resource";
  /** What such an API server is called. */
  readonly noun: string;
}

/** What is known of a protected resource beside its authorization server. */
export interface FoundResource {
  /** What is sent as `resource` (RFC 8707): byte for byte as its document says (MCP-D3). */
  readonly identifier: string;
  /** What a login asks for unless somebody says otherwise (MCP-L4): the challenge's, else the document's; empty for none. */
  readonly scopes: readonly string[];
  /** All authorization servers that may be used, the chosen one first (MCP-D4). */
  readonly servers: readonly AuthorizationServer[];
  /** As its document lists them, also those that cannot be used just now; absent where it has no document. */
  readonly issuers?: readonly string[];
}

/** What somebody who knows the server says of it. */
export interface ResourceHints {
  /** The issuer, where the metadata name another one than the resource's document. */
  readonly issuer?: string;
  /** The `resource` that its operator agrees to, whatever the document says. */
  readonly resource?: string;
}

/** The URL of a protected resource, as it was typed; undefined for what is none. No fragment and no user are part of one. */
export function asResourceUrl(text: string, allowHttp: boolean): string | undefined {
  const url = text.trim();
  return isEndpoint(url, allowHttp) && /^[\x21-\x7e]+$/.test(url) && !/["<>\\^`{|}]/.test(url) ? url : undefined;
}

/** MCP-D3: whether a document of this `resource` speaks for the URL: itself or, at path boundaries, a prefix at its origin. */
export function coversUrl(resource: string, url: string): boolean {
  if (resource === url) return true;
  if (!URL.canParse(resource) || /[?#]/.test(resource)) return false;
  const [named, asked] = [new URL(resource), new URL(url)];
  if (named.origin !== asked.origin || named.username !== "" || named.password !== "") return false;
  const prefix = named.pathname.replace(/\/$/, "");
  return asked.pathname === prefix || asked.pathname.startsWith(`${prefix}/`);
}

/** MCP-D3: what stands for a resource without a document. No slash is added, so no URL object writes it. */
export function withoutQuery(url: string): string {
  return url.split("?", 1)[0] ?? url;
}

/** RFC 6749 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Names of scopes out of what a server says, or undefined where one could not be sent. */
export function scopesOf(text: string): readonly string[] | undefined {
  const scopes = text.split(" ").filter((scope) => scope !== "");
  return scopes.every((scope) => SCOPE.test(scope)) ? scopes : undefined;
}
