import type { AuthorizationServer, Call } from "./client.ts";
import { exchange, get, isEndpoint } from "./endpoint.ts";
import { metadataUrls } from "./metadata-urls.ts";
import type { HttpResponse } from "./response/http-response.ts";
import { type JsonObject, parseJsonObject, textOf } from "./response/json.ts";
import { TransportError } from "./response/transport-error.ts";

type JsonMembers = Record<string, AuthorizationServer[string]>;

/** Why an issuer's metadata could not be had. `message` is safe to show; it holds nothing of the answer. */
export class DiscoveryError extends Error {
  override readonly name = "DiscoveryError";
  /** True when the same request can succeed later. */
  readonly temporary: boolean;
  /** Seconds, where the server said so. */
  readonly retryAfter?: number;

  constructor(message: string, temporary: boolean, options: { cause?: unknown; retryAfter?: number } = {}) {
    super(message, options);
    this.temporary = temporary;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }
}

/** META-06: what a document means that does not say it (RFC 8414 2). */
const DEFAULTS = {
  token_endpoint_auth_methods_supported: ["client_secret_basic"],
  grant_types_supported: ["authorization_code", "implicit"],
};

/** META-09. Seconds. */
const LIFETIME = { shortest: 300, usual: 3_600, longest: 86_400 };

const NOT_FOUND = "no authorization server metadata found at the issuer";

/** Metadata, and for how many seconds they may be used (META-09). */
export interface Discovered {
  readonly metadata: AuthorizationServer;
  readonly lifetime: number;
}

/**
 * Finds the metadata of an issuer (RFC 8414, OpenID Connect Discovery): the first document that names exactly this issuer.
 * A place without one moves on to the next; trouble with the server or the network does not (META-04). Throws `DiscoveryError`.
 */
export async function discoverAuthorizationServer(
  issuer: string,
  call: Call,
  { order = "oauth2" }: { readonly order?: "openid" | "oauth2" } = {},
): Promise<Discovered> {
  requireIssuer(issuer, call.allowHttp === true);
  let problem = new DiscoveryError(NOT_FOUND, false);
  for (const url of metadataUrls(issuer, order)) {
    const response = await exchange(metadataRequest(url, call));
    try {
      const metadata = processMetadataResponse(issuer, response, call.allowHttp === true);
      return { metadata, lifetime: response instanceof TransportError ? 0 : metadataLifetime(response) };
    } catch (error) {
      if (!(error instanceof DiscoveryError) || error.temporary) throw error;
      // The most telling problem is reported: a document of another issuer rather than none.
      if (problem.message === NOT_FOUND) problem = error;
    }
  }
  throw problem;
}

/** META-01. */
function requireIssuer(issuer: string, allowHttp: boolean): void {
  if (isEndpoint(issuer, allowHttp) && !issuer.includes("?")) return;
  throw new DiscoveryError("the issuer must be an https URL without query and fragment", false);
}

/** Fetches one metadata document. */
export function metadataRequest(url: string, call: Call): Promise<Response> {
  return get(url, call);
}

/** Judges one metadata document (META-05 … META-07). Throws `DiscoveryError`. */
export function processMetadataResponse(
  issuer: string,
  response: HttpResponse | TransportError,
  allowHttp = false,
): AuthorizationServer {
  if (response instanceof TransportError) {
    throw new DiscoveryError("authorization server unavailable", true, { cause: response });
  }
  if (response.status !== 200) throw byStatus(response);
  const json = parseJsonObject(response.body);
  if (!json || textOf(json.issuer) === undefined) throw new DiscoveryError(NOT_FOUND, false);
  // META-05: as plain text. A normalised comparison would let `https://h` speak for `https://h/`.
  if (json.issuer !== issuer) throw anotherIssuer(issuer, String(json.issuer));
  return readMetadata({ ...json, issuer }, allowHttp);
}

/** What of a document is used, with the defaults of what it leaves out (META-06). Throws `DiscoveryError` (META-07). */
export function readMetadata(json: JsonObject, allowHttp: boolean): AuthorizationServer {
  return { ...DEFAULTS, ...usable(json, allowHttp), issuer: String(json.issuer) };
}

/** Mostly a slash too many or `localhost` for `127.0.0.1`: seen beside each other it is found at once. */
function anotherIssuer(asked: string, named: string): DiscoveryError {
  const shown = URL.canParse(named) ? new URL(named).href.slice(0, 200) : "no URL";
  const exact = named.length <= 200 && /^[\x21-\x7e]+$/.test(named) ? named : shown;
  return new DiscoveryError(`the metadata belong to another issuer: expected ${asked}, found ${exact}`, false);
}

function byStatus(response: HttpResponse): DiscoveryError {
  const { status } = response;
  const temporary = status >= 500 || status === 408 || status === 425 || status === 429;
  return new DiscoveryError(temporary ? `authorization server answered with status ${status}` : NOT_FOUND, temporary);
}

/** Keeps what has the right type; an endpoint that may not be used spoils the document (META-07). */
function usable(json: JsonObject, allowHttp: boolean): Partial<AuthorizationServer> {
  const kept: JsonMembers = {};
  for (const [name, value] of Object.entries(json)) {
    if (value === null || IGNORED.has(name)) continue;
    if (ENDPOINTS.has(name) && !isEndpoint(value, allowHttp)) {
      throw new DiscoveryError(`the metadata contain an invalid ${name}`, false);
    }
    if (name.endsWith("_supported") && typeof value !== "boolean" && !isTextList(value)) continue;
    kept[name] = value as JsonMembers[string];
  }
  return kept;
}

/** META-10; and aliases for mutual TLS, which is not offered. */
const IGNORED: ReadonlySet<string> = new Set(["signed_metadata", "mtls_endpoint_aliases"]);

/** Those that are ever asked; an odd one among the others harms nobody. */
const ENDPOINTS: ReadonlySet<string> = new Set([
  "authorization_endpoint",
  "token_endpoint",
  "device_authorization_endpoint",
  "revocation_endpoint",
  "registration_endpoint",
  "userinfo_endpoint",
  "jwks_uri",
]);

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/** How long a document may be used, by `Cache-Control`, clamped to 5 min … 24 h (META-09). Seconds. */
export function metadataLifetime(response: HttpResponse): number {
  const directives = (response.headers["cache-control"] ?? "").toLowerCase().split(",");
  const words = directives.map((directive) => directive.trim());
  if (words.includes("no-store") || words.includes("no-cache")) return LIFETIME.shortest;
  const age = words.map((word) => /^max-age="?(\d{1,10})"?$/.exec(word)?.[1]).find((found) => found !== undefined);
  return Math.min(Math.max(age === undefined ? LIFETIME.usual : Number(age), LIFETIME.shortest), LIFETIME.longest);
}
