import type { AuthorizationServer, Call } from "./client.ts";
import { DiscoveryError, NOT_FOUND, shownUrl } from "./discovery-error.ts";
import { exchange, get, isEndpoint } from "./endpoint.ts";
import { metadataUrls } from "./metadata-urls.ts";
import type { HttpResponse } from "./response/http-response.ts";
import { type JsonObject, parseJsonObject, textOf } from "./response/json.ts";
import { TransportError } from "./response/transport-error.ts";
import { at, type Refusal, whyNone } from "./why-no-metadata.ts";

type JsonMembers = Record<string, AuthorizationServer[string]>;

/** What of a document is used. */
type Members = Partial<AuthorizationServer>;

export { DiscoveryError };

/** META-06: what a document means that does not say it (RFC 8414 2). */
const DEFAULTS = {
  token_endpoint_auth_methods_supported: ["client_secret_basic"],
  grant_types_supported: ["authorization_code", "implicit"],
};

/** META-09. Seconds. */
const LIFETIME = { shortest: 300, usual: 3_600, longest: 86_400 };

/** Metadata, and for how many seconds they may be used (META-09). */
export interface Discovered {
  readonly metadata: AuthorizationServer;
  readonly lifetime: number;
}

/**
 * Finds the metadata of an issuer (RFC 8414, OpenID Connect Discovery): the first document that names exactly this issuer,
 * and what it lacks from the issuer's other one (FC-28). A place without one moves on to the next; trouble with the server or
 * the network does not (META-04). Throws `DiscoveryError`.
 */
export async function discoverAuthorizationServer(
  issuer: string,
  call: Call,
  { order = "oauth", placeholder }: { readonly order?: "openid" | "oauth"; readonly placeholder?: string } = {},
): Promise<Discovered> {
  const read = (answer: HttpResponse | TransportError) =>
    documentOf(issuer, answer, call.allowHttp === true, placeholder);
  requireIssuer(issuer, call.allowHttp === true);
  const places = metadataUrls(issuer, order);
  const refusals: Refusal[] = [];
  for (const [index, url] of places.entries()) {
    const answer = await exchange(metadataRequest(url, call));
    try {
      const first = { members: read(answer), lifetime: lifetimeOf(answer) };
      return await completed(issuer, first, { places: places.slice(index + 1), read }, call);
    } catch (error) {
      if (!(error instanceof DiscoveryError)) throw error;
      if (error.temporary) throw error.cause === undefined ? at(url, error) : error;
      refusals.push({ url, answer, error });
    }
  }
  throw await whyNone(issuer, refusals, call);
}

interface Document {
  readonly members: Members;
  /** Seconds. */
  readonly lifetime: number;
}

/** What a login or its end asks, and servers name in one of their two documents only. */
const OFTEN_LACKING = ["device_authorization_endpoint", "revocation_endpoint", "registration_endpoint"] as const;

/** Nothing that is wrong with the other document spoils the first; what passes by itself is looked at again soon. */
async function completed(
  issuer: string,
  first: Document,
  { places, read }: { places: readonly string[]; read(answer: HttpResponse | TransportError): Members },
  call: Call,
): Promise<Discovered> {
  const isComplete = OFTEN_LACKING.every((name) => first.members[name] !== undefined);
  for (const url of isComplete ? [] : places) {
    const answer = await exchange(metadataRequest(url, call));
    try {
      const more = read(answer);
      const lifetime = Math.min(first.lifetime, lifetimeOf(answer));
      return { metadata: withDefaults(issuer, { ...more, ...first.members }), lifetime };
    } catch (error) {
      if (!(error instanceof DiscoveryError)) throw error;
      if (error.temporary) return { metadata: withDefaults(issuer, first.members), lifetime: LIFETIME.shortest };
    }
  }
  return { metadata: withDefaults(issuer, first.members), lifetime: first.lifetime };
}

function lifetimeOf(answer: HttpResponse | TransportError): number {
  return answer instanceof TransportError ? 0 : metadataLifetime(answer);
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
  return withDefaults(issuer, documentOf(issuer, response, allowHttp));
}

/** Where the issuer is kept as the metadata have it, if that is no single one; only written here. */
export const ISSUER_TEMPLATE = "issuer_template";

function documentOf(
  issuer: string,
  response: HttpResponse | TransportError,
  allowHttp: boolean,
  placeholder?: string,
): Members {
  if (response instanceof TransportError) {
    throw new DiscoveryError("authorization server unavailable", true, { cause: response });
  }
  if (response.status !== 200) throw byStatus(response);
  const json = parseJsonObject(response.body);
  if (!json || textOf(json.issuer) === undefined) throw new DiscoveryError(NOT_FOUND, false);
  // META-05: as plain text. A normalised comparison would let `https://h` speak for `https://h/`.
  const named = String(json.issuer);
  if (named === issuer) return usable(json, allowHttp);
  if (placeholder === undefined || !fits(issuer, named, placeholder)) throw anotherIssuer(issuer, named);
  return { ...usable(json, allowHttp), [ISSUER_TEMPLATE]: named };
}

/** Whether the issuer is what the metadata name, with one path segment of it in the place of the placeholder. */
function fits(issuer: string, named: string, placeholder: string): boolean {
  const [before = "", after, more] = named.split(placeholder);
  if (after === undefined || more !== undefined || !before.endsWith("/")) return false;
  const inside = issuer.slice(before.length, issuer.length - after.length);
  return issuer === before + inside + after && /^[A-Za-z0-9.-]+$/.test(inside) && URL.canParse(before);
}

/** What of a document is used, with the defaults of what it leaves out (META-06). Throws `DiscoveryError` (META-07). */
export function readMetadata(json: JsonObject, allowHttp: boolean): AuthorizationServer {
  return withDefaults(String(json.issuer), usable(json, allowHttp));
}

function withDefaults(issuer: string, members: Members): AuthorizationServer {
  return { ...DEFAULTS, ...members, issuer };
}

/** Mostly a slash too many or `localhost` for `127.0.0.1`: seen beside each other it is found at once. */
function anotherIssuer(asked: string, named: string): DiscoveryError {
  return new DiscoveryError(
    `the metadata belong to another issuer: expected ${asked}, found ${shownUrl(named)}`,
    false,
  );
}

function byStatus(response: HttpResponse): DiscoveryError {
  const { status } = response;
  const temporary = status >= 500 || status === 408 || status === 425 || status === 429;
  return new DiscoveryError(temporary ? `authorization server answered with status ${status}` : NOT_FOUND, temporary);
}

/** Keeps what has the right type; an endpoint that may not be used spoils the document (META-07). */
function usable(json: JsonObject, allowHttp: boolean): Members {
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
const IGNORED: ReadonlySet<string> = new Set(["signed_metadata", "mtls_endpoint_aliases", ISSUER_TEMPLATE]);

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
