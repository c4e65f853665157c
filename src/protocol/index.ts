/**
 * OAuth 2 as a client, one step per file: a request half that sends, a process half that judges.
 * Owns what goes over the wire; not when (scheduler/), not what a provider does differently (providers/).
 */

export { type AuthorizationCode, authorizationCodeRequest } from "./authorization-code.ts";
export { type AuthorizationUrlInput, authorizationUrl } from "./authorization-url.ts";
export { type CallbackCheck, checkCallback } from "./callback.ts";
export { oauthClientAuth } from "./client/client-authentication.ts";
export { checkClientKey } from "./client/client-key.ts";
export {
  type ClientMetadata,
  processRegistrationResponse,
  type RegistrationOutcome,
  registrationRequest,
} from "./client/registration.ts";
export type { AuthMethod, AuthorizationServer, Call, Client, ClientAuthentication, Fetch } from "./client.ts";
export { type ClientCredentials, clientCredentialsRequest } from "./client-credentials.ts";
export {
  type DeviceAuthorization,
  type DeviceAuthorizationOutcome,
  deviceAuthorizationRequest,
  processDeviceAuthorizationResponse,
} from "./device-authorization.ts";
export { deviceTokenRequest } from "./device-token.ts";
export {
  DiscoveryError,
  discoverAuthorizationServer,
  metadataRequest,
  processMetadataResponse,
} from "./discovery.ts";
export { exchange } from "./endpoint.ts";
export { type IdTokenInput, type IdTokenVerdict, verifyIdToken } from "./identity/id-token.ts";
export { type UserInfo, userInfo } from "./identity/user-info.ts";
export { codeChallenge, generateNonce, generateState, generateVerifier } from "./pkce.ts";
export { applyQuirks, type Quirks } from "./quirks.ts";
export { refreshTokenRequest } from "./refresh-token.ts";
export { type HttpResponse, readHttpResponse } from "./response/http-response.ts";
export type { OAuthError, TokenOutcome, TokenSet } from "./response/outcome.ts";
export {
  oauthErrorText,
  processTokenResponse,
  retryAfterSeconds,
  transportOutcome,
} from "./response/token-response.ts";
export { TransportError, type TransportErrorCode } from "./response/transport-error.ts";
export { processRevocationResponse, type RevocationOutcome, revocationRequest } from "./revocation.ts";
export { type TokenExchange, tokenExchangeRequest } from "./token-exchange.ts";
