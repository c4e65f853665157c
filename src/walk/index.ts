/**
 * The guided walk through a Matrix login, one step per file: (state, input, world) → what comes next and what there is to
 * show. Owns the order of the steps and what is recorded; not their texts (messages/walk) nor how they are shown.
 */
export { finishLink, parametersOf, startLink } from "./authorization-link.ts";
export { check } from "./check.ts";
export { asCoatcheck, type Lane } from "./command.ts";
export { asCurl, asTypeScript } from "./copy-as.ts";
export { requestDevice } from "./device.ts";
export { deviceScopes, newDeviceId } from "./device-scopes.ts";
export { authIssuerUrl, configurationUrl, discover, discoverHistoric } from "./discovery.ts";
export { type Exchange, masked } from "./exchange.ts";
export { poll } from "./poll.ts";
export { refresh } from "./refresh.ts";
export { register, registrationBody } from "./register.ts";
export { revoke } from "./revoke.ts";
export { readRun, saveRun, type TakenStep } from "./saved-run.ts";
export type { Finding, StepResult, WalkState } from "./state.ts";
export { told } from "./told.ts";
export { whoAmI } from "./who-am-i.ts";
export type { World } from "./world.ts";
