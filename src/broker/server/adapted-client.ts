import { createHash } from "node:crypto";
import type { BoundClient } from "../../credential/index.ts";
import { withOverrides } from "../../protocol/client/check-client-metadata.ts";
import type { ClientMetadata } from "../../protocol/client/registration.ts";
import { acceptableUris, registrationForms } from "../../protocol/client/registration-forms.ts";
import type { AuthorizationServer, Call } from "../../protocol/client.ts";
import { LOOPBACK_REDIRECT, registeredAs } from "../../protocol/loopback-redirect.ts";
import type { ExpandedApiServer } from "../../providers/index.ts";
import { type BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { callbackOf, markOf, ofIssuer } from "../process/redirect-uri.ts";
import { openContent, plainRow } from "../record/records.ts";
import { tryRegistration } from "./register-client.ts";
import type { Login } from "./registered-client.ts";
import type { ConfiguredServer } from "./resolve-server.ts";

/** The client of a login, and the authorization server that knows it. */
export interface AdaptedClient {
  readonly client: BoundClient;
  readonly metadata: AuthorizationServer;
  /** It has served logins before. */
  readonly shared: boolean;
  /** Where this login comes back: to this issuer's own callback, or to what its server granted instead of it. */
  readonly redirectUri?: string;
}

/** A registration that serves all logins of its kind at one issuer (MCP-R4). */
interface KeptRegistration {
  readonly client: BoundClient;
  readonly redirectUri?: string;
  /** Epoch seconds; 0 = never. */
  readonly secretExpiresAt: number;
}

interface Wanted {
  readonly server: ConfiguredServer;
  readonly apiServer: ExpandedApiServer;
  readonly login: Login;
  readonly redirectUri: string;
}

/**
 * MCP-R1: the client of a login where nobody gave one: a Client ID Metadata Document where the server takes those, else a
 * registration, the one that is there already before a new one. Throws `BrokerError`.
 */
export async function adaptedClient(
  context: Context,
  server: ConfiguredServer,
  candidates: readonly AuthorizationServer[],
  login: Login,
  call: Call,
): Promise<AdaptedClient> {
  const { apiServer } = server.provider;
  if (!apiServer) throw new Error("only a provider with API servers adapts its clients");
  if (apiServer.clientBy === "static") throw invalid(NO_CLIENT);
  const redirectUri = login.redirectUri ?? usualRedirectUri(context, server);
  const wantedAt = ({ issuer }: AuthorizationServer): Wanted => {
    return { server, apiServer, login, redirectUri: ofIssuer(context, redirectUri, issuer) };
  };
  const renews = login.forget === true || apiServer.renewClient;
  // MCP-D4: one that knows us already goes first.
  for (const metadata of renews ? [] : candidates) {
    const wanted = wantedAt(metadata);
    const kept = documentOf(context, wanted, metadata) ? undefined : await keptIn(context, wanted, metadata);
    if (kept) return { ...kept, ...comesBack(wanted, kept), metadata, shared: true };
  }
  const [metadata] = candidates;
  if (!metadata) throw new Error("there is always an authorization server, or an error");
  const wanted = wantedAt(metadata);
  const document = documentOf(context, wanted, metadata);
  if (document !== undefined && document === ownDocument(context, metadata)) {
    const method = context.clientKey ? "private_key_jwt" : "none";
    return { client: { clientId: document, method }, ...comesBack(wanted), metadata, shared: false };
  }
  // A project's own document names the callback that all share.
  if (document !== undefined) return { client: { clientId: document, method: "none" }, metadata, shared: false };
  const made = await registered(context, wanted, metadata, call);
  return { ...made, ...comesBack(wanted, made), metadata, shared: false };
}

/** Where a login by the browser comes back: to what was asked for, unless the server granted something else. */
function comesBack({ login, redirectUri }: Wanted, granted: Pick<AdaptedClient, "redirectUri"> = {}) {
  return login.redirectUri === undefined ? {} : { redirectUri, ...granted };
}

const NO_CLIENT =
  "missing client ID: register a client at the authorization server, and give its client_id in the server record (coatcheck server add … --client-id ID)";

/** Where a login comes back that begins elsewhere: one client is for both. */
function usualRedirectUri(context: Context, { mount, record }: ConfiguredServer): string {
  const { publicUrl, loopback } = context;
  if (loopback) return registeredAs(record.sessions?.redirectUri || LOOPBACK_REDIRECT);
  return publicUrl?.startsWith("https:") ? callbackOf(publicUrl, context, mount) : "http://127.0.0.1/callback";
}

/**
 * MCP-R2: the URL of the document that stands for a registration; undefined: none may, or none can. The broker's own names
 * its callback and the code flow alone, so a server that registers is asked to for a login by device code.
 */
function documentOf(
  context: Context,
  { apiServer, login, redirectUri }: Wanted,
  metadata: AuthorizationServer,
): string | undefined {
  const { clientBy, clientMetadataUrl } = apiServer;
  const supported = metadata.client_id_metadata_document_supported === true;
  if (clientBy === "dynamic" || (clientBy !== "cimd" && !supported)) return undefined;
  const { publicUrl, clientKey } = context;
  const comesHere = redirectUri.startsWith(`${publicUrl}/v1/`);
  const mayBeOwn = comesHere && (!clientKey || takesSignatures(metadata));
  const document = clientMetadataUrl ?? (mayBeOwn ? ownDocument(context, metadata) : undefined);
  const canRegister = metadata.registration_endpoint !== undefined;
  if (clientBy !== "cimd" && login.grantType !== "authorization_code" && canRegister) return undefined;
  if (document === undefined && clientBy === "cimd") throw invalid(NO_DOCUMENT);
  return document;
}

/** Of a broker that others reach by https; see http/system/client-document. */
function ownDocument({ publicUrl }: Context, { issuer }: AuthorizationServer): string | undefined {
  return publicUrl?.startsWith("https:") ? `${publicUrl}/oauth/client/${markOf(issuer)}` : undefined;
}

/** RFC 8414 2: without the list it takes Basic alone, by the letter; whoever leaves it out means nothing by it. */
function takesSignatures({ token_endpoint_auth_methods_supported: methods }: AuthorizationServer): boolean {
  return methods?.includes("private_key_jwt") ?? true;
}

const NO_DOCUMENT =
  "registration=cimd needs client_metadata_url, the https URL of a Client ID Metadata Document, or a broker with an https --public-url";

async function keptIn(
  context: Context,
  wanted: Wanted,
  metadata: AuthorizationServer,
): Promise<Omit<AdaptedClient, "metadata" | "shared"> | undefined> {
  if (metadata.registration_endpoint === undefined) return undefined;
  const row = await context.store.read(placeOf(context, wanted, metadata));
  if (!row) return undefined;
  const { client, redirectUri, secretExpiresAt } = openContent<KeptRegistration>(context, row);
  // MCP-R5: a secret that has run out is no client any more.
  if (secretExpiresAt !== 0 && secretExpiresAt * 1000 <= context.clock.now()) return undefined;
  return { client, ...(redirectUri !== undefined && { redirectUri }) };
}

function formsOf(context: Context, { apiServer, login, redirectUri }: Wanted, metadata: AuthorizationServer) {
  const { publicUrl = "" } = context;
  const own = { ...apiServer.client, ...(publicUrl.startsWith("https:") && { client_uri: `${publicUrl}/` }) };
  const base = withOverrides(own, apiServer.clientMetadata);
  return registrationForms(metadata, { base, redirectUri, grantType: login.grantType });
}

/** MCP-R4: one per issuer and what is asked of it. */
function placeOf(context: Context, wanted: Wanted, metadata: AuthorizationServer) {
  const { issuer, registration_endpoint: endpoint } = metadata;
  const [first] = formsOf(context, wanted, metadata);
  const name = createHash("sha256")
    .update(JSON.stringify([issuer, endpoint, first]))
    .digest("hex");
  return { mount: wanted.server.mount, kind: "client", name } as const;
}

/** MCP-R3: registers, in other forms where one is refused; then the server's own words on the first of them. */
async function registered(
  context: Context,
  wanted: Wanted,
  metadata: AuthorizationServer,
  call: Call,
): Promise<Omit<AdaptedClient, "metadata" | "shared">> {
  const { server, login } = wanted;
  if (metadata.registration_endpoint === undefined) throw invalid(NO_CLIENT);
  const initialAccessToken = call.stranger ? "" : server.record.initialAccessToken;
  const who = login.network === undefined ? {} : { network: login.network };
  const needed = { grantTypes: [login.grantType], redirectUris: [] };
  const input = { mount: server.mount, metadata, quirks: server.provider.quirks, needed, initialAccessToken, ...who };
  let refused: BrokerError | undefined;
  for (const body of formsOf(context, wanted, metadata)) {
    const answer = await tryRegistration(context, { ...input, body }, call);
    if ("refused" in answer) {
      refused ??= answer.refused;
      continue;
    }
    const { registration, redirectUris, ...client } = answer;
    const granted = grantedUri(wanted, body, redirectUris);
    return keep(context, wanted, metadata, {
      client,
      secretExpiresAt: registration.clientSecretExpiresAt ?? 0,
      ...(granted !== undefined && granted !== wanted.redirectUri && { redirectUri: granted }),
    });
  }
  throw refused ?? new Error("there is always a form");
}

/** What the server says wins; without its word what was asked for. Undefined where the login comes back to no URI. */
function grantedUri(
  { login, redirectUri }: Wanted,
  { redirect_uris: asked }: ClientMetadata,
  granted: readonly string[] | undefined,
): string | undefined {
  const given = granted ?? (Array.isArray(asked) ? asked.map(String) : []);
  const ours = acceptableUris(redirectUri).find((uri) => given.includes(uri));
  if (ours === undefined && login.grantType === "authorization_code")
    throw invalid(`client registration failed: the server did not grant redirect_uris: ${redirectUri}`);
  return login.redirectUri === undefined ? undefined : ours;
}

async function keep(
  context: Context,
  wanted: Wanted,
  metadata: AuthorizationServer,
  registration: KeptRegistration,
): Promise<Omit<AdaptedClient, "metadata" | "shared">> {
  const place = placeOf(context, wanted, metadata);
  const client = { ...registration.client, keptAs: place.name };
  const content: KeptRegistration = { ...registration, client };
  await context.store.write(plainRow(context, { ...place, id: newId() }, content), { anything: true });
  const { redirectUri } = registration;
  return { client, ...(redirectUri !== undefined && { redirectUri }) };
}

/** MCP-R5: its server knows the client no more, so no other login begins with it. */
export async function forgetClient(context: Context, mount: string, client: BoundClient | undefined): Promise<void> {
  const { keptAs, clientId } = client ?? {};
  if (keptAs === undefined) return;
  const row = await context.store.read({ mount, kind: "client", name: keptAs });
  // Another login may have registered a new one meanwhile.
  if (row && openContent<KeptRegistration>(context, row).client.clientId === clientId) await context.store.remove(row);
}
