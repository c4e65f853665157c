import { REGISTERED_MEMBERS } from "../api/walk.ts";
import { message } from "../messages/walk/index.ts";
import { checkClientMetadata, withOverrides } from "../protocol/client/check-client-metadata.ts";
import {
  type ClientMetadata,
  processRegistrationResponse,
  registrationRequest,
} from "../protocol/client/registration.ts";
import { exchange } from "../protocol/endpoint.ts";
import { applyQuirks } from "../protocol/quirks.ts";
import { transportOutcome } from "../protocol/response/failure.ts";
import type { JsonObject } from "../protocol/response/json.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import { matrix } from "../providers/matrix.ts";
import { MATRIX_CLIENT } from "../providers/matrix-client.ts";
import { recordingCall } from "./exchange.ts";
import type { Finding, StepResult, WalkState } from "./state.ts";
import { bad, failed, failureFindings, good, missingStep, note, succeeded, warning } from "./step-result.ts";
import { told } from "./told.ts";
import type { World } from "./world.ts";

export interface RegisterInput {
  readonly body: ClientMetadata;
  readonly initialAccessToken?: string;
}

/** The default body with the way back of a code flow (loopback without port, MX-R2) and somebody's own members; `null` removes one (MX-R1). */
export function registrationBody(overrides: JsonObject = {}, redirectUri?: string): ClientMetadata {
  const registered = redirectUri?.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)):\d+/, "$1");
  const wayBack = registered === undefined ? {} : { redirect_uris: [registered] };
  return withOverrides({ ...MATRIX_CLIENT, ...wayBack }, overrides);
}

/** Step 3: registers a client (RFC 7591, MSC2966); nothing is sent while a rule is broken. */
export async function register(state: WalkState, { body, ...input }: RegisterInput, world: World): Promise<StepResult> {
  if (!state.found) return missingStep(state, message("missing.discovery"));
  const { violations, warnings } = checkClientMetadata(body);
  const before = [...violations.map((text) => bad(told(text))), ...warnings.map((text) => warning(told(text)))];
  if (violations.length > 0) return failed(state, [], before);
  const { call, exchanges } = recordingCall(world);
  const response = await exchange(registrationRequest(state.found.metadata, body, input, call));
  const outcome =
    response instanceof TransportError
      ? transportOutcome(response)
      : processRegistrationResponse(applyQuirks(response, matrix.quirks));
  if (outcome.kind !== "registered") return failed(state, exchanges, [...before, ...failureFindings(outcome)]);
  const client = {
    clientId: outcome.clientId,
    requested: body,
    granted: outcome.metadata,
    ...(input.initialAccessToken !== undefined && { initialAccessToken: true as const }),
  };
  const findings = [
    ...before,
    ...reasons(body),
    good(message("register.client", { id: outcome.clientId })),
    ...differences(body, outcome.metadata),
  ];
  return succeeded({ found: state.found, client }, exchanges, findings);
}

/** Why the default body has what it has (MX-P13). */
function reasons(body: ClientMetadata): readonly Finding[] {
  const usual = REGISTERED_MEMBERS.filter((name) => isSame(body[name], MATRIX_CLIENT[name]));
  return usual.map((code) => note(message("token.said", { code, advice: message(`register.${code}`) })));
}

/** RFC 7591 3.2.1: a server may grant something else than was asked for. */
function differences(requested: ClientMetadata, granted: ClientMetadata): readonly Finding[] {
  const names = Object.keys(requested).filter((name) => requested[name] !== undefined);
  const found = names.flatMap((name) => {
    if (granted[name] === undefined) return [note(message("register.missing", { name }))];
    if (isSame(requested[name], granted[name])) return [];
    const values = { requested: JSON.stringify(requested[name]), granted: JSON.stringify(granted[name]) };
    return [warning(message("register.other", { name, ...values }))];
  });
  return found.length > 0 ? found : [good(message("register.same"))];
}

function isSame(one: unknown, other: unknown): boolean {
  const plain = (value: unknown) => JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
  return plain(one) === plain(other);
}
