import { randomInt } from "node:crypto";
import type { Binding, BoundClient } from "../../credential/index.ts";
import type { AuthorizationServer, Call } from "../../protocol/client.ts";
import { DiscoveryError } from "../../protocol/discovery.ts";
import type { Located } from "../../protocol/ladder/ladder.ts";
import type { SecretEndpoint } from "../../protocol/secret-endpoints.ts";
import { notOffered, pinnedOf } from "../../protocol/server-offers.ts";
import { checkCredentialOptions, type ExpandedApiServer, findProvider } from "../../providers/index.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import type { Destination } from "../record/grant.ts";
import { type AdaptedClient, adaptedClient } from "./adapted-client.ts";
import { locate, ownMetadata } from "./metadata-cache.ts";
import { type Moved, trusted } from "./pinned-origins.ts";
import { type Login, registeredClient } from "./registered-client.ts";
import {
  type ConfiguredServer,
  movedProblem,
  OFFLINE_ACCESS,
  orRefuse,
  requireUnmoved,
  ServerProblem,
} from "./resolve-server.ts";
import { requireNoSecret, toldAlike } from "./strangers.ts";

export interface Bound {
  readonly binding: Binding;
  readonly warnings: readonly string[];
  /** The client was registered for an earlier login. */
  readonly shared: boolean;
  /** Where the login comes back, if that is not where it was asked to. */
  readonly redirectUri?: string;
}

/**
 * Binds a new grant to the API server it is for: finds its authorization server, registers a client where the server
 * record has none, names a device. Throws `BrokerError`; nothing is stored then.
 */
export async function bindGrant(
  context: Context,
  server: ConfiguredServer,
  providerOptions: Destination["providerOptions"],
  call: Call,
  login?: Login,
): Promise<Bound> {
  const found = await locateApiServer(context, server, providerOptions, call);
  const { apiServer, located } = found;
  try {
    return await bindAt(context, server, found, call, login);
  } catch (error) {
    if (!(error instanceof BrokerError) || !error.detail.absent || call.stranger || apiServer.adapts) throw error;
    // MX-D12: a homeserver's copy of the metadata may be older than the endpoints.
    const metadata = await ownMetadata(context, located.metadata, call);
    if (!metadata || metadata.registration_endpoint === located.metadata.registration_endpoint) throw error;
    const now = await requirePinned(context, server, apiServer, { ...located, metadata });
    return bindAt(context, server, { apiServer, ...now }, call, login);
  }
}

/** An API server, and its authorization server without the endpoints that have moved. */
interface FoundApiServer {
  readonly apiServer: ExpandedApiServer;
  readonly located: Located;
  readonly moved: readonly Moved[];
}

async function bindAt(
  context: Context,
  server: ConfiguredServer,
  found: FoundApiServer,
  call: Call,
  login?: Login,
): Promise<Bound> {
  const { apiServer, moved } = found;
  const { name } = server;
  if (login) requireUnmoved({ name, moved }, startsAt(login));
  const candidates = offering(found.located, login);
  const isGiven = hasGivenClient(server, apiServer);
  if (!isGiven && !login) throw invalid("missing client ID: an imported grant needs the client_id it was issued to");
  if (!isGiven && login) requireUnmoved({ name, moved }, "registration_endpoint");
  if (call.stranger) requireNoSecret(context, server);
  const registered =
    !isGiven && login
      ? await clientFor(context, server, { ...found, candidates }, login, call).catch((error) => {
          throw call.stranger ? toldAlike(context, server, error) : error;
        })
      : undefined;
  const located = { ...found.located, metadata: registered?.metadata ?? candidates[0] ?? found.located.metadata };
  const deviceId = apiServer.deviceId ?? (login && newDeviceId(apiServer));
  const binding: Binding = {
    baseUrl: located.baseUrl,
    scopes: login ? scopesOf(apiServer, located, deviceId) : [],
    metadata: pinnedOf(located.metadata),
    ...ofResource(apiServer, located),
    ...(registered && { client: registered.client }),
    ...(deviceId !== undefined && { deviceId }),
    ...(call.stranger && { stranger: true as const }),
  };
  // What a fixed API server's metadata lack was said when its server was written.
  const warnings = apiServer.fixed ? [] : located.warnings;
  const back = registered?.redirectUri;
  return { binding, warnings, shared: registered?.shared ?? false, ...(back !== undefined && { redirectUri: back }) };
}

/** Of the authorization servers that an API has those at which this login can begin (MCP-D4). Throws `BrokerError`. */
function offering({ metadata, resource }: Located, login: Login | undefined): readonly AuthorizationServer[] {
  const servers = resource?.servers ?? [metadata];
  if (!login) return servers;
  const usable = servers.filter((each) => notOffered(each, login) === undefined);
  const missing = usable.length === 0 ? notOffered(metadata, login) : undefined;
  if (missing !== undefined) throw invalid(missing);
  return usable;
}

/** Whether the client of a login is registered for it, or is named by a document. */
export function registersClient(server: ConfiguredServer): boolean {
  const { apiServer } = server.provider;
  return apiServer !== undefined && !hasGivenClient(server, apiServer);
}

/** The record names the client, unless it says that another kind is to be used (MCP-R1). */
function hasGivenClient(
  { record: { clientId } }: Pick<ConfiguredServer, "record">,
  { clientBy = "static" }: ExpandedApiServer,
): boolean {
  return clientId !== "" && clientBy === "static";
}

function clientFor(
  context: Context,
  server: ConfiguredServer,
  { apiServer, located, candidates }: FoundApiServer & { readonly candidates: readonly AuthorizationServer[] },
  login: Login,
  call: Call,
): Promise<Partial<AdaptedClient> & { readonly client: BoundClient; readonly shared: boolean }> {
  return apiServer.adapts
    ? adaptedClient(context, server, candidates, login, call)
    : registeredClient(context, server, located, login, call);
}

/** The API server a login is for, and its authorization server; registers nothing. Throws like `bindGrant`. */
export async function locateApiServer(
  context: Context,
  server: ConfiguredServer,
  options: Destination["providerOptions"],
  call: Call,
): Promise<FoundApiServer> {
  const { record, provider } = server;
  const { apiServer } = provider;
  if (!apiServer) throw new Error("only a provider with API servers is looked for");
  const data = findProvider(record.provider, record.providerVersion);
  const { allowHttp } = context;
  const problem = data && checkCredentialOptions(data, record.providerOptions, options, { allowHttp });
  if (problem !== undefined) throw invalid(problem);
  const located = await locate(context, apiServer, call, { fresh: false }).catch((error) =>
    fail(context, server, apiServer, error, call),
  );
  return { apiServer, ...(await requirePinned(context, server, apiServer, located)) };
}

/** Of an API server that each login names nothing was pinned when the record was written, and no secret of it is at stake. */
async function requirePinned(
  context: Context,
  server: ConfiguredServer,
  apiServer: ExpandedApiServer,
  located: Located,
): Promise<Omit<FoundApiServer, "apiServer">> {
  const { fixed } = apiServer;
  // Where no client was given nothing of the record goes there, and each login is bound to what it was made at.
  if (!fixed || (apiServer.adapts && !hasGivenClient(server, apiServer))) return { located, moved: [] };
  const { metadata, moved } = await trusted(context, server, ofGivenClient(server, located), located.baseUrl);
  orRefuse(movedProblem(server.name, moved));
  const { resource } = located;
  const of = resource && { resource: { ...resource, servers: [metadata] } };
  return { located: { ...located, metadata, ...of }, moved };
}

/** MCP-R4: a client that was given, and its secret, are for one issuer of those that the API server names. */
function ofGivenClient({ name, record }: ConfiguredServer, { metadata, resource }: Located): AuthorizationServer {
  const { clientIssuer } = record;
  if (clientIssuer === undefined || !resource) return metadata;
  const { servers } = resource;
  const named = servers.map(({ issuer }) => issuer).join(" and ");
  const cause = `its client ID was given for ${clientIssuer}, and the API server names ${named} now; to accept this, write the server record again`;
  const own = servers.find(({ issuer }) => issuer === clientIssuer);
  return own ?? orRefuse<AuthorizationServer>(new ServerProblem(name, "server_misconfigured", cause));
}

function startsAt({ grantType }: Login): SecretEndpoint {
  return grantType === "authorization_code" ? "authorization_endpoint" : "device_authorization_endpoint";
}

/** An API server that the writer named is the writer's to mend; one of the server record is the operator's. */
function fail(
  context: Context,
  server: ConfiguredServer,
  apiServer: ExpandedApiServer,
  error: unknown,
  { stranger }: Call,
): never {
  if (!(error instanceof DiscoveryError)) throw error;
  const { name } = server;
  if (stranger && !error.isUnsupported) throw toldAlike(context, server, apiServerError(apiServer, error));
  if (!error.temporary && apiServer.fixed)
    return orRefuse<never>(new ServerProblem(name, "server_misconfigured", error.message));
  throw apiServerError(apiServer, error);
}

/** What is wrong with an API server that somebody names: trouble that passes, another name, or nothing they could mend. */
export function apiServerError(
  { option }: Pick<ExpandedApiServer, "option">,
  { message, temporary, retryAfter, isUnsupported }: DiscoveryError,
): BrokerError {
  if (temporary) {
    const wait = retryAfter === undefined ? {} : { retryAfter };
    return new BrokerError("repeat", message, { reason: "temporarily_unavailable", ...wait });
  }
  const reason = isUnsupported ? "unsupported_grant_type" : "server_misconfigured";
  return invalid(`option "${option}": ${message}`, { reason });
}

/** MCP-L4, MCP-L7: what is sent as `resource`, and what a login asks for. */
function ofResource({ hints, noResource }: ExpandedApiServer, { resource, metadata }: Located): Partial<Binding> {
  if (!resource) return {};
  const sent = noResource ? undefined : (hints.resource ?? resource.identifier);
  const offered = metadata.scopes_supported;
  return {
    usualScopes: resource.scopes,
    ...(sent !== undefined && { resource: sent }),
    ...(offered?.includes(OFFLINE_ACCESS) && { offlineAccess: true }),
  };
}

/** MX-S1, MX-S2: both in one spelling; which one goes by where the metadata were. */
function scopesOf(apiServer: ExpandedApiServer, { spelling }: Located, deviceId = ""): readonly string[] {
  return apiServer.scopes[apiServer.spelling ?? spelling].map((scope) => scope.replace("{device_id}", deviceId));
}

function newDeviceId({ device }: ExpandedApiServer): string | undefined {
  return (
    device && Array.from({ length: device.length }, () => device.alphabet[randomInt(device.alphabet.length)]).join("")
  );
}
