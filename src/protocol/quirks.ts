import type { HttpResponse } from "./response/http-response.ts";
import { parseJsonObject, secondsOf, textOf } from "./response/json.ts";
import { ownWords } from "./response/own-words.ts";
import { ENDLESS } from "./response/token-set.ts";

/**
 * What a provider does differently, as data (oauthapp.md section 9). Applied to the `HttpResponse` between the request half
 * and the process half, so that every process half sees one dialect: standard JSON members under a standard status.
 */
export interface Quirks {
  /** An answer 2xx with `error` (Slack: `ok: false`) is that error; `ok: true` makes any `error` mean nothing. */
  readonly errorUnderOk?: boolean;
  /** `verification_url` is read as `verification_uri`. */
  readonly verificationUrl?: boolean;
  /** Separator of `scope` in answers; both ways when `scopeSeparatorInRequests`. */
  readonly scopeSeparator?: string;
  readonly scopeSeparatorInRequests?: boolean;
  /** A scope that is asked for → how it is named where it was granted. */
  readonly scopeAliases?: Readonly<Record<string, string>>;
  /** What may stand before the name of a granted scope. */
  readonly scopePrefixes?: readonly string[];
  /** A granted scope may be written with other capitals than the one that was asked for (Entra). */
  readonly scopeCase?: "ignored";
  /** Member that holds the granted scopes instead of `scope`. */
  readonly scopeMember?: string;
  /** Object inside the answer that holds the token members, dots between its names; where it holds none, they are read beside it. */
  readonly tokenPath?: string;
  /** The member that holds what its API takes as access token (`id_token`); where it is absent the usual one counts. */
  readonly accessTokenMember?: "id_token";
  /** Name of the scope parameter at the authorization endpoint. */
  readonly scopeParameter?: string;
  /** And at the device authorization endpoint (Twitch). */
  readonly deviceScopeParameter?: string;
  /** Form-encoded answers are accepted: by Content-Type, or under that of a text where they cannot be anything else. */
  readonly formAnswers?: boolean;
  /** An `expires_in` of 0 says that the token does not expire. */
  readonly zeroExpiresIn?: "never";
  /** Other names for Bearer. */
  readonly tokenTypes?: readonly string[];
  /** Provider's error code → standard code. */
  readonly errorCodes?: Readonly<Record<string, string>>;
  /** `token_type` may be missing, and means Bearer then. */
  readonly tokenTypeOptional?: boolean;
  /** Granted scopes are a list (Twitch). */
  readonly scopeList?: boolean;
  /**
   * Where the error code of the provider's own API is, dots between its members' names and places of its lists; its text is
   * then in `error` (Matrix: `errcode`; Fitbit: `errors.0.errorType`).
   */
  readonly errorMember?: string;
  /** Where its text is instead. */
  readonly errorTextMember?: string;
  /** Member that says in milliseconds what `Retry-After` says in seconds. */
  readonly retryAfterMember?: string;
  /** A device poll answered with this status and without `error` means `slow_down`: a gateway's limit (matrix.md section 8). */
  readonly slowDownStatus?: number;
  /** `issued_token_type` may be missing from a token exchange answer. */
  readonly issuedTokenTypeOptional?: boolean;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * Where the provider's own error code goes when its data map it to a standard one; process halves report it as
 * `providerCode`. Only `applyQuirks` writes it: one that a server sends is removed.
 */
export const PROVIDER_ERROR_MEMBER = "x_provider_error";

/**
 * Rewrites an answer into the standard dialect: a JSON object, an error under 400 where the provider sent it under 2xx.
 * Pure, total, never throws: what is no object (HTML, empty, nested too deep) is returned as it is. A token beside an
 * `error` keeps its 2xx, because tokens are salvaged before anything is judged (CL-01).
 */
export function applyQuirks(response: HttpResponse, quirks: Quirks): HttpResponse {
  const members = membersOf(response, quirks);
  if (!members) return response;
  const under2xx = response.status >= 200 && response.status < 300 && quirks.errorUnderOk === true;
  const standard = renamed(withError(ownError(response, unnested(members, quirks), quirks), under2xx, quirks), quirks);
  const refused = under2xx && textOf(standard.error) !== undefined && !hasTokens(standard);
  const headers = { ...retryAfter(members, quirks), ...response.headers, "content-type": "application/json" };
  return { status: refused ? 400 : response.status, headers, body: JSON.stringify(standard) };
}

/** JSON goes first whatever the type says: read as a form it would lose its tokens; no form is JSON. */
function membersOf({ headers, body }: HttpResponse, quirks: Quirks): Members | undefined {
  const json = parseJsonObject(body);
  if (json || !quirks.formAnswers) return json;
  const type = headers["content-type"] ?? "";
  const form = Object.fromEntries(new URLSearchParams(body.trim()));
  if (/^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return form;
  // FC-06: what a script prints is `text/html` where nobody said otherwise. No page and no sentence looks like this.
  const isForm = /^[\w.~%+*-]+=[\x21-\x3b\x3d\x3f-\x7e]*$/.test(body.trim()) && hasMembers(form);
  return /^\s*(text\/(plain|html)\s*(;|$)|$)/i.test(type) && isForm ? form : undefined;
}

function hasMembers(members: Members): boolean {
  return hasTokens(members) || textOf(members.device_code) !== undefined || textOf(members.error) !== undefined;
}

/**
 * An error of the API instead of OAuth's: a code that the standard words do not have, and a text. Where it says that there is
 * no such path it is no word about the request.
 */
function ownError({ status }: HttpResponse, members: Members, { errorMember, errorTextMember }: Quirks): Members {
  const code = errorMember === undefined ? undefined : textOf(memberAt(members, errorMember));
  if (code === undefined) return members;
  const { error, ...rest } = members;
  const text = errorTextMember === undefined ? error : memberAt(members, errorTextMember);
  return status === 404 || status === 405 ? rest : { ...rest, error: code, error_description: text };
}

function retryAfter(members: Members, { retryAfterMember }: Quirks): { "retry-after"?: string } {
  const milliseconds = retryAfterMember === undefined ? undefined : secondsOf(members[retryAfterMember]);
  return milliseconds === undefined ? {} : { "retry-after": String(Math.ceil(milliseconds / 1000)) };
}

function withError(members: Members, under2xx: boolean, quirks: Quirks): Members {
  const { error, [PROVIDER_ERROR_MEMBER]: _, ...rest } = members;
  if (under2xx && members.ok === true) return rest;
  return { ...rest, ...mapped(members, quirks) };
}

/** The error by its standard code, where the provider's data or the server's operator say what its own word means. */
function mapped(members: Members, { errorCodes: codes = {} }: Quirks): Members {
  const { error } = members;
  const own = typeof error === "string" || hasTokens(members) ? undefined : ownWords(members);
  const { code, description } = own ?? { code: textOf(error), description: undefined };
  if (code === undefined || !Object.hasOwn(codes, code)) return error === undefined ? {} : { error };
  const text = description === undefined ? {} : { error_description: description };
  return { ...text, error: codes[code], [PROVIDER_ERROR_MEMBER]: code };
}

/**
 * Slack's user tokens lie in an object of their own, with the bot's beside it. The two are never mixed: a user's access
 * token with the bot's refresh token would become the bot's at the next refresh. A refresh answers without the object.
 */
function unnested(members: Members, { tokenPath }: Quirks): Members {
  const nested = tokenPath === undefined ? undefined : memberAt(members, tokenPath);
  if (!isMembers(nested)) return members;
  const { ok, error } = members;
  if (hasTokens(nested)) return { ...nested, ok, error };
  // Lark, TikTok: a code to poll with and a refusal lie in the same object (FC-10).
  return hasMembers(nested) && !hasMembers(members) ? { ...nested, ok } : members;
}

/** `data.tokens` is the member `tokens` of `data`; `errors.0` the first of a list. */
function memberAt(members: Members, path: string): unknown {
  const inside = (value: unknown, name: string) =>
    isMembers(value) || Array.isArray(value) ? (value as Members)[name] : undefined;
  return path.split(".").reduce<unknown>(inside, members);
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasTokens(members: Members): boolean {
  return textOf(members.access_token) !== undefined || textOf(members.refresh_token) !== undefined;
}

function renamed(members: Members, quirks: Quirks): Members {
  const out: Record<string, unknown> = { ...members };
  if (quirks.verificationUrl) out.verification_uri ??= out.verification_url;
  if (quirks.scopeMember !== undefined) out.scope ??= out[quirks.scopeMember];
  if (quirks.scopeList && Array.isArray(out.scope)) out.scope = out.scope.join(" ");
  if (quirks.tokenTypeOptional && hasTokens(members)) out.token_type ??= "Bearer";
  if (quirks.scopeSeparator && typeof out.scope === "string") {
    out.scope = out.scope.split(quirks.scopeSeparator).join(" ");
  }
  const named = quirks.accessTokenMember && textOf(out[quirks.accessTokenMember]);
  if (named !== undefined) out.access_token = named;
  if (quirks.zeroExpiresIn && secondsOf(out.expires_in) === 0) out.expires_in = ENDLESS;
  if (typeof out.token_type === "string" && quirks.tokenTypes?.includes(out.token_type)) out.token_type = "Bearer";
  return out;
}
