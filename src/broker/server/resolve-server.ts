import type { Binding, BoundClient, Event, Grant, OperatorReason } from "../../credential/index.ts";
import type { AuthorizationServer, Call, Client } from "../../protocol/client.ts";
import { DiscoveryError } from "../../protocol/discovery.ts";
import type { SecretEndpoint } from "../../protocol/secret-endpoints.ts";
import {
  type Expanded,
  endpointMembers,
  expandProvider,
  findProvider,
  metadataOfProvider,
} from "../../providers/index.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { toNamed, toStranger } from "../process/door.ts";
import type { AuthorizationRequest } from "../record/authorization-request.ts";
import type { Destination } from "../record/grant.ts";
import { clientNamedBy, recordFor } from "./former-clients.ts";
import { metadataOf } from "./metadata-cache.ts";
import { type Moved, trusted, whyMoved } from "./pinned-origins.ts";
import { clientsOf, findServer, type ServerRecord } from "./server-record.ts";

/** A server record with its provider's data, for one grant. */
export interface ConfiguredServer {
  readonly mount: string;
  readonly name: string;
  /** Row id: changes with every write, so remembered choices do not outlive it. */
  readonly id: string;
  readonly record: ServerRecord;
  readonly provider: Expanded;
}

/** A server record made ready for requests: provider data, metadata, our client there. */
export interface ResolvedServer extends ConfiguredServer {
  readonly metadata: AuthorizationServer;
  /** By the way to authenticate that is in use; never empty. */
  readonly clients: readonly Client[];
  /** The same by the other way, where there is one that may be tried. */
  readonly others: readonly Client[];
  readonly binding?: Binding;
  /** Endpoints that are not in the metadata because nobody has agreed to where they are now. */
  readonly moved?: readonly Moved[];
}

/** Why a server cannot be used as it is configured; an operator mends it (oauthapp.md 1.2). A value, never thrown. */
export class ServerProblem {
  readonly reason: OperatorReason;
  readonly message: string;
  /** Discovery met with trouble that passes by itself. */
  readonly temporary: boolean;

  constructor(server: string, reason: OperatorReason, cause: string, temporary = false) {
    this.message = `server "${server}" has configuration problems: ${cause}`;
    this.reason = reason;
    this.temporary = temporary;
  }
}

/** No record has that name. */
export function missingServer(name: string): ServerProblem {
  return new ServerProblem(name, "server_missing", "server configuration does not exist (was it deleted?)");
}

/** What a server that cannot be used is to a credential: trouble that passes, or an operator's fault. */
export function problemEvent(
  { reason, message: text, temporary }: ServerProblem,
  prefix: string,
  doubt: boolean,
): Event {
  if (!temporary) return { type: "server-unusable", reason, text, doubt };
  return { type: "refused", outcome: { kind: "unavailable", text }, text: prefix + text, doubt };
}

/** What was resolved; a problem is the writer's to see. Throws `BrokerError` (400). */
export function orRefuse<T>(resolved: T | ServerProblem): T {
  if (!(resolved instanceof ServerProblem)) return resolved;
  const { message, reason, temporary } = resolved;
  throw new BrokerError("refused", message, { reason, ...(temporary && { passes: true }) });
}

/** Server → provider → authorization server metadata (cached, or the grant's own). */
export async function resolveServer(
  context: Context,
  mount: string,
  grant: Destination,
  call: Call,
): Promise<ResolvedServer | ServerProblem> {
  const server = await configuredServer(context, mount, grant);
  if (server instanceof ServerProblem) return server;
  if (grant.binding?.client?.method === "private_key_jwt" && !context.clientKey)
    return new ServerProblem(server.name, "server_misconfigured", NO_KEY);
  if (grant.binding) return boundServer(context, server, grant.binding);
  if (server.provider.apiServer) {
    return new ServerProblem(server.name, "server_misconfigured", "the grant belongs to another provider");
  }
  return ownServer(context, server, call);
}

/** Server → provider; asks nobody. */
export async function configuredServer(
  context: Context,
  mount: string,
  { server: name, providerOptions, client }: Destination,
): Promise<ConfiguredServer | ServerProblem> {
  const stored = await findServer(context, mount, name);
  if (!stored) return missingServer(name);
  const { id } = stored;
  const record = await recordFor(context, { mount, name, record: stored.record }, client);
  const provider = findProvider(record.provider, record.providerVersion);
  if (!provider) return new ServerProblem(name, "server_misconfigured", "version not supported");
  const elsewhere = isElsewhere(client?.issuer, clientNamedBy(record)?.issuer);
  if (elsewhere)
    return new ServerProblem(name, "server_misconfigured", `this login was made at ${client?.issuer}, and ${ANOTHER}`);
  return { mount, name, id, record, provider: expandProvider(provider, record.providerOptions, providerOptions) };
}

const ANOTHER = "the server is another now: write the record as it was, or sign in again";

/** A record that was deleted can come back as another server's, which must not see what this one issued. */
function isElsewhere(before = "", now = ""): boolean {
  const [one, other] = [URL.parse(before), URL.parse(now)];
  return one !== null && other !== null && one.origin !== other.origin;
}

/** The authorization server that the record itself names. */
export async function ownServer(
  context: Context,
  server: ConfiguredServer,
  call: Call,
): Promise<ResolvedServer | ServerProblem> {
  try {
    const found = await endpointsOf(context, server.provider, call);
    const { metadata, moved } = await trusted(context, server, found);
    return movedProblem(server.name, moved) ?? { ...server, metadata, moved, ...clientsOf(server.record) };
  } catch (error) {
    if (!(error instanceof DiscoveryError)) throw error;
    return new ServerProblem(server.name, "server_misconfigured", error.message, error.temporary);
  }
}

/** A grant that was bound where it was made goes on there, whatever the server record says by now. */
export function boundServer(context: Context, server: ConfiguredServer, binding: Binding): ResolvedServer {
  const own = binding.client ? { clients: [clientOf(context, binding.client)], others: [] } : clientsOf(server.record);
  return { ...server, provider: withResource(server.provider, binding), metadata: binding.metadata, ...own, binding };
}

/** MCP-L4: in every request, for this resource and no other. */
function withResource(provider: Expanded, { resource }: Binding): Expanded {
  if (resource === undefined) return provider;
  const others = provider.parameters.filter(([name]) => name !== "resource");
  return { ...provider, parameters: [...others, ["resource", resource]] };
}

/** The same call to a grant's own server: of one that a stranger named only what everybody may reach. */
export function callTo({ binding, provider }: ResolvedServer, call: Call): Call {
  return binding?.stranger ? toStranger(call) : toNamed(call, provider.apiServer?.reach);
}

const NO_KEY =
  "this login's client signs with the broker's own key, which is not given any more: start the broker with COATCHECK_CLIENT_KEY";

function clientOf({ clientKey }: Context, { clientId, method, secret = "" }: BoundClient): Client {
  if (method === "none") return { clientId, authentication: { method } };
  if (method !== "private_key_jwt") return { clientId, authentication: { method, secret } };
  const { key = "", keyId = "" } = clientKey ?? {};
  return { clientId, authentication: { method, key, keyId } };
}

/** Where the endpoints are: from discovery, or from the provider's data. Throws `DiscoveryError`. */
export function endpointsOf(
  context: Context,
  provider: Expanded,
  call: Call,
  fresh = false,
): Promise<AuthorizationServer> {
  if (provider.discovery !== undefined) {
    const given = endpointMembers(provider.endpoints);
    const placeholder = provider.issuerPlaceholder && { placeholder: provider.issuerPlaceholder.text };
    return metadataOf(context, provider.discovery, call, { openid: provider.openid, fresh, given, ...placeholder });
  }
  return Promise.resolve(metadataOfProvider(provider));
}

/** A token endpoint that has moved is a problem of the whole server, and so is an API; any other of those that need it. */
export function movedProblem(
  name: string,
  moved: readonly Moved[] | undefined,
  ...endpoints: readonly SecretEndpoint[]
): ServerProblem | undefined {
  const text = whyMoved(moved, "token_endpoint", "api", ...endpoints);
  return text === undefined ? undefined : new ServerProblem(name, "server_misconfigured", text);
}

/** For what cannot be done without an endpoint. Throws `BrokerError`. */
export function requireUnmoved(
  { name, moved }: Pick<ResolvedServer, "name" | "moved">,
  endpoint: SecretEndpoint,
): void {
  orRefuse(movedProblem(name, moved, endpoint));
}

export function tokenOrigin(metadata: AuthorizationServer): string {
  return metadata.token_endpoint === undefined ? "" : new URL(metadata.token_endpoint).origin;
}

/**
 * BCP-03: a code goes only to the server its link was made for; a record of that name may have been written anew since.
 * Where a provider has no issuer its token endpoint stands for it.
 */
export function requireSameServer({ issuer }: AuthorizationRequest, { metadata, name }: ResolvedServer): void {
  if (metadata.issuer === issuer) return;
  throw invalid(`server "${name}" has changed since this link was created: request a new link`);
}

/** A grant as it is stored: with its client, what its server was bound to, and the scopes that go with that. */
export function boundGrant(grant: Grant, server: ResolvedServer): Grant {
  const { binding } = server;
  const issued = { ...grant, ...issuedTo(server) };
  if (!binding) return issued;
  return { ...issued, scopes: [...binding.scopes, ...usualScopes(binding, grant.scopes)], binding };
}

export const OFFLINE_ACCESS = "offline_access";

/**
 * MCP-L4: the scopes that a login asks for where it names none are its resource's; beside any of them `offline_access`, where
 * the authorization server lists that.
 */
export function usualScopes(binding: Binding | undefined, asked: readonly string[]): readonly string[] {
  const scopes = asked.length > 0 ? asked : (binding?.usualScopes ?? []);
  const isLacking = binding?.offlineAccess && scopes.length > 0 && !scopes.includes(OFFLINE_ACCESS);
  return isLacking ? [...scopes, OFFLINE_ACCESS] : scopes;
}

/** The server record's client, unless what the grant was bound to has its own. */
export function issuedTo({ record, binding }: ResolvedServer): Pick<Grant, "client"> {
  const client = binding?.client ? undefined : clientNamedBy(record);
  return client ? { client } : {};
}
