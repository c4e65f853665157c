import { deviceAuthorizationRequest as oauthDeviceAuthorizationRequest } from "oauth4webapi";
import { oauthClient, oauthClientAuth } from "./client/client-authentication.ts";
import type { AuthorizationServer, Call, Client } from "./client.ts";
import { send } from "./endpoint.ts";
import { type ExtraParameters, requestBody } from "./extra-parameters.ts";
import { type Failure, failureOf, isOk } from "./response/failure.ts";
import type { HttpResponse } from "./response/http-response.ts";
import { type JsonObject, parseJsonObject, secondsOf, textOf } from "./response/json.ts";

/** What a person and the poller need (RFC 8628 3.2). */
export interface DeviceAuthorization {
  /** A bearer secret (DEV-09). */
  readonly deviceCode: string;
  /** Unchanged: case, hyphens, Unicode (DEV-07). */
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete?: string;
  /** Whole seconds, 1 … 86400 (DEV-20). */
  readonly expiresIn: number;
  /** Whole seconds between polls (DEV-05). */
  readonly interval: number;
}

export type DeviceAuthorizationOutcome =
  | { readonly kind: "device"; readonly device: DeviceAuthorization }
  /** DEV-04: a 2xx object without a member it must have; nothing is polled. */
  | { readonly kind: "malformed"; readonly text: string }
  | Failure;

const DEFAULT_INTERVAL = 5;
const LONGEST_LIFE = 86_400;
const LONGEST_USER_CODE = 128;
const LONGEST_URI = 2_048;

/** What a device code is asked for with. */
export interface DeviceRequest {
  /** Already joined. */
  readonly scopes?: string;
  /** Another name for `scope`, where the provider has one. */
  readonly scopeParameter?: string;
  /** S256 (RFC 7636 4.3): then the verifier goes with each poll. */
  readonly codeChallenge?: string;
  readonly parameters?: ExtraParameters;
}

/** Asks for a device code (RFC 8628 3.1); a confidential client authenticates as at the token endpoint (DEV-02). */
export function deviceAuthorizationRequest(
  as: AuthorizationServer,
  client: Client,
  { scopes, scopeParameter = "scope", codeChallenge, parameters }: DeviceRequest,
  call: Call,
): Promise<Response> {
  const challenge = { code_challenge: codeChallenge, code_challenge_method: codeChallenge && "S256" };
  const body = requestBody({ [scopeParameter]: scopes, ...challenge }, parameters);
  return send(call, (options) =>
    oauthDeviceAuthorizationRequest(as, oauthClient(client), oauthClientAuth(client), body, options),
  );
}

/** Judges the answer of the device authorization endpoint. Total, never throws. */
export function processDeviceAuthorizationResponse(response: HttpResponse): DeviceAuthorizationOutcome {
  const json = parseJsonObject(response.body);
  const refused = json !== undefined && textOf(json.error) !== undefined;
  return json && isOk(response.status) && !refused ? readDevice(json) : failureOf(response, json, "");
}

function readDevice(json: JsonObject): DeviceAuthorizationOutcome {
  const deviceCode = textOf(json.device_code);
  if (deviceCode === undefined) return missingMember("device_code");
  const userCode = readUserCode(json.user_code);
  if (userCode === undefined) return missingMember("user_code");
  const verificationUri = readUri(json.verification_uri);
  if (verificationUri === undefined) return missingMember("verification_uri");
  const life = Math.floor(secondsOf(json.expires_in) ?? 0);
  if (life < 1) return missingMember("expires_in");
  const complete = readUri(json.verification_uri_complete);
  const device: DeviceAuthorization = {
    deviceCode,
    userCode,
    verificationUri,
    ...(complete !== undefined && { verificationUriComplete: complete }),
    expiresIn: Math.min(life, LONGEST_LIFE),
    interval: readInterval(json.interval),
  };
  return { kind: "device", device };
}

function missingMember(member: string): DeviceAuthorizationOutcome {
  return { kind: "malformed", text: `server response missing ${member}` };
}

/** Shown to a person on a terminal: control characters could rewrite what they see. */
function readUserCode(value: unknown): string | undefined {
  const code = textOf(value);
  return code !== undefined && code.length <= LONGEST_USER_CODE && !/\p{Cc}/u.test(code) ? code : undefined;
}

/** META-11: something that may be opened; returned as sent. */
function readUri(value: unknown): string | undefined {
  const uri = textOf(value);
  if (uri === undefined || uri.length > LONGEST_URI || /[\p{Cc}\s]/u.test(uri) || !URL.canParse(uri)) return undefined;
  const { protocol, username, password } = new URL(uri);
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "" ? uri : undefined;
}

/** DEV-05: none, zero, negative or no number is 5 s, a fraction rounds up; no wait is longer than the longest code lives. */
function readInterval(value: unknown): number {
  const seconds = secondsOf(value) ?? 0;
  return seconds > 0 ? Math.min(Math.ceil(seconds), LONGEST_LIFE) : DEFAULT_INTERVAL;
}
