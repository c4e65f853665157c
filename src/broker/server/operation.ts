import { type Grant, operationTimeout, type Settings } from "../../credential/index.ts";
import type { Call } from "../../protocol/client.ts";
import { checkCredentialOptions, findProvider } from "../../providers/index.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { toNamed, toStranger, within } from "../process/door.ts";
import { type Destination, destinationOf, splitScopes } from "../record/grant.ts";
import { settingsOf } from "../record/settings.ts";
import { bindGrant, locateApiServer } from "./bind-grant.ts";
import { registerServer } from "./register-client.ts";
import type { Login } from "./registered-client.ts";
import { replaceRecord } from "./replace-record.ts";
import {
  boundServer,
  type ConfiguredServer,
  configuredServer,
  OFFLINE_ACCESS,
  orRefuse,
  ownServer,
  type ResolvedServer,
  requireUnmoved,
  ServerProblem,
  usualScopes,
} from "./resolve-server.ts";

/** A use case at one server: its mount's settings and its server record, read once at the door and passed down. */
export interface Operation {
  readonly mount: string;
  readonly settings: Settings;
  readonly server: ConfiguredServer;
  /** Which grant of that server it is about; its `server` is named. */
  readonly grant: Destination;
  /** Until when it may last in all (oauthapp.md 8.3). Monotonic milliseconds. */
  readonly until: number;
  /** Somebody without a token named the API server; see `isStrangers`. */
  readonly stranger?: boolean;
  /** Whence its login was begun without a token: see `Login`. */
  readonly network?: string;
}

/** An operation that may ask its server: the metadata and our client there are known. */
export interface ReadyOperation extends Operation {
  readonly server: ResolvedServer;
  /** What the writer should know about the server. */
  readonly warnings: readonly string[];
  /** Its client was registered for an earlier login. */
  readonly shared: boolean;
  /** Where its login comes back, if that is not where it was asked to. */
  readonly redirectUri?: string;
}

/** Of the server named, or of the mount's default; asks nobody. Throws `BrokerError` where there is neither. */
export async function openOperation(
  context: Context,
  mount: string,
  given: Destination,
): Promise<Operation | ServerProblem> {
  const settings = await settingsOf(context, mount);
  const name = given.server === "" ? settings.defaultServer : given.server;
  if (name === "") throw invalid("missing server (consider configuring a default server)");
  const grant = { ...destinationOf(given), server: name };
  const server = await configuredServer(context, mount, grant);
  if (server instanceof ServerProblem) return server;
  requireOptions(context, server, grant.providerOptions);
  const until = context.clock.monotonic() + operationTimeout(settings, undefined, 0) * 1000;
  return { mount, settings, server, grant, until };
}

/** Where there are API servers their names are looked at as well (bind-grant). */
function requireOptions(
  { allowHttp }: Context,
  server: ConfiguredServer,
  options: Destination["providerOptions"],
): void {
  const { record, provider } = server;
  const data = provider.apiServer ? undefined : findProvider(record.provider, record.providerVersion);
  const problem = data && checkCredentialOptions(data, record.providerOptions, options, { allowHttp });
  if (problem !== undefined) throw invalid(problem);
}

/** Seconds left of an operation. */
export function secondsLeft({ clock }: Context, { until }: Operation): number {
  return Math.max(0, until - clock.monotonic()) / 1000;
}

function withinOperation<T>(context: Context, operation: Operation, work: (call: Call) => Promise<T>): Promise<T> {
  const { stranger, server } = operation;
  const to = (call: Call) => (stranger ? toStranger(call) : toNamed(call, server.provider.apiServer?.reach));
  return within(context, secondsLeft(context, operation), (call) => work(to(call)));
}

/** What the server offers to a login that may begin; nothing is registered for it yet. Throws `BrokerError`. */
export function offerFor(
  context: Context,
  operation: Operation,
): Promise<Pick<ResolvedServer, "name" | "metadata" | "moved">> {
  const { server, grant } = operation;
  return withinOperation(context, operation, async (call) => {
    if (!server.provider.apiServer) return orRefuse(await ownServer(context, server, call));
    const { located, moved } = await locateApiServer(context, server, grant.providerOptions, call);
    return { name: server.name, metadata: located.metadata, moved };
  });
}

/** Resolves the server of an operation; a new login may register a client for itself. Throws `BrokerError`. */
export function makeReady(context: Context, operation: Operation, given?: Login): Promise<ReadyOperation> {
  const { server, grant, network } = operation;
  const login = given && network !== undefined ? { ...given, network } : given;
  return withinOperation(context, operation, async (call) => {
    const ready = { ...operation, warnings: [], shared: false };
    if (grant.binding) return { ...ready, server: boundServer(context, server, grant.binding) };
    if (!server.provider.apiServer) return { ...ready, ...(await readyForLogin(context, server, login, call)) };
    const { binding, ...more } = await bindGrant(context, server, grant.providerOptions, call, login);
    return { ...ready, ...more, server: boundServer(context, server, binding) };
  });
}

/** A login gets a client of its own making where the server has forgotten the one that the broker registered before. */
async function readyForLogin(
  context: Context,
  server: ConfiguredServer,
  login: Login | undefined,
  call: Call,
): Promise<Pick<ReadyOperation, "server" | "shared">> {
  const { mount, name, record } = server;
  const { registration, learned } = record;
  const own = orRefuse(await ownServer(context, server, call));
  if (!login || !registration) return { server: own, shared: false };
  if (!learned?.forgotten && !login.forget) return { server: own, shared: true };
  requireUnmoved(own, "registration_endpoint");
  const { network } = login;
  const asked = { mount, metadata: own.metadata, record, ...(network !== undefined && { network }) };
  const client = await registerServer(context, asked, undefined, call);
  const renewed = { ...record, ...client };
  const { id } = await replaceRecord(context, mount, name, renewed);
  context.log.warn("client_forgotten", { mount, server: name });
  return { server: orRefuse(await ownServer(context, { ...server, id, record: renewed }, call)), shared: false };
}

/** Both at once. Throws `BrokerError`. */
export async function openReady(
  context: Context,
  mount: string,
  given: Destination,
  login?: Login,
): Promise<ReadyOperation> {
  return makeReady(context, orRefuse(await openOperation(context, mount, given)), login);
}

/** The scopes of a login. */
export interface AskedScopes {
  readonly scopes: readonly string[];
  /** Those of them that nobody asked for but the broker. */
  readonly added: readonly string[];
}

/** `openid` goes first where the provider speaks OpenID Connect (oauthapp.md section 9) and the server is not known to refuse it. */
export function scopesToAsk(server: ResolvedServer, asked: readonly string[]): AskedScopes {
  const named = splitScopes(asked);
  const own = usualScopes(server.binding, named);
  const openid = server.provider.openid && server.record.learned?.openid !== false ? [OPENID] : [];
  const added = [...openid, ...(server.binding?.scopes ?? [])].filter((scope) => !own.includes(scope));
  const offline = own.filter((scope) => scope === OFFLINE_ACCESS && !named.includes(scope));
  return { scopes: [...added, ...own], added: [...added, ...offline] };
}

export const OPENID = "openid";

/** What a grant says of an id_token: none is expected where `openid` was left out at a provider that speaks OpenID Connect. */
export function openidOf({ provider }: ResolvedServer, { scopes }: AskedScopes): Pick<Grant, "openid"> {
  return provider.openid && !scopes.includes(OPENID) ? { openid: false } : {};
}

/** Who reads that a scope is refused must know of those that were never written down (FC-22). */
export function addedScopesText({ added }: AskedScopes, code: string | undefined): string {
  if (code !== "invalid_scope" || added.length === 0) return "";
  return `; the broker added the scope${added.length > 1 ? "s" : ""} ${added.join(" ")}`;
}

/** RFC 6749 3.3: separated by spaces, where the provider wants nothing else. */
export function joinScopes(server: ResolvedServer, scopes: readonly string[]): string {
  const { scopeSeparator, scopeSeparatorInRequests } = server.provider.quirks;
  return scopes.join(scopeSeparatorInRequests ? (scopeSeparator ?? " ") : " ");
}
