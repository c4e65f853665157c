import { message } from "../messages/walk/index.ts";
import { authorizationCodeRequest } from "../protocol/authorization-code.ts";
import { authorizationUrl } from "../protocol/authorization-url.ts";
import { checkCallback } from "../protocol/callback.ts";
import { exchange } from "../protocol/endpoint.ts";
import { codeChallenge } from "../protocol/pkce.ts";
import { transportOutcome } from "../protocol/response/failure.ts";
import { oauthErrorText } from "../protocol/response/oauth-error.ts";
import { processTokenResponse } from "../protocol/response/token-response.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import { type DeviceInput, requestedScopes } from "./device-scopes.ts";
import { recordingCall } from "./exchange.ts";
import { publicClient } from "./public-client.ts";
import type { AuthorizationLink, StepResult, WalkState } from "./state.ts";
import { adviceFor, bad, failed, failureFindings, good, missingStep, note, succeeded } from "./step-result.ts";
import { told } from "./told.ts";
import type { World } from "./world.ts";

export interface LinkInput extends DeviceInput {
  /** One that was registered; a loopback one may have any port. */
  readonly redirectUri: string;
  /** `create` leads to the registration of an account, where that is advertised. */
  readonly prompt?: string;
}

/** Step C: state, verifier, challenge and the link made of them (RFC 6749 4.1.1, RFC 7636). */
export async function startLink(state: WalkState, input: LinkInput, world: World): Promise<StepResult> {
  const { found, client } = state;
  if (!found || !client) return missingStep(state, message("missing.registration"));
  const { authorization_endpoint: endpoint } = found.metadata;
  if (endpoint === undefined) return missingStep(state, message("missing.code_flow"));
  const { deviceId, scopes } = requestedScopes(found, input, world);
  const { redirectUri, prompt } = input;
  const secrets = { state: base64url(world.random(32)), verifier: base64url(world.random(32)) };
  const challenge = await codeChallenge(secrets.verifier);
  const url = authorizationUrl({
    endpoint,
    clientId: client.clientId,
    redirectUri,
    scope: scopes.join(" "),
    state: secrets.state,
    codeChallenge: challenge,
    // MX-C2: a loopback listener sees no fragment.
    parameters: { response_mode: redirectUri.startsWith("https:") ? "fragment" : "query" },
    overriding: prompt === undefined ? {} : { prompt },
  });
  const link: AuthorizationLink = {
    deviceId,
    scopes,
    redirectUri,
    ...(prompt !== undefined && { prompt }),
    ...secrets,
    challenge,
    url,
  };
  return succeeded(
    { found, client, link },
    [],
    [good(message("device.asked", { id: deviceId })), good(message("link.challenge", { challenge }))],
  );
}

/** Step C, the way back: the callback's parts, then the code for tokens (RFC 6749 4.1.3). */
export async function finishLink(
  state: WalkState,
  input: { readonly callback: string },
  world: World,
): Promise<StepResult> {
  const { found, client, link } = state;
  if (!found || !client || !link) return missingStep(state, message("missing.link"));
  const checked = checkCallback(found.metadata, parametersOf(input.callback), link);
  if (checked.kind === "invalid") return failed(state, [], [bad(told(checked.text)), note(message("link.paste"))]);
  if (checked.kind === "error")
    return failed(state, [], [bad(told(oauthErrorText(checked.error))), note(adviceFor(checked.error.code))]);
  const { call, exchanges } = recordingCall(world);
  const { deviceId, scopes, redirectUri, verifier } = link;
  const code = { code: checked.code, redirectUri, codeVerifier: verifier };
  const response = await exchange(authorizationCodeRequest(found.metadata, publicClient(client), code, call));
  const outcome = response instanceof TransportError ? transportOutcome(response) : processTokenResponse(response);
  if (outcome.kind !== "tokens") return failed(state, exchanges, failureFindings(outcome));
  const tokens = { current: outcome.tokens, requestedScopes: scopes, deviceId };
  return succeeded({ found, client, link, tokens }, exchanges, [
    good(message("link.state")),
    good(message("link.done")),
  ]);
}

/** Of a callback's whole address, whether its answer is behind ? or #. */
export function parametersOf(callback: string): URLSearchParams {
  const url = URL.parse(callback.trim());
  return new URLSearchParams(url?.search || (url?.hash.slice(1) ?? ""));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
