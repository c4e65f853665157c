import type { Answer } from "./answer.ts";
import { type JsonObject, secondsOf, textOf } from "./json.ts";
import type { OAuthError } from "./outcome.ts";
import { PROVIDER_ERROR_MEMBER } from "./quirks.ts";
import { retryAfterSeconds } from "./retry-after.ts";

const MAX_CODE = 64;
const MAX_DESCRIPTION = 200;
const MAX_URI = 500;

/** A day: no `slow_down` means more. Seconds. */
const LONGEST_INTERVAL = 86_400;

/** A description cut at its end may still show this much of a secret before it counts as telling it. */
const TELLING_PREFIX = 6;

/** The `error` of an answer (RFC 6749 5.2); undefined when there is none or it is no string. */
export function readOAuthError(json: JsonObject, answer: Answer): OAuthError | undefined {
  const code = textOf(json.error);
  if (code === undefined) return undefined;
  const interval = secondsOf(json.interval);
  const retryAfter = retryAfterSeconds(answer);
  return {
    ...errorOf(code, textOf(json[PROVIDER_ERROR_MEMBER]), textOf(json.error_description), textOf(json.error_uri)),
    ...(interval !== undefined && interval > 0 && { interval: Math.min(Math.ceil(interval), LONGEST_INTERVAL) }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/** The `error` parameters of an authorization answer (RFC 6749 4.1.2.1). */
export function readErrorParameters(parameters: URLSearchParams, code: string): OAuthError {
  const description = parameters.get("error_description") ?? undefined;
  return errorOf(code, undefined, description, parameters.get("error_uri") ?? undefined);
}

/** OA-12: everything in it is untrusted text. `providerCode` is set by quirks that mapped the code. */
function errorOf(
  code: string,
  providerCode: string | undefined,
  description: string | undefined,
  uri: string | undefined,
): OAuthError {
  const text = printable(description ?? "");
  const link = httpsUri(uri);
  return {
    code: safeCode(code),
    providerCode: safeCode(providerCode ?? code),
    ...(text !== "" && { description: text }),
    ...(link !== undefined && { uri: link }),
  };
}

function safeCode(code: string): string {
  return code.slice(0, MAX_CODE).replaceAll(/[^A-Za-z0-9_.:-]/g, "_");
}

function printable(text: string): string {
  return text
    .replaceAll(/[^\x21-\x7e]+/g, " ")
    .trim()
    .slice(0, MAX_DESCRIPTION);
}

function httpsUri(text: string | undefined): string | undefined {
  if (text === undefined || text.length > MAX_URI || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === "https:" && url.username === "" && url.password === "" ? url.href : undefined;
}

/**
 * What a reader is told (oauthapp.md 1.3): `server rejected request: CODE[: DESCRIPTION][ (see URI)]`. A part that holds
 * one of `secrets` (values the request carried) is left out.
 */
export function oauthErrorText(error: OAuthError, secrets: readonly string[] = []): string {
  const safe = (text: string | undefined) => text !== undefined && !secrets.some((secret) => tells(text, secret));
  const code = safe(error.providerCode) ? error.code : "unknown_error";
  const description = safe(error.description) ? `: ${error.description}` : "";
  const uri = safe(error.uri) ? ` (see ${error.uri})` : "";
  return `server rejected request: ${code}${description}${uri}`;
}

function tells(text: string, secret: string): boolean {
  if (secret === "") return false;
  if (text.includes(secret) || text.includes(encodeURIComponent(secret))) return true;
  if (text.length < MAX_DESCRIPTION) return false;
  for (let length = TELLING_PREFIX; length < secret.length; length++) {
    if (text.endsWith(secret.slice(0, length))) return true;
  }
  return false;
}
