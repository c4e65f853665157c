import type { CodePending, Grant } from "../../credential/index.ts";
import { authorizationUrl } from "../../protocol/authorization-url.ts";
import { codeChallenge, generateNonce, generateState, generateVerifier } from "../../protocol/pkce.ts";
import { linkParameters } from "../../providers/index.ts";
import type { AuthorizationCodeUrlInput, AuthorizationLink } from "../broker.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { callbackOf } from "../process/redirect-uri.ts";
import { type AuthorizationRequest, requestKey } from "../record/authorization-request.ts";
import { storePending } from "../record/commit.ts";
import { grantOf } from "../record/grant.ts";
import { plainRow } from "../record/records.ts";
import {
  type AskedScopes,
  joinScopes,
  makeReady,
  OPENID,
  openidOf,
  openOperation,
  type ReadyOperation,
  scopesToAsk,
} from "../server/operation.ts";
import { boundGrant, orRefuse, type ResolvedServer, requireUnmoved } from "../server/resolve-server.ts";
import { requireUnreserved } from "../server/servers.ts";

/** An authorization link (oauthapp.md section 4); with `name` the broker's callback will fill that credential. */
export async function authorizationCodeUrl(
  context: Context,
  mount: string,
  input: AuthorizationCodeUrlInput,
): Promise<AuthorizationLink> {
  const stranger = input.session?.stranger ?? false;
  const { network } = input;
  const found = orRefuse(await openOperation(context, mount, input));
  const opened = { ...found, stranger, ...(network !== undefined && { network }) };
  const asksBack = redirectOf(context, mount, input);
  requireUnreserved(input.authUrlParams, input.name !== "");
  const login = { grantType: "authorization_code", ...(asksBack !== "" && { redirectUri: asksBack }) };
  const operation = await makeReady(context, opened, login);
  const { redirectUri = asksBack } = operation;
  const { server, settings } = operation;
  requireUnreserved(server.record.authUrlParams, input.name !== "");
  const asked = scopesToAsk(server, input.scopes);
  const draft = await draftOf(server, input, asked);
  const url = linkOf(server, input, redirectUri, draft);
  const { until = Number.POSITIVE_INFINITY } = input;
  const expiresAt = Math.min(until, context.clock.now() + settings.authorizationFlowSeconds * 1000);
  if (draft.verifier !== undefined) await keep(context, operation, { input, redirectUri, draft, url, expiresAt });
  return {
    url,
    ...(input.state === "" && { state: draft.state }),
    ...(draft.verifier !== undefined && { expiresAt }),
  };
}

/** The random parts of one request. */
interface Draft {
  readonly state: string;
  /** The broker's own; absent when the caller keeps the verifier or wants none. */
  readonly verifier?: string;
  readonly challenge?: string;
  readonly nonce?: string;
  readonly asked: AskedScopes;
}

async function draftOf(server: ResolvedServer, input: AuthorizationCodeUrlInput, asked: AskedScopes): Promise<Draft> {
  const state = input.state === "" ? generateState() : input.state;
  // A login that was bound here can only be finished here, so its verifier is kept here as well.
  const mustKeep = input.name !== "" || server.binding?.client !== undefined;
  if (input.codeChallenge !== "" && mustKeep)
    throw invalid(
      "code_challenge cannot be used with this provider: the broker registers a client for each login and must keep the verifier",
    );
  if (input.codeChallenge !== "") return { state, asked, challenge: input.codeChallenge };
  if (!mustKeep && input.pkce !== "S256") return { state, asked };
  const verifier = generateVerifier();
  const hasIdToken = server.provider.openid && asked.scopes.includes(OPENID);
  const nonce = hasIdToken && input.name !== "" ? { nonce: generateNonce() } : {};
  return { state, asked, verifier, challenge: await codeChallenge(verifier), ...nonce };
}

function redirectOf(context: Context, mount: string, input: AuthorizationCodeUrlInput): string {
  const { name, redirectUrl, pkce, codeChallenge: challenge } = input;
  if (name !== "" && redirectUrl !== "") throw invalid("give name or redirect_url, not both");
  if (pkce !== "" && pkce !== "S256" && pkce !== "none") throw invalid('pkce must be "S256" or "none"');
  if (challenge !== "" && !/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
    throw invalid("code_challenge must be 43 base64url characters (S256)");
  }
  if (challenge !== "" && name !== "") throw invalid("give name or code_challenge, not both");
  if (redirectUrl !== "") return absoluteUri(redirectUrl);
  if (name === "" && (pkce === "S256" || challenge !== "")) throw invalid("missing redirect_url");
  if (name === "") return "";
  if (input.comesBackTo !== undefined) return input.comesBackTo;
  if (context.publicUrl === undefined) throw invalid("no external address configured: give redirect_url");
  return callbackOf(context.publicUrl, context, mount);
}

function absoluteUri(text: string): string {
  if (!URL.canParse(text) || text.includes("#")) throw invalid("redirect_url must be an absolute URI without fragment");
  return text;
}

function linkOf(server: ResolvedServer, input: AuthorizationCodeUrlInput, redirectUri: string, draft: Draft): string {
  requireUnmoved(server, "authorization_endpoint");
  const endpoint = server.metadata.authorization_endpoint;
  if (endpoint === undefined) throw invalid("authorization code URL not available");
  const scope = joinScopes(server, draft.asked.scopes);
  const { scopeParameter } = server.provider.quirks;
  const nonce = draft.nonce ?? input.providerOptions.nonce;
  return authorizationUrl({
    endpoint,
    clientId: server.clients[0]?.clientId ?? "",
    state: draft.state,
    parameters: linkParametersOf(server, redirectUri, input.authUrlParams),
    overriding: server.record.authUrlParams,
    extra: server.provider.parameters,
    ...(redirectUri !== "" && { redirectUri }),
    ...(scope !== "" && { scope }),
    ...(scopeParameter !== undefined && { scopeParameter }),
    ...(draft.challenge !== undefined && { codeChallenge: draft.challenge }),
    ...(nonce !== undefined && { nonce }),
  });
}

interface IssuedLink {
  readonly input: AuthorizationCodeUrlInput;
  readonly redirectUri: string;
  readonly draft: Draft;
  readonly url: string;
  readonly expiresAt: number;
}

async function keep(context: Context, operation: ReadyOperation, link: IssuedLink): Promise<void> {
  const { mount, server } = operation;
  const { input, draft, expiresAt } = link;
  const key = requestKey(context, mount, draft.state);
  if (await context.store.read(key)) throw invalid("state is already in use");
  const openid = openidOf(server, draft.asked);
  const grant = { ...boundGrant(grantOf(server.name, input, input.session), server), ...openid };
  const target = input.name === "" ? undefined : await targetOf(context, operation, link, grant);
  const alone = target?.isNew ? {} : { alone: true as const };
  const request: AuthorizationRequest = {
    server: server.name,
    verifier: draft.verifier ?? "",
    redirectUri: link.redirectUri,
    issuer: server.metadata.issuer,
    scopes: input.scopes,
    providerOptions: grant.providerOptions,
    expiresAt,
    ...alone,
    addedScopes: draft.asked.added,
    ...openid,
    ...(grant.client && { client: grant.client }),
    ...(server.binding && { binding: server.binding }),
    ...(draft.nonce !== undefined && { nonce: draft.nonce }),
    ...(target !== undefined && { fill: fillOf(input, target.id) }),
  };
  const row = plainRow(context, { ...key, id: newId() }, request, { task: "expire", dueAt: expiresAt });
  if (!(await context.store.write(row, { absent: true }))) throw invalid("state is already in use");
  context.wake();
}

function fillOf({ name, maximumExpirySeconds, browser, session }: AuthorizationCodeUrlInput, target: string) {
  return {
    name,
    target,
    maximumExpirySeconds,
    ...(browser !== undefined && { browser }),
    ...(session && { session }),
  };
}

/** The credential the callback will fill: the one that is there stays in use, a missing one is created pending. */
async function targetOf(
  context: Context,
  operation: ReadyOperation,
  { input: { name, comesBackTo }, url, expiresAt }: IssuedLink,
  grant: Grant,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const { mount, settings } = operation;
  for (;;) {
    const present = await context.store.read({ mount, kind: "creds", name });
    if (present) return { id: present.id, isNew: false };
    const startedAt = context.clock.now();
    const back = comesBackTo === undefined ? {} : { redirectUri: comesBackTo };
    const pending: CodePending = { status: "pending", flow: "code", grant, url, ...back, expiresAt, startedAt };
    const id = await storePending(context, { mount, name, settings }, pending, { absent: true });
    if (id !== undefined) return { id, isNew: true };
  }
}

function linkParametersOf({ provider, metadata }: ResolvedServer, redirectUri: string, given: Parameters): Parameters {
  if (!provider.apiServer?.link) return { ...provider.authorizationParameters, ...provider.loginParameters, ...given };
  const parameters = linkParameters(provider.apiServer, metadata, redirectUri, given);
  if (!parameters) throw invalid(`auth_url_params: the server does not offer prompt "${given.prompt}"`);
  return parameters;
}

type Parameters = Readonly<Record<string, string>>;
