import type { HttpResponse } from "./http-response.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";
import { oauthErrorText, readOAuthError } from "./oauth-error.ts";
import type { OAuthError, TokenOutcome } from "./outcome.ts";
import { ownWords } from "./own-words.ts";
import { retryAfterSeconds } from "./retry-after.ts";
import type { TransportError, TransportErrorCode } from "./transport-error.ts";

/** Every outcome but success. */
export type Failure = Exclude<TokenOutcome, { kind: "tokens" }>;

export const NO_DEFINITE_ANSWER = "no definite answer from the authorization server";
const UNAVAILABLE = "authorization server unavailable";

/** CL-10: throttled, whatever the body says. */
const THROTTLED: ReadonlySet<number> = new Set([408, 425, 429, 503]);

/** DEV-12, DEV-13: these say nothing but "later", and `slow_down` must count even where it comes as a 429. */
const LATER: ReadonlySet<string> = new Set(["authorization_pending", "slow_down"]);

/** CL-09: an error of the server's, not a verdict about the request. */
const SERVER_TROUBLE: ReadonlySet<string> = new Set(["temporarily_unavailable", "server_error"]);

/** What APIs say for `slow_down`, under a 400 too: in a while the same request is good. */
const THROTTLE_WORDS = /rate_?limit|throttl|too_?many_?requests/i;

/** Codes whose meaning does not depend on the status (RFC 6749 5.2, 8628 3.5, 8693 2.2.2, 8707 2, 9449 5; OIDC Core 3.1.2.6). */
const KNOWN_CODES: ReadonlySet<string> = new Set([
  ...LATER,
  ..."invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type invalid_scope".split(" "),
  ..."access_denied expired_token invalid_target use_dpop_nonce invalid_dpop_proof invalid_token".split(" "),
  ..."unsupported_token_type interaction_required login_required consent_required".split(" "),
  ..."invalid_redirect_uri invalid_client_metadata invalid_software_statement unapproved_software_statement".split(" "),
]);

/**
 * What an answer without the wanted members means (requirements.md section 2): total over every status, header and body.
 * A JSON `error` decides before the status; `missing` is the text for a 2xx JSON object without one.
 */
export function failureOf(response: HttpResponse, json: JsonObject | undefined, missing: string): Failure {
  const error = json && readOAuthError(json, response);
  if (THROTTLED.has(response.status) && !(error && LATER.has(error.code) && response.status !== 503)) {
    return unavailable(response);
  }
  if (error) return byError(response, error);
  if (response.status === 401 && isBasicChallenge(response.headers["www-authenticate"])) {
    return { kind: "refused", error: { code: "invalid_client", providerCode: "invalid_client" } };
  }
  if (isOk(response.status)) return ambiguous(response, json ? missing : NO_DEFINITE_ANSWER);
  return byStatus(response);
}

/**
 * The outcome of anything but a device poll: only to that "later" is an answer (RFC 8628 3.5). Elsewhere it is a throttle, and
 * nobody's fault that somebody would have to mend.
 */
export function withoutPolling<T extends TokenOutcome>(outcome: T, response: HttpResponse): T | Failure {
  return outcome.kind === "refused" && LATER.has(outcome.error.code) ? unavailable(response) : outcome;
}

/**
 * The outcome of a refresh, whose refusals some APIs tell in members of their own (FC-03). Only a 400 with a code counts: 401
 * and 403 are what gateways and firewalls answer too.
 */
export function ofRefresh<T extends TokenOutcome>(outcome: T, response: HttpResponse): T | Failure {
  if (outcome.kind !== "unavailable" || response.status !== 400) return outcome;
  const json = parseJsonObject(response.body);
  const words = json && ownWords(json);
  if (!words) return outcome;
  const error = readOAuthError({ error: words.code, error_description: words.description }, response);
  return error && !THROTTLE_WORDS.test(error.code) ? { kind: "refused", error } : outcome;
}

function byError(response: HttpResponse, error: OAuthError): Failure {
  if (SERVER_TROUBLE.has(error.code)) return ambiguous(response, `server rejected request: ${error.code}`);
  if (THROTTLE_WORDS.test(error.code)) return unavailable(response);
  // FC-03: that there is no such path here is no word about the request, whoever says it.
  const isNoPath = response.status === 404 || response.status === 405;
  const is4xx = response.status >= 400 && response.status < 500 && !isNoPath;
  if (is4xx || KNOWN_CODES.has(error.code)) return { kind: "refused", error: asMeant(response, error) };
  // CL-15: a word nobody knows under a status that says something else.
  return isOk(response.status) ? ambiguous(response, oauthErrorText(withoutText(error))) : byStatus(response);
}

/** RFC 6749 5.2: 401 is for a client that was not authenticated, whatever Keycloak and X call it. */
function asMeant({ status }: HttpResponse, error: OAuthError): OAuthError {
  return status === 401 && error.code === "unauthorized_client" ? { ...error, code: "invalid_client" } : error;
}

/** The caller cannot scrub an outcome that is only text, so the server's own words stay out. */
function withoutText({ code, providerCode }: OAuthError): OAuthError {
  return { code, providerCode };
}

function byStatus(response: HttpResponse): Failure {
  // CL-11, CL-12: a gateway, an outage or a redirect; whoever answered, it was not the token endpoint.
  if (response.status >= 300 && response.status < 500) return unavailable(response);
  const known = response.status >= 500 && response.status < 600;
  return ambiguous(response, known ? statusText(response.status) : NO_DEFINITE_ANSWER);
}

function unavailable(response: HttpResponse): Failure {
  const { status } = response;
  return { kind: "unavailable", text: statusText(status), status, ...retry(response) };
}

function ambiguous(response: HttpResponse, text: string): Failure {
  return { kind: "ambiguous", text, ...retry(response) };
}

function statusText(status: number): string {
  return `authorization server answered with status ${status}`;
}

function retry(response: HttpResponse): { retryAfter?: number } {
  const retryAfter = retryAfterSeconds(response);
  return retryAfter === undefined ? {} : { retryAfter };
}

/** True for 2xx: some servers answer 201 or 202 to a token request. */
export function isOk(status: number): boolean {
  return status >= 200 && status < 300;
}

function isBasicChallenge(header: string | undefined): boolean {
  return header?.split(",").some((challenge) => /^basic(?: |$)/i.test(challenge.trim())) ?? false;
}

/** FC-09: an operator who is told which can tell a server of bad habits from an outage. */
const LIMITS: ReadonlySet<TransportErrorCode> = new Set([
  "too_large",
  "headers_too_large",
  "encoding_refused",
  "timeout",
]);

/** CL-13, CL-14: what a request without a complete answer means. */
export function transportOutcome(error: TransportError): Exclude<Failure, { kind: "refused" }> {
  if (error.sent)
    return { kind: "ambiguous", text: NO_DEFINITE_ANSWER, ...(LIMITS.has(error.code) && { limit: error.code }) };
  return { kind: "unavailable", text: UNAVAILABLE };
}
