import { PROVIDER_ERROR_MEMBER } from "../quirks.ts";
import type { HttpResponse } from "./http-response.ts";
import { type JsonObject, secondsOf, textOf } from "./json.ts";
import type { OAuthError } from "./outcome.ts";
import { descriptionIn } from "./own-words.ts";
import { retryAfterSeconds } from "./retry-after.ts";

const MAX_CODE = 64;
/** FC-12: what to do about it is often said last. */
const MAX_DESCRIPTION = 500;
const MAX_URI = 500;

/** A day: no `slow_down` means more. Seconds. */
const LONGEST_INTERVAL = 86_400;

/** Stands for a code that cannot be shown. */
const UNKNOWN = "unknown_error";

/** A text cut at its end may still show this much of a secret before it counts as telling it. */
const TELLING_PREFIX = 6;

/** The `error` of an answer (RFC 6749 5.2); undefined when there is none or it is no string. */
export function readOAuthError(json: JsonObject, response: HttpResponse): OAuthError | undefined {
  const code = textOf(json.error);
  if (code === undefined) return undefined;
  const interval = secondsOf(json.interval);
  const retryAfter = retryAfterSeconds(response);
  return {
    ...errorOf(code, textOf(json[PROVIDER_ERROR_MEMBER]), descriptionIn(json), textOf(json.error_uri)),
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

/** The error without the parts that repeat one of `secrets`, the values the request carried (oauthapp.md section 10). */
export function withoutSecrets(error: OAuthError, secrets: readonly string[]): OAuthError {
  const { code, providerCode, description, uri, ...rest } = error;
  const safe = (text: string | undefined, cap: number) =>
    text !== undefined && !secrets.some((secret) => tells(text, secret, cap));
  return {
    ...rest,
    code: safe(code, MAX_CODE) ? code : UNKNOWN,
    providerCode: safe(providerCode, MAX_CODE) ? providerCode : UNKNOWN,
    ...(description !== undefined && safe(description, MAX_DESCRIPTION) && { description }),
    ...(uri !== undefined && safe(uri, MAX_URI) && { uri }),
  };
}

/** What a reader is told (oauthapp.md 1.3): `server rejected request: CODE[: DESCRIPTION][ (see URI)]`. */
export function oauthErrorText({ code, description, uri }: OAuthError): string {
  const told = description === undefined ? "" : `: ${description}`;
  const link = uri === undefined ? "" : ` (see ${uri})`;
  return `server rejected request: ${code}${told}${link}`;
}

/** What was answered, with its text for readers: neither repeats one of `secrets`, the values the request carried. */
export function withText<O extends { readonly kind: string; readonly text?: string }>(
  outcome: O | Refused,
  prefix: string,
  secrets: readonly string[],
): { readonly outcome: O | Refused; readonly text: string } {
  if (!("error" in outcome)) return { outcome, text: outcome.text === undefined ? "" : prefix + outcome.text };
  const error = withoutSecrets(outcome.error, secrets);
  return { outcome: { kind: "refused", error }, text: prefix + oauthErrorText(error) };
}

interface Refused {
  readonly kind: "refused";
  readonly error: OAuthError;
}

/** Whether `text`, cut at `cap` characters, repeats a secret in any of the spellings texts are brought into here. */
function tells(text: string, secret: string, cap: number): boolean {
  if (secret === "") return false;
  const spellings = [secret, encodeURIComponent(secret), safeCode(secret), printable(secret)];
  if (spellings.some((spelling) => spelling !== "" && text.includes(spelling))) return true;
  if (text.length < cap) return false;
  return spellings.some((spelling) => endsWithBeginningOf(text, spelling));
}

function endsWithBeginningOf(text: string, secret: string): boolean {
  for (let length = TELLING_PREFIX; length < secret.length; length++) {
    if (text.endsWith(secret.slice(0, length))) return true;
  }
  return false;
}
