import { type JsonObject, secondsOf, textOf } from "./json.ts";
import type { TokenSet } from "./outcome.ts";

/** An `expires_in` that is no number: the provider's data say that its 0 means so (`Quirks.zeroExpiresIn`). */
export const ENDLESS = "never";

/** OA-08: ten years. Seconds. */
const LONGEST_LIFE = 315_360_000;

const USUAL_SPELLING: Readonly<Record<string, string>> = { bearer: "Bearer", mac: "MAC", basic: "Basic" };

/** A JWS: three base64url parts. Length is bounded by the body's limit. */
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** What could be read, and what a strict parser would have thrown on. */
export interface SalvagedTokens {
  readonly tokens: TokenSet;
  readonly oddities: readonly string[];
}

/**
 * Salvages the tokens of a 2xx answer. Tolerant on purpose: the old refresh token is consumed by now, so an odd member
 * must never cost the new one (case D12). Undefined when there is neither an access nor a refresh token.
 */
export function readTokenSet(json: JsonObject): SalvagedTokens | undefined {
  const oddities: string[] = [];
  const note = (oddity: string) => {
    oddities.push(oddity);
    return undefined;
  };
  const accessToken = readAccessToken(json, note);
  const refreshToken = readRefreshToken(json, note);
  if (accessToken === undefined && refreshToken === undefined) return undefined;
  if (accessToken === undefined) note("access_token is missing");
  if (textOf(json.error) !== undefined) note("the answer contains both an error and tokens");
  const endless = json.expires_in === ENDLESS;
  const expiresIn = endless ? undefined : readExpiresIn(json, note);
  const refreshExpiresIn = readRefreshExpiresIn(json);
  const scopes = readScopes(json, note);
  const idToken = readIdToken(json, note);
  const issuedTokenType = textOf(json.issued_token_type);
  const tokens: TokenSet = {
    accessToken: accessToken ?? "",
    tokenType: readTokenType(json, note),
    ...(refreshToken !== undefined && { refreshToken }),
    ...(expiresIn !== undefined && { expiresIn }),
    ...(endless && { endless }),
    ...(refreshExpiresIn !== undefined && { refreshExpiresIn }),
    ...(scopes !== undefined && { scopes }),
    ...(idToken !== undefined && { idToken }),
    ...(issuedTokenType !== undefined && { issuedTokenType }),
  };
  return { tokens, oddities };
}

type Note = (oddity: string) => undefined;

/** RFC 6749 A.12: visible ASCII; anything else would break out of the header it is to be sent in. */
function readAccessToken(json: JsonObject, note: Note): string | undefined {
  const token = textOf(json.access_token);
  if (token === undefined || /^[\x20-\x7e]+$/.test(token)) return token;
  return note("access_token contains characters that are not allowed in a header");
}

function readRefreshToken(json: JsonObject, note: Note): string | undefined {
  const token = textOf(json.refresh_token);
  // U+FFFD stands where the body was not UTF-8: what is left is not the token.
  return token?.includes("\ufffd") ? note("refresh_token contains invalid characters") : token;
}

function readTokenType(json: JsonObject, note: Note): string {
  const type = textOf(json.token_type);
  if (type === undefined || !/^[\x21-\x7e]{1,64}$/.test(type)) {
    note("token_type is missing");
    return "Bearer";
  }
  const usual = Object.hasOwn(USUAL_SPELLING, type.toLowerCase()) ? USUAL_SPELLING[type.toLowerCase()] : undefined;
  // RFC 8693 2.2.1: N_A is the ordinary word for "not an access token".
  if (usual === undefined && type.toUpperCase() !== "N_A") note("token_type is unusual");
  return usual ?? type;
}

function readExpiresIn(json: JsonObject, note: Note): number | undefined {
  const value = json.expires_in;
  if (value === undefined || value === null || value === "") return undefined;
  const seconds = secondsOf(value);
  if (seconds === undefined) return note("expires_in is not a number of seconds");
  return Math.min(Math.floor(seconds), LONGEST_LIFE);
}

/** What servers call it; nothing of it is standard. */
const REFRESH_EXPIRES_IN = ["refresh_expires_in", "refresh_token_expires_in", "x_refresh_token_expires_in"];

/** FC-04. Keycloak says 0 of an offline token, which does not end. */
function readRefreshExpiresIn(json: JsonObject): number | undefined {
  const seconds = REFRESH_EXPIRES_IN.map((member) => secondsOf(json[member])).find((value) => value !== undefined);
  return seconds === undefined || seconds === 0 ? undefined : Math.min(Math.floor(seconds), LONGEST_LIFE);
}

/** OA-09: absent, empty and null mean "as requested"; the array form is tolerated. */
function readScopes(json: JsonObject, note: Note): readonly string[] | undefined {
  const { scope } = json;
  if (scope === undefined || scope === null || scope === "") return undefined;
  if (typeof scope === "string") return words(scope);
  if (!Array.isArray(scope)) return note("scope is neither a string nor a list");
  note("scope is a list");
  const scopes = scope.filter((each) => typeof each === "string").flatMap(words);
  return scopes.length > 0 ? scopes : undefined;
}

function words(scope: string): readonly string[] {
  return scope.split(/\s/).filter((word) => word !== "");
}

function readIdToken(json: JsonObject, note: Note): string | undefined {
  const { id_token: token } = json;
  if (token === undefined || token === null || token === "") return undefined;
  return typeof token === "string" && COMPACT_JWS.test(token) ? token : note("id_token is malformed");
}
