/**
 * OAuth 2 as a client, one step per file: a request half that sends, a process half that judges.
 * Owns what goes over the wire; not when (scheduler/), not what a provider does differently (providers/).
 */
export { type Answer, readAnswer } from "./answer.ts";
export { type AuthorizationCode, authorizationCodeRequest } from "./authorization-code.ts";
export { type AuthorizationUrlInput, authorizationUrl } from "./authorization-url.ts";
export { type CallbackCheck, checkCallback } from "./callback.ts";
export type { AuthMethod, AuthorizationServer, Call, Client, ClientAuthentication, Fetch } from "./client.ts";
export { oauthClientAuth } from "./client-authentication.ts";
export { type ClientCredentials, clientCredentialsRequest } from "./client-credentials.ts";
export { checkClientKey } from "./client-key.ts";
export {
  type DeviceAuthorization,
  type DeviceAuthorizationOutcome,
  deviceAuthorizationRequest,
  processDeviceAuthorizationAnswer,
} from "./device-authorization.ts";
export { deviceTokenRequest } from "./device-token.ts";
export {
  DiscoveryError,
  discoverAuthorizationServer,
  metadataRequest,
  processMetadataAnswer,
} from "./discovery.ts";
export { exchange } from "./endpoint.ts";
export { type IdTokenInput, type IdTokenVerdict, verifyIdToken } from "./id-token.ts";
export type { OAuthError, TokenOutcome, TokenSet } from "./outcome.ts";
export { codeChallenge, generateNonce, generateState, generateVerifier } from "./pkce.ts";
export { applyQuirks, type Quirks } from "./quirks.ts";
export { refreshTokenRequest } from "./refresh-token.ts";
export {
  type ClientMetadata,
  processRegistrationAnswer,
  type RegistrationOutcome,
  registrationRequest,
} from "./registration.ts";
export { processRevocationAnswer, type RevocationAnswer, revocationRequest } from "./revocation.ts";
export { oauthErrorText, processTokenAnswer, retryAfterSeconds, transportOutcome } from "./token-answer.ts";
export { type TokenExchange, tokenExchangeRequest } from "./token-exchange.ts";
export { TransportError, type TransportErrorCode } from "./transport-error.ts";
export { type UserInfo, userInfo } from "./user-info.ts";
