/**
 * The guided walk through a Matrix login, one step per file: (state, input, world) → what comes next and what there is to
 * show. Owns the order of the steps and what is recorded; not their texts (api/walk.ts) nor how they are shown.
 */
export { finishLink, type LinkInput, parametersOf, startLink } from "./authorization-link.ts";
export { check } from "./check.ts";
export { asCoatcheck, asCurl, asTypeScript, type WalkCommand } from "./copy-as.ts";
export { requestDevice } from "./device.ts";
export { type DeviceInput, deviceScopes, newDeviceId } from "./device-scopes.ts";
export { authIssuerUrl, configurationUrl, discover, discoverHistoric, type HistoricInput } from "./discovery.ts";
export { type Exchange, mask, shown } from "./exchange.ts";
export { poll } from "./poll.ts";
export { type RefreshInput, refresh } from "./refresh.ts";
export { type RegisterInput, register, registrationBody } from "./register.ts";
export { linksOf, type RevokeInput, revoke } from "./revoke.ts";
export type { Finding, Found, Poll, Taken, WalkState } from "./state.ts";
export { whoAmI } from "./who-am-i.ts";
export type { World } from "./world.ts";
