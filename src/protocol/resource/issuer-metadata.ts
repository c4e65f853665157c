import type { AuthorizationServer, Call } from "../client.ts";
import { type Discovered, metadataLifetime, readMetadata } from "../discovery.ts";
import { shownUrl } from "../discovery-error.ts";
import { type JsonObject, textOf } from "../response/json.ts";
import { fetchJson, refuse } from "./fetch-json.ts";

const OAUTH = "/.well-known/oauth-authorization-server";
const OPENID = "/.well-known/openid-configuration";

/** MCP-D5: where an issuer's metadata may be, in the order to ask; of one with a path never what is at the root. */
function issuerPlaces(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  return path === ""
    ? [origin + OAUTH, origin + OPENID]
    : [origin + OAUTH + path, origin + OPENID + path, origin + path + OPENID];
}

/**
 * The metadata of an issuer, which must name exactly it, or the one that the server record expects instead. Undefined: none of
 * its places has any. Throws `DiscoveryError`.
 */
export async function issuerMetadata(
  issuer: string,
  expected: string | undefined,
  call: Call,
): Promise<Discovered | undefined> {
  for (const place of issuerPlaces(issuer)) {
    const found = await fetchJson("the authorization server's metadata", place, call);
    if (found.kind === "absent") continue;
    const { json, response } = found;
    const where = `the authorization server's metadata (GET ${shownUrl(place)})`;
    const named = textOf(json.issuer) ?? "";
    if (named !== issuer && named !== expected) {
      throw refuse(`${where} belong to another issuer: expected ${expected ?? issuer}, found ${shownUrl(named)}`);
    }
    return { metadata: judged(json, where, call), lifetime: metadataLifetime(response) };
  }
  return undefined;
}

/** Characters that no URL has (RFC 3986 2): whoever writes them has a shell in mind (CVE-2025-6514). */
const NO_URL = /[^\x21-\x7e]|["<>\\^`{|}]/;

/** People are sent there, by nobody's guard: over http only to the issuer's own host, which was named so (MCP-D9). */
function isForeignHttp(page: string, issuer: string): boolean {
  const [one, other] = [URL.parse(page), URL.parse(issuer)];
  if (one?.protocol !== "http:" || one.hostname === other?.hostname) return false;
  return !LOOPBACK.has(one.hostname) || !LOOPBACK.has(other?.hostname ?? "");
}

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

function judged(json: JsonObject, where: string, call: Call): AuthorizationServer {
  const odd = Object.entries(json).find(
    ([name, url]) => name.endsWith("_endpoint") && typeof url === "string" && NO_URL.test(url),
  );
  if (odd) throw refuse(`${where} contain an invalid ${odd[0].slice(0, 100)}`);
  const page = json.authorization_endpoint;
  if (typeof page === "string" && isForeignHttp(page, String(json.issuer)))
    throw refuse(`${where} contain an invalid authorization_endpoint`);
  const metadata = readMetadata(json, call.allowHttp === true);
  if (metadata.token_endpoint === undefined) throw refuse(`${where} contain no token_endpoint`);
  // MCP-D6: what is fetched and does not list it has no PKCE; elsewhere absent means that nobody said anything.
  return { ...metadata, code_challenge_methods_supported: metadata.code_challenge_methods_supported ?? [] };
}
