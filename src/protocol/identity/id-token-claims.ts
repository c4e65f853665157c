import { type JsonObject, textOf } from "../response/json.ts";

export interface ClaimRules {
  readonly issuer: string;
  /** Other spellings of the same issuer (Google's without the scheme). */
  readonly issuerAliases?: readonly string[];
  /** The issuer as the metadata have it, where they name no single one, and the claim that fills it in. */
  readonly issuerTemplate?: IssuerPlaceholder & { readonly template: string };
  readonly clientId: string;
  /** The one that was sent, where it is known. */
  readonly nonce?: string;
  /** Epoch seconds. */
  readonly nowSeconds: number;
}

/** Stands in the metadata for what an id_token's own claim says (Entra's `{tenantid}` and `tid`). */
export interface IssuerPlaceholder {
  readonly text: string;
  readonly claim: string;
}

/** Seconds two clocks may differ (oauthapp.md section 9). */
const LEEWAY = 60;

/** The first claim that is not as it must be (OIDC Core 3.1.3.7), or undefined. */
export function claimProblem(claims: JsonObject, rules: ClaimRules): string | undefined {
  if (!isIssuer(claims.iss, rules) && claims.iss !== filledIssuer(claims, rules))
    return "oidc: ID token is from another issuer";
  if (textOf(claims.sub) === undefined) return "oidc: ID token has no subject";
  return audienceProblem(claims, rules) ?? timeProblem(claims, rules) ?? nonceProblem(claims, rules);
}

/** OIDC Core 12.2: a refresh names the same issuer and subject as the first token. */
export function isSameSubject(
  claims: JsonObject,
  previous: { readonly iss: string; readonly sub: string },
  rules: ClaimRules,
): boolean {
  const isSameIssuer = claims.iss === previous.iss || (isIssuer(claims.iss, rules) && isIssuer(previous.iss, rules));
  return isSameIssuer && claims.sub === previous.sub;
}

/** One path segment, so that the claim names nobody else's host or path. */
function filledIssuer(claims: JsonObject, { issuerTemplate }: ClaimRules): string | undefined {
  const tenant = textOf(claims[issuerTemplate?.claim ?? ""]);
  if (!issuerTemplate || tenant === undefined || !/^[A-Za-z0-9-]+$/.test(tenant)) return undefined;
  return issuerTemplate.template.replace(issuerTemplate.text, () => tenant);
}

function isIssuer(iss: unknown, { issuer, issuerAliases = [] }: ClaimRules): boolean {
  return typeof iss === "string" && (iss === issuer || issuerAliases.includes(iss));
}

function audienceProblem({ aud, azp }: JsonObject, { clientId }: ClaimRules): string | undefined {
  const audiences = Array.isArray(aud) ? aud : [aud];
  const isAuthorized = azp === undefined ? audiences.length === 1 : azp === clientId;
  return audiences.includes(clientId) && isAuthorized ? undefined : "oidc: ID token is for another client";
}

function timeProblem({ exp, iat, nbf }: JsonObject, { nowSeconds, issuer }: ClaimRules): string | undefined {
  if (typeof exp !== "number" || typeof iat !== "number") return "oidc: ID token has no time";
  const ahead = iat - nowSeconds;
  if (exp + LEEWAY <= nowSeconds) return `oidc: ID token has expired${slowClock(-ahead, issuer)}`;
  const isEarly = ahead > LEEWAY || (nbf !== undefined && !(Number(nbf) - LEEWAY <= nowSeconds));
  return isEarly ? `oidc: ID token is not valid yet${fastClock(ahead, issuer)}` : undefined;
}

const CHECK = "so one of them is wrong; check the broker's first (NTP)";

/** FC-42: it has just been issued, so `iat` is what the issuer's clock shows. Nobody can tell from here which clock is right. */
function fastClock(seconds: number, issuer: string): string {
  return seconds > LEEWAY ? `: the clock of ${issuer} is ${shown(seconds)} ahead of the broker's clock, ${CHECK}` : "";
}

/** The other way round it may also be an answer that waited for a restart. */
function slowClock(seconds: number, issuer: string): string {
  if (seconds <= LEEWAY) return "";
  return `: if the login was just now, the broker's clock is ${shown(seconds)} ahead of the clock of ${issuer}, ${CHECK}`;
}

function shown(seconds: number): string {
  return seconds < 120 ? `${Math.floor(seconds)} s` : `${Math.floor(seconds / 60)} min`;
}

function nonceProblem(claims: JsonObject, { nonce }: ClaimRules): string | undefined {
  return nonce === undefined || claims.nonce === nonce ? undefined : "oidc: nonce does not match";
}

/**
 * What stands for an account beside its subject. People choose their `name` themselves, and an address that nobody verified
 * may be anybody's.
 */
export function namesOf(claims: JsonObject): readonly string[] {
  const { preferred_username: username, email, email_verified: verified } = claims;
  return [username, verified === true ? email : undefined].filter((name) => typeof name === "string");
}
