import { authorizationCodeRequest } from "../../protocol/authorization-code.ts";
import { authorizationUrl } from "../../protocol/authorization-url.ts";
import type { AuthorizationServer, Call, Client } from "../../protocol/client.ts";
import { DiscoveryError } from "../../protocol/discovery.ts";
import { exchange } from "../../protocol/endpoint.ts";
import { verifyIdToken } from "../../protocol/identity/id-token.ts";
import { userInfo } from "../../protocol/identity/user-info.ts";
import { codeChallenge } from "../../protocol/pkce.ts";
import type { TokenSet } from "../../protocol/response/outcome.ts";
import { processTokenResponse } from "../../protocol/response/token-response.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import { BrokerError } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { metadataOf } from "../server/metadata-cache.ts";
import type { Claims } from "./claims.ts";
import type { JwtConfig, JwtRole } from "./jwt-role.ts";
import { LoginRefused } from "./method.ts";
import type { Flow, SignedIn } from "./oidc-flow.ts";

/** One login waits so long for the provider. Seconds. */
export const PROVIDER_SECONDS = 9;

/** Throws `BrokerError`. */
export async function metadata(context: Context, { oidc_discovery_url: issuer }: JwtConfig, call: Call) {
  return metadataOf(context, issuer, call, { openid: true, fresh: false }).catch((error: unknown) => {
    if (error instanceof DiscoveryError) throw notNow();
    throw error;
  });
}

export function notNow(): BrokerError {
  return new BrokerError("wait", "the provider cannot be reached at the moment: try again", { retryAfter: 5 });
}

export function clientOf(
  { oidc_client_id: clientId, oidc_client_secret: secret }: JwtConfig,
  as: AuthorizationServer,
): Client {
  const offered = as.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const way = offered.includes("client_secret_basic") ? "client_secret_basic" : "client_secret_post";
  return { clientId, authentication: secret === "" ? { method: "none" } : { method: way, secret } };
}

interface Code {
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
}

/** Throws `LoginRefused` where the provider does not take it. */
export async function redeemCode(
  config: JwtConfig,
  as: AuthorizationServer,
  code: Code,
  call: Call,
): Promise<TokenSet> {
  const response = await exchange(authorizationCodeRequest(as, clientOf(config, as), code, call));
  if (response instanceof TransportError) throw notNow();
  const outcome = processTokenResponse(response);
  if (outcome.kind === "tokens") return outcome.tokens;
  throw new LoginRefused(
    `the provider refused the code (${outcome.kind === "refused" ? outcome.error.code : outcome.kind})`,
  );
}

export function scopesOf({ oidc_scopes: scopes }: JwtRole): string {
  return [...new Set(["openid", ...scopes])].join(" ");
}

/** Where a person signs in. Throws `BrokerError`. */
export async function loginLink(
  context: Context,
  config: JwtConfig,
  role: JwtRole,
  { state, flow }: { readonly state: string; readonly flow: Flow },
): Promise<string> {
  const as = await within(context, PROVIDER_SECONDS, (call) => metadata(context, config, call));
  return authorizationUrl({
    endpoint: as.authorization_endpoint ?? "",
    clientId: config.oidc_client_id,
    redirectUri: flow.redirectUri,
    scope: scopesOf(role),
    state,
    nonce: flow.nonce,
    codeChallenge: await codeChallenge(flow.verifier),
    parameters: {
      ...(config.oidc_response_mode === "form_post" && { response_mode: "form_post" }),
      ...(role.max_age > 0 && { max_age: String(role.max_age) }),
      // OpenID Connect Core 11: without it `offline_access` may be ignored.
      ...(flow.handsOn && role.oidc_scopes.includes("offline_access") && { prompt: "consent" }),
    },
    overriding: {},
  });
}

/** Who has signed in, and of a login that hands its grant on that too. Throws `LoginRefused`. */
export async function signedIn(
  context: Context,
  config: JwtConfig,
  as: AuthorizationServer,
  { tokens, flow, nonce }: { readonly tokens: TokenSet; readonly flow: Flow; readonly nonce?: string },
  call: Call,
): Promise<SignedIn> {
  const claims = await claimsOf(context, config, as, { tokens, ...(nonce !== undefined && { nonce }) }, call);
  const { refreshToken } = tokens;
  if (!flow.handsOn || refreshToken === undefined) return { claims };
  return { claims, grant: { refreshToken, clientId: config.oidc_client_id, tokenEndpoint: as.token_endpoint ?? "" } };
}

/** What the provider says of whoever signed in: the id_token, and what userinfo adds. Throws `LoginRefused`. */
async function claimsOf(
  context: Context,
  config: JwtConfig,
  as: AuthorizationServer,
  { tokens, nonce }: { readonly tokens: TokenSet; readonly nonce?: string },
  call: Call,
): Promise<Claims> {
  const { idToken, accessToken } = tokens;
  if (idToken === undefined) throw new LoginRefused("the provider gave no id_token");
  const nowSeconds = Math.floor(context.clock.now() / 1000);
  const input = { as, idToken, accessToken, clientId: config.oidc_client_id, nowSeconds };
  const verdict = await verifyIdToken({ ...input, ...(nonce !== undefined && { nonce }) }, call);
  if (verdict.kind === "unverified") throw notNow();
  if (verdict.kind !== "valid") throw new LoginRefused(verdict.text);
  const { claims } = verdict;
  if (as.userinfo_endpoint === undefined || accessToken === "") return claims;
  const more = await userInfo({ as, accessToken, subject: String(claims.sub) }, call);
  return more.kind === "claims" ? { ...more.claims, ...claims } : claims;
}
