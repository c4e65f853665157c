import type { AuthorizationServer, Call } from "../client.ts";
import { DiscoveryError } from "../discovery-error.ts";
import type { Located } from "../ladder/ladder.ts";
import { beyondIssuer } from "../ladder/vouched.ts";
import type { BearerChallenge } from "./challenges.ts";
import { earlierServer } from "./earlier-server.ts";
import { refuse } from "./fetch-json.ts";
import { issuerMetadata } from "./issuer-metadata.ts";
import { type Probed, probe } from "./probe.ts";
import { asResourceUrl, type ProtectedResource, type ResourceHints, scopesOf, withoutQuery } from "./resource.ts";
import { type ResourceDocument, resourceDocument } from "./resource-document.ts";

/** Characters of what somebody typed that are repeated to them. */
const SHOWN = 100;

const EARLIER =
  "this server has no protected resource metadata (it follows the MCP specification of 2025-03-26): its authorization server is taken to be at its own origin";

/**
 * Finds the authorization servers of a protected resource whose URL is given (MCP-D1 … MCP-D8). Nothing is registered and
 * nobody is sent anywhere before the document is known to speak for this very URL. Throws `DiscoveryError`.
 */
export async function findResource(
  { noun }: ProtectedResource,
  text: string,
  hints: ResourceHints,
  call: Call,
): Promise<Located> {
  const url = asResourceUrl(text, call.allowHttp === true);
  if (url === undefined) throw refuse(`${JSON.stringify(text.slice(0, SHOWN))} is not the https URL of an ${noun}`);
  // A path that a stranger names is asked only where a standard says what is there (RFC 9728 3).
  const probed: Probed = call.stranger ? { kind: "challenged" } : await probe(url, call);
  const challenge = probed.kind === "challenged" ? probed.challenge : undefined;
  const asked = challengedScopes(challenge, url);
  const document = await resourceDocument(
    { url, named: challenge?.resourceMetadata, ...(hints.resource !== undefined && { agreed: hints.resource }) },
    call,
  );
  if (!document) return withoutDocument(url, probed, asked, { noun, hints }, call);
  const { servers, lifetime } = await serversOf(document, hints, call);
  return located(url, servers, {
    identifier: document.resource,
    issuers: document.issuers,
    scopes: asked ?? document.scopes,
    lifetime: Math.min(document.lifetime, lifetime),
    warnings: [],
  });
}

function challengedScopes(challenge: BearerChallenge | undefined, url: string): readonly string[] | undefined {
  if (challenge?.scope === undefined) return undefined;
  const scopes = scopesOf(challenge.scope);
  if (!scopes) throw refuse(`the challenge of ${url} names a scope with characters that no scope may have`);
  return scopes.length > 0 ? scopes : undefined;
}

/** MCP-D7, MCP-D8. */
async function withoutDocument(
  url: string,
  probed: Probed,
  asked: readonly string[] | undefined,
  { noun, hints }: { readonly noun: string; readonly hints: ResourceHints },
  call: Call,
): Promise<Located> {
  if (probed.kind === "open")
    throw new DiscoveryError(`nothing to sign in to: ${url} answers without a token`, false, { unsupported: true });
  if (probed.kind === "unknown") throw refuse(`${url} is no ${noun}: it answered with status ${probed.status}`);
  if (call.stranger) throw refuse(`${url} has no protected resource metadata, and this login is a stranger's`);
  const { metadata, lifetime } = await earlierServer(url, hints.issuer, call);
  return located(url, [metadata], {
    identifier: withoutQuery(url),
    scopes: asked ?? [],
    lifetime,
    warnings: [EARLIER],
  });
}

interface Servers {
  readonly servers: readonly AuthorizationServer[];
  readonly lifetime: number;
}

/** MCP-D4: all that can be used, one with a device grant first. What is wrong with one of several spoils none of the others. */
async function serversOf(
  { issuers }: ResourceDocument,
  { issuer: expected }: ResourceHints,
  call: Call,
): Promise<Servers> {
  const named = expected !== undefined && issuers.includes(expected) ? [expected] : issuers;
  const found: AuthorizationServer[] = [];
  const errors: DiscoveryError[] = [];
  let lifetime = Number.POSITIVE_INFINITY;
  for (const issuer of named) {
    try {
      const one = await ofIssuer(issuer, expected, call);
      found.push(one.metadata);
      lifetime = Math.min(lifetime, one.lifetime);
    } catch (error) {
      if (!(error instanceof DiscoveryError)) throw error;
      errors.push(error);
    }
  }
  const [first] = errors;
  if (found.length === 0 && first) throw errors.find(({ temporary }) => temporary) ?? first;
  const hasDevice = (metadata: AuthorizationServer) => Number(metadata.device_authorization_endpoint !== undefined);
  return { servers: found.sort((a, b) => hasDevice(b) - hasDevice(a)), lifetime };
}

async function ofIssuer(issuer: string, expected: string | undefined, call: Call) {
  const found = await issuerMetadata(issuer, expected, call);
  if (!found) throw refuse(`the authorization server ${issuer} has no metadata`);
  const problem = call.stranger ? beyondIssuer(found.metadata) : undefined;
  if (problem !== undefined) throw refuse(problem);
  return found;
}

function located(
  url: string,
  servers: readonly AuthorizationServer[],
  {
    identifier,
    issuers,
    scopes,
    lifetime,
    warnings,
  }: {
    readonly identifier: string;
    readonly issuers?: readonly string[];
    readonly scopes: readonly string[];
    readonly lifetime: number;
    readonly warnings: readonly string[];
  },
): Located {
  const [metadata] = servers;
  if (!metadata) throw new Error("there is always a server, or an error");
  const resource = { identifier, scopes, servers, ...(issuers && { issuers }) };
  return { baseUrl: url, rung: "protected-resource", spelling: "stable", metadata, resource, warnings, lifetime };
}
