/**
 * The wire: schemas of parameters and answers and their types, shared by server and SDK. It owns names, types, defaults
 * and descriptions; not how loosely typed input is read (http/input/coerce.ts) nor what values mean (broker/).
 */

export { EnableAuthParameters, TuneAuthParameters } from "./auth/mounts.ts";
export { OidcBeginParameters, OidcConfirmParameters, OidcPollParameters } from "./auth/people.ts";
export { MakeSecretIdParameters, RoleIdParameters, SecretIdNameParameters } from "./auth/secret-ids.ts";
export { AuthCodeUrlData, AuthCodeUrlParameters } from "./auth-code-url.ts";
export { ConfigData, ConfigParameters } from "./config.ts";
export { CredsParameters } from "./creds.ts";
export { ErrorData, Errors, envelope, PendingData, WarningsEnvelope } from "./envelope.ts";
export { text, type VaultType } from "./field.ts";
export { HistoryData } from "./history.ts";
export { KeysData, RotatedKeyData, RotateKeyParameters } from "./keys.ts";
export {
  type CredentialInfo,
  CredentialKeyList,
  CredentialListParameters,
  KeyList,
  ListParameters,
  TokenReadParameters,
} from "./list.ts";
export { MigrationData, MountParameters, RemountData, RemountParameters } from "./mounts.ts";
export { isName } from "./name.ts";
export {
  AuditDevicesData,
  AuditHashData,
  AuditHashParameters,
  AuditParameters,
  AuditSearchData,
  AuditSearchParameters,
  CapabilitiesData,
  CapabilitiesParameters,
  OldPolicyData,
  OldPolicyList,
  OldPolicyParameters,
  PolicyCheckData,
  PolicyCheckParameters,
  PolicyData,
  PolicyParameters,
} from "./policies.ts";
export { SelfParameters } from "./self.ts";
export {
  ProviderData,
  ServerData,
  ServerParameters,
  ServerPlanData,
  ServerTrialData,
  ServerUsesData,
} from "./servers.ts";
export {
  RejectedData,
  RejectedParameters,
  SESSION_ERRORS,
  SessionAccount,
  SessionCallbackParameters,
  SessionData,
  SessionEnded,
  SessionEndParameters,
  SessionError,
  type SessionErrorCode,
  SessionLoginParameters,
  SessionParameters,
  SessionReadParameters,
  SessionStarted,
  SessionStatus,
  SessionTokenData,
  SessionTokenParameters,
} from "./session.ts";
export {
  ListedSession,
  OneSession,
  RevokedSessions,
  RevokeSessionsParameters,
  SessionList,
  SessionListParameters,
} from "./session-list.ts";
export { StsData, StsParameters } from "./sts.ts";
export {
  ActivityData,
  HandOverData,
  HandOverParameters,
  HealthData,
  HealthParameters,
  InitData,
  LeaderData,
  MountData,
  SealStatusData,
  TokenLookupData,
} from "./system.ts";
export { parseRfc3339, rfc3339 } from "./time.ts";
export { DeleteParameters, TokenData } from "./token.ts";
export {
  AccessorParameters,
  RenewAccessorParameters,
  RenewParameters,
  RenewSelfParameters,
  TokenCreateParameters,
  TokenParameters,
  WrapLookupData,
} from "./tokens.ts";
