import { createHash } from "node:crypto";
import type { BoundClient } from "../../credential/index.ts";
import { checkClientMetadata, lackingFor, withOverrides } from "../../protocol/client/check-client-metadata.ts";
import { registrable } from "../../protocol/client/redirect-uri-rules.ts";
import { type ClientMetadata, managementOf } from "../../protocol/client/registration.ts";
import type { AuthorizationServer, Call } from "../../protocol/client.ts";
import type { Located } from "../../protocol/ladder/ladder.ts";
import { originsOf } from "../../protocol/secret-endpoints.ts";
import type { ExpandedApiServer } from "../../providers/index.ts";
import { invalid, invalidAll } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { ofIssuer } from "../process/redirect-uri.ts";
import { openContent, plainRow } from "../record/records.ts";
import { NO_REGISTRATION, registerClient } from "./register-client.ts";
import type { ConfiguredServer } from "./resolve-server.ts";

/** A login that is to be started here, and not one whose values somebody brings. */
export interface Login {
  readonly grantType: string;
  readonly redirectUri?: string;
  /** The client that was used before is known no more. */
  readonly forget?: boolean;
  /** The network of a caller without a token (`Caller.network`), whose registrations have a share of their own. */
  readonly network?: string;
}

interface LoginClient {
  readonly client: BoundClient;
  readonly shared: boolean;
  /** See `AdaptedClient`. */
  readonly redirectUri?: string;
}

/**
 * The client of a login that is about to start (RFC 7591): a new one each time, because the tokens of an old one stay bound
 * to it; with `registration=reuse` the one that the same metadata got here before (matrix.md MX-R6, MX-R7).
 */
export async function registeredClient(
  context: Context,
  { mount, record, provider: { apiServer, quirks } }: ConfiguredServer,
  { metadata }: Located,
  begun: Login,
  call: Call,
): Promise<LoginClient> {
  if (!apiServer) throw new Error("only a provider with API servers registers for a login");
  if (metadata.registration_endpoint === undefined) {
    throw invalid(NO_REGISTRATION);
  }
  const comesBack =
    begun.redirectUri === undefined ? {} : { redirectUri: ofIssuer(context, begun.redirectUri, metadata.issuer) };
  const login = { ...begun, ...comesBack };
  const body = clientBody(apiServer, context.publicUrl, login.redirectUri);
  requireValid(body, login);
  const register = () => {
    const redirectUris = login.redirectUri === undefined ? [] : [registrable(login.redirectUri)];
    const needed = { grantTypes: [login.grantType], redirectUris };
    // What an operator wrote for servers of their choice is no stranger's.
    const initialAccessToken = call.stranger ? "" : record.initialAccessToken;
    const { network } = login;
    const who = network === undefined ? {} : { network };
    return registerClient(context, { mount, metadata, quirks, body, needed, initialAccessToken, ...who }, call);
  };
  if (!apiServer.reuse) {
    const { registration, ...client } = await register();
    const management = managementOf(registration);
    return { client: { ...client, ...(management && { management }) }, shared: false, ...comesBack };
  }
  const key = clientKey(mount, metadata, body);
  const row = login.forget ? undefined : await context.store.read(key);
  if (row) return { client: openContent<BoundClient>(context, row), shared: true, ...comesBack };
  const client = await register();
  await context.store.write(plainRow(context, { ...key, id: newId() }, client), { anything: true });
  return { client, shared: false, ...comesBack };
}

/** What is registered: the provider's defaults, the way back of this login, and above all what the operator says. */
export function clientBody(
  apiServer: ExpandedApiServer,
  publicUrl: string | undefined,
  redirectUri?: string,
): ClientMetadata {
  const defaults: ClientMetadata = {
    ...apiServer.client,
    ...(publicUrl?.startsWith("https:") && { client_uri: `${publicUrl}/` }),
    ...(redirectUri !== undefined && { redirect_uris: [registrable(redirectUri)] }),
  };
  return withOverrides(defaults, apiServer.clientMetadata);
}

function requireValid(body: ClientMetadata, login: Login): void {
  const problems = [...checkClientMetadata(body).violations, ...lackingFor(body, login)];
  if (problems.length > 0) throw invalidAll(problems.map((problem) => `option "client_metadata": ${problem}`));
}

/**
 * One per mount, server and metadata; members in any order are the same metadata. An API server says itself whose registration
 * endpoint and issuer it has: a client is for where it will be sent (ST-193).
 */
function clientKey(mount: string, metadata: AuthorizationServer, body: ClientMetadata) {
  const { issuer, registration_endpoint: endpoint } = metadata;
  const sorted = Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1));
  const name = createHash("sha256")
    .update(JSON.stringify([issuer, endpoint, originsOf(metadata), sorted]))
    .digest("hex");
  return { mount, kind: "client", name } as const;
}
