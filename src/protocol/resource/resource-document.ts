import type { Call } from "../client.ts";
import { metadataLifetime } from "../discovery.ts";
import { shownUrl } from "../discovery-error.ts";
import { isEndpoint } from "../endpoint.ts";
import { type JsonObject, textOf } from "../response/json.ts";
import { type FetchedJson, fetchJson, refuse } from "./fetch-json.ts";
import { coversUrl, scopesOf } from "./resource.ts";

/** What the protected resource metadata (RFC 9728 2) say that is used. */
export interface ResourceDocument {
  readonly resource: string;
  readonly issuers: readonly string[];
  readonly scopes: readonly string[];
  /** Seconds. */
  readonly lifetime: number;
}

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** A document that names more is not asked for all of them: each is a request. */
const MOST_ISSUERS = 5;

/**
 * The document of a protected resource: where its challenge says (MCP-D2: and nowhere else), else at its well-known places.
 * Undefined: both of these answer 404, so it has none (MCP-D7). Throws `DiscoveryError`.
 */
export async function resourceDocument(
  { url, named, agreed = "" }: { readonly url: string; readonly named?: string | undefined; readonly agreed?: string },
  call: Call,
): Promise<ResourceDocument | undefined> {
  const places = named === undefined ? wellKnownOf(url) : [namedPlace(named, call)];
  for (const place of places) {
    const found = await fetchJson("the protected resource metadata", place, call);
    if (found.kind === "json") return read(found, place, { url, agreed }, call);
    if (named !== undefined || found.status !== 404) throw unusable(place, found.status);
  }
  return undefined;
}

/** RFC 9728 3.1: between origin and path, then for the whole origin. */
function wellKnownOf(url: string): readonly string[] {
  const { origin, pathname } = new URL(url);
  const path = pathname === "/" ? "" : pathname;
  return [...new Set([origin + WELL_KNOWN + path, origin + WELL_KNOWN])];
}

function namedPlace(named: string, call: Call): string {
  if (!isEndpoint(named, call.allowHttp === true)) {
    const shown = JSON.stringify((named as string).slice(0, 200));
    throw refuse(`the server names metadata at ${shown}, which is no https URL`);
  }
  return named;
}

function unusable(place: string, status: number) {
  const what = status === 200 ? "something other than a JSON object" : `status ${status}`;
  return refuse(`the protected resource metadata (GET ${shownUrl(place)}) answered with ${what}`);
}

function read(
  { json, response }: Extract<FetchedJson, { kind: "json" }>,
  place: string,
  { url, agreed }: { readonly url: string; readonly agreed: string },
  call: Call,
): ResourceDocument {
  const where = `the protected resource metadata (GET ${shownUrl(place)})`;
  const resource = textOf(json.resource);
  if (resource === undefined) throw refuse(`${where} name no resource`);
  if (!coversUrl(resource, url) && resource !== agreed) {
    throw refuse(`${where} are of another resource: expected ${url}, found ${shownUrl(resource)}`);
  }
  const issuers = textsOf(json, "authorization_servers");
  const usable = issuers.filter((issuer) => isEndpoint(issuer, call.allowHttp === true) && !issuer.includes("?"));
  if (usable.length === 0) throw refuse(`${where} name no authorization server that can be used`);
  const scopes = scopesOf(textsOf(json, "scopes_supported").join(" "));
  if (!scopes) throw refuse(`${where} name a scope with characters that no scope may have`);
  return { resource, issuers: usable.slice(0, MOST_ISSUERS), scopes, lifetime: metadataLifetime(response) };
}

function textsOf(json: JsonObject, member: string): readonly string[] {
  const list = json[member];
  return Array.isArray(list) ? list.filter((each) => typeof each === "string" && each !== "") : [];
}
