import { DEVICE_MEMBERS } from "../api/walk.ts";
import { message } from "../messages/walk/index.ts";
import { deviceAuthorizationRequest, processDeviceAuthorizationResponse } from "../protocol/device-authorization.ts";
import { exchange } from "../protocol/endpoint.ts";
import { transportOutcome } from "../protocol/response/failure.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import { hostOf, verificationPageWarning } from "../protocol/verification-page.ts";
import { type DeviceInput, requestedScopes } from "./device-scopes.ts";
import { recordingCall } from "./exchange.ts";
import { publicClient } from "./public-client.ts";
import type { StepResult, WalkState } from "./state.ts";
import { failed, failureFindings, good, missingStep, note, succeeded, warning } from "./step-result.ts";
import { told } from "./told.ts";
import type { World } from "./world.ts";

/** Steps 4 and 5: asks for a user code (RFC 8628 3.1, MSC4341). */
export async function requestDevice(state: WalkState, input: DeviceInput, world: World): Promise<StepResult> {
  const { found, client } = state;
  if (!found || !client) return missingStep(state, message("missing.registration"));
  if (found.metadata.device_authorization_endpoint === undefined)
    return missingStep(state, message("missing.device_grant"));
  const { deviceId, scopes } = requestedScopes(found, input, world);
  const { call, exchanges } = recordingCall(world);
  const askedAt = world.now();
  const request = deviceAuthorizationRequest(found.metadata, publicClient(client), { scopes: scopes.join(" ") }, call);
  const response = await exchange(request);
  const outcome =
    response instanceof TransportError ? transportOutcome(response) : processDeviceAuthorizationResponse(response);
  if (outcome.kind !== "device") return failed(state, exchanges, failureFindings(outcome));
  const { device: authorization } = outcome;
  const { interval, expiresIn } = authorization;
  const pageWarning = verificationPageWarning(authorization, [found.metadata.issuer, found.baseUrl].map(hostOf));
  const device = {
    deviceId,
    scopes,
    authorization,
    ...(pageWarning !== undefined && { pageWarning }),
    interval,
    expiresAt: askedAt + expiresIn * 1000,
    nextPollAt: world.now() + interval * 1000,
    polls: [],
  };
  const warned = pageWarning === undefined ? [] : [warning(message("device.page", { problem: told(pageWarning) }))];
  const explained = DEVICE_MEMBERS.map((code) =>
    note(message("token.said", { code, advice: message(`device.${code}`) })),
  );
  return succeeded({ found, client, device }, exchanges, [
    good(message("device.asked", { id: deviceId })),
    ...warned,
    ...explained,
  ]);
}
