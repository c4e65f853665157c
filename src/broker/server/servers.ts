import { NO_LIVES, operationTimeout } from "../../credential/index.ts";
import { reservedIn } from "../../protocol/authorization-url.ts";
import { checkClientMetadata } from "../../protocol/client/check-client-metadata.ts";
import type { AuthorizationServer, Call } from "../../protocol/client.ts";
import { DiscoveryError } from "../../protocol/discovery.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import { isForbidden, whyUnreachable } from "../../protocol/response/why-unreachable.ts";
import {
  checkServerOptions,
  type Expanded,
  type ExpandedApiServer,
  expandProvider,
  needsClientId,
  type Provider,
} from "../../providers/index.ts";
import type { ServerInput, ServerView } from "../broker.ts";
import { BrokerError, invalid, invalidAll } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { toNamed, within } from "../process/door.ts";
import { oneAtATime } from "../record/one-at-a-time.ts";
import { settingsOf } from "../record/settings.ts";
import { apiServerError } from "./bind-grant.ts";
import { requireCallable } from "./callable-endpoints.ts";
import { dropFormer, keepFormer } from "./former-clients.ts";
import { lastTroubleOf } from "./last-trouble.ts";
import { locate, ownMetadata } from "./metadata-cache.ts";
import { nameClient } from "./name-client.ts";
import { pinsOf } from "./pinned-origins.ts";
import { checkRegistration, NO_REGISTRATION, registerServer } from "./register-client.ts";
import { clientBody } from "./registered-client.ts";
import { replaceRecord } from "./replace-record.ts";
import { replanServer } from "./replan.ts";
import { endpointsOf, missingServer } from "./resolve-server.ts";
import { draftOf, givenProvider, givenSecrets } from "./server-input.ts";
import { findServer, methodInUse, NO_SESSION_ACCESS, type ServerRecord } from "./server-record.ts";
import { recordWarnings, sessionAccessOf, sessionWarnings } from "./session-access.ts";
import { livesOf } from "./token-lives.ts";

/** The record without secrets and keys, and without their number; no upstream call. */
export async function readServer(context: Context, mount: string, name: string): Promise<ServerView | undefined> {
  const stored = await findServer(context, mount, name);
  if (!stored) return undefined;
  const { sessions = NO_SESSION_ACCESS, ...record } = stored.record;
  const tokenEndpointAuthMethod = methodInUse(stored.record);
  const { clientId, authUrlParams, provider, providerVersion, providerOptions } = record;
  const { allowed: allowSessions, flow: sessionFlow, redirectUri = "", proxyApis, tools = {} } = sessions;
  const own = { clientId, authUrlParams, provider, providerVersion, providerOptions, tokenEndpointAuthMethod };
  const { authMethodOpen, registration } = stored.record;
  const client = {
    authMethodChosen: !authMethodOpen,
    registered: registration !== undefined,
    secrets: secretsOf(stored.record),
  };
  const { assumed: defaultExpirySeconds, longest: maximumExpirySeconds } = stored.record.lives ?? NO_LIVES;
  const lastTrouble = lastTroubleOf(context, stored);
  const more = { defaultExpirySeconds, maximumExpirySeconds, allowSessions, sessionFlow, redirectUri, proxyApis };
  const { allow: allowTools = [], deny: denyTools = [] } = tools;
  const warnings = recordWarnings(context, stored.record);
  return { ...own, ...client, ...more, allowTools, denyTools, warnings, ...(lastTrouble && { lastTrouble }) };
}

/** What a registration brought nobody has given. */
function secretsOf({
  clientSecrets,
  clientKey,
  initialAccessToken,
  registration,
}: ServerRecord): ServerView["secrets"] {
  return [
    ...(clientSecrets.length > 0 && !registration ? (["clientSecret"] as const) : []),
    ...(clientKey !== "" ? (["clientKey"] as const) : []),
    ...(initialAccessToken !== "" ? (["initialAccessToken"] as const) : []),
  ];
}

/**
 * Credentials stay; a new server of that name adopts them. Until then they say what is wrong. A client that the broker had
 * registered stays with them, and is unregistered when the last has gone.
 */
export async function deleteServer(context: Context, mount: string, name: string): Promise<void> {
  const stored = await findServer(context, mount, name);
  if (!stored) return;
  const { record } = stored;
  await nameClient(context, mount, name, record);
  const letGo = record.registration && (await keepFormer(context, mount, name, record));
  if (!(await context.store.remove({ id: stored.id }))) return;
  await letGo?.();
  await dropFormer(context, mount, name);
  const { reason, message: text } = missingServer(name);
  const event = { type: "server-unusable", reason, text, doubt: false } as const;
  await replanServer(context, mount, { name, record, event });
}

/** Validates, resolves the provider, stores with its current version; on any error nothing is stored. Answers warnings. */
export async function writeServer(
  context: Context,
  mount: string,
  name: string,
  input: ServerInput,
): Promise<readonly string[]> {
  const write = async () => {
    const { record, warnings } = await madeOf(context, mount, name, input, registerServer);
    await replaceRecord(context, mount, name, record);
    return warnings;
  };
  // Instances that start at once with one configuration are one client (FC-20): who comes later finds what was registered.
  return registersClient(input) ? oneAtATime(context, mount, `registration of ${name}`, write) : write();
}

function registersClient(input: ServerInput): boolean {
  const { registration } = input.providerOptions;
  const isOfRecord = givenProvider(input).apiServer === undefined;
  return isOfRecord && input.clientId === "" && (registration === "dynamic" || registration === "renew");
}

/** The same without its end: no client is registered, and nothing is stored. */
export async function checkServer(
  context: Context,
  mount: string,
  name: string,
  input: ServerInput,
): Promise<readonly string[]> {
  const { warnings } = await madeOf(context, mount, name, input, checkRegistration);
  return warnings;
}

type Register = (...given: Parameters<typeof registerServer>) => Promise<Partial<ServerRecord>>;

async function madeOf(context: Context, mount: string, name: string, input: ServerInput, register: Register) {
  const provider = givenProvider(input);
  const problem = checkServerOptions(provider, input.providerOptions, { allowHttp: context.allowHttp });
  if (problem !== undefined) {
    const isHttpAlone = checkServerOptions(provider, input.providerOptions, { allowHttp: true }) === undefined;
    throw invalid(isHttpAlone ? `${problem}${HTTP_ALLOWED}` : problem, { reason: "server_misconfigured" });
  }
  requireUnreserved(input.authUrlParams, false);
  const sessions = sessionAccessOf(input, context.allowHttp);
  const lives = livesOf(input);
  if (input.clientId === "" && needsClientId(provider, input.providerOptions)) throw invalid("missing client ID");
  const expanded = expandProvider(provider, input.providerOptions, {});
  const { apiServer } = expanded;
  if (apiServer?.ofClient) requireOwn(input, apiServer);
  const ofClient = input.clientId === "" && apiServer && !apiServer.adapts ? checkClient(context, apiServer) : [];
  const settings = await settingsOf(context, mount);
  const { record, warnings } = await within(context, operationTimeout(settings, undefined, 0), async (within) => {
    const call = toNamed(within, apiServer?.reach);
    const { metadata, baseUrl, warnings } = await resolve(context, provider, expanded, call);
    if (apiServer?.fixed && input.clientId === "" && !apiServer.adapts)
      await requireRegistration(context, metadata, call);
    const draft = { ...(await draftOf(input, provider, expanded, metadata)), sessions };
    const before =
      input.providerOptions.registration === "renew" ? undefined : (await findServer(context, mount, name))?.record;
    const client = registersClient(input)
      ? await register(context, { mount, metadata, record: draft }, before, call)
      : {};
    const pins = pinsOf(metadata, baseUrl);
    const of = apiServer?.adapts && input.clientId !== "" && { clientIssuer: metadata.issuer };
    return { record: { ...draft, pins, lives, ...client, ...of }, warnings };
  });
  const ofSessions = sessionWarnings(context, input, apiServer?.ofClient === true);
  return { record, warnings: [...warnings, ...ofClient, ...ofSessions] };
}

/** MCP-G5: what has no secret of its own cannot sign in without a person, and goes nowhere that each login may name. */
function requireOwn(input: ServerInput, { fixed, option }: ExpandedApiServer): void {
  const hasMeans = input.clientId !== "" && (input.clientKey !== "" || givenSecrets(input).length > 0);
  if (hasMeans && fixed) return;
  throw invalid(`grant=client_credentials needs client_id, client_secret or client_key, and ${option}`);
}

/** FC-94: a login without a client can never begin. The issuer's own document may know better than a copy of it (MX-D12). */
async function requireRegistration(context: Context, metadata: AuthorizationServer, call: Call): Promise<void> {
  if (metadata.registration_endpoint !== undefined) return;
  const own = await ownMetadata(context, metadata, call);
  if (own?.registration_endpoint === undefined) throw invalid(NO_REGISTRATION, { reason: "server_misconfigured" });
}

/** MX-R2: what will be registered with each login is checked now. Answers warnings. */
function checkClient(context: Context, apiServer: ExpandedApiServer): readonly string[] {
  const { violations, warnings } = checkClientMetadata(clientBody(apiServer, context.publicUrl));
  if (violations.length === 0) return warnings.map((text) => `client_metadata: ${text}`);
  const problems = violations.map((text) => `option "client_metadata": ${text}`);
  throw invalidAll(problems, { reason: "server_misconfigured" });
}

/** Who runs a provider at home meets this first. */
const HTTP_ALLOWED =
  ', or an http one in a network that "serve --allow-networks" names (your own broker: "allowNetworks" in config.json)';

async function resolve(context: Context, provider: Provider, expanded: Expanded, call: Call): Promise<Resolved> {
  const { apiServer } = expanded;
  if (apiServer && !apiServer.fixed) return { metadata: { issuer: "" }, warnings: [] };
  try {
    if (apiServer) {
      const located = await locate(context, apiServer, call, { fresh: true });
      await requireCallable(context, located.metadata, {}, apiServer.reach);
      return located;
    }
    const metadata = await endpointsOf(context, expanded, call, true);
    if (metadata.token_endpoint === undefined)
      throw new DiscoveryError("the metadata contain no token_endpoint", false);
    await requireCallable(context, metadata, expanded);
    return { metadata, warnings: [] };
  } catch (error) {
    if (!(error instanceof DiscoveryError)) throw error;
    const told = toldApart(error);
    throw apiServer ? apiServerError(apiServer, told) : issuerError(provider, expanded, told);
  }
}

/** Whoever writes a server runs this broker, and can mend what is in the way. */
function toldApart(error: DiscoveryError): DiscoveryError {
  const { message, temporary, cause } = error;
  const why = cause instanceof TransportError ? whyUnreachable(cause) : undefined;
  return why === undefined ? error : new DiscoveryError(`${message}: ${why}`, temporary, { cause });
}

/** FC-38: what passes by itself is no fault of the record; nothing was stored, and the write can be repeated as it is. */
function issuerError(provider: Provider, { discovery }: Expanded, error: DiscoveryError): BrokerError {
  const text = discovery === undefined ? error.message : discoveryText(provider, error);
  const isOurs = error.cause instanceof TransportError && isForbidden(error.cause);
  if (!error.temporary || isOurs) return invalid(text, { reason: "server_misconfigured" });
  return new BrokerError("repeat", text, { reason: "temporarily_unavailable" });
}

/** What a server's discovery brought; nothing yet where each login names its own API server. */
interface Resolved {
  readonly metadata: AuthorizationServer;
  /** Of an API server. */
  readonly baseUrl?: string;
  readonly warnings: readonly string[];
}

function discoveryText({ discovery = "", openid }: Provider, { message }: DiscoveryError): string {
  const option = /^\{(\w+)\}$/.exec(discovery)?.[1];
  const named = option === undefined ? "" : `option "${option}": `;
  const what = openid
    ? "creating OIDC provider with given issuer URL"
    : "finding the authorization server of the given issuer";
  return `${named}error ${what}: ${message}`;
}

export function requireUnreserved(parameters: Readonly<Record<string, string>>, withName: boolean): void {
  const taken = reservedIn(parameters, withName);
  if (taken !== undefined) throw invalid(`auth_url_params must not contain "${taken}"`);
}
