import { isLike } from "../../access/like.ts";
import { LoginRefused } from "./method.ts";

/** What a JWT says (RFC 7519 4). */
export type Claims = Readonly<Record<string, unknown>>;

interface Bounds {
  readonly bound_issuer?: string;
  readonly bound_audiences: readonly string[];
  readonly bound_subject: string;
  readonly bound_claims: Readonly<Record<string, unknown>>;
  readonly bound_claims_type: string;
}

interface Leeways {
  readonly expiration_leeway: number;
  readonly not_before_leeway: number;
  readonly clock_skew_leeway: number;
}

/** Seconds, where a role says 0 (developer.hashicorp.com/vault/api-docs/auth/jwt): of times that a token does not name, and of clocks. */
const UNNAMED = 150;
const SKEW = 60;

/** Throws `LoginRefused` for what is over or not yet begun, or says so in another way than by a number. `now` in epoch seconds. */
export function checkTimes({ exp, iat, nbf }: Claims, leeways: Leeways, now: number): void {
  const [issued, begins, ends] = [iat, nbf, exp].map(timeIn);
  const latest = Math.max(issued ?? 0, begins ?? 0);
  if (latest === 0 && ends === undefined) throw new LoginRefused("the token has none of exp, iat and nbf");
  const skew = leeways.clock_skew_leeway || SKEW;
  const end = ends ?? latest + (leeways.expiration_leeway || UNNAMED);
  const start = begins || issued || end - (leeways.not_before_leeway || UNNAMED);
  if (now > end + skew) throw new LoginRefused("the token has expired");
  if (now < start - skew) throw new LoginRefused("the token is not valid yet");
}

/** A NumericDate (RFC 7519 section 2). */
function timeIn(time: unknown): number | undefined {
  if (time === undefined || typeof time === "number") return time;
  throw new LoginRefused("exp, iat or nbf is no number");
}

/** Throws `LoginRefused` for what a role does not take. */
export function checkBounds(claims: Claims, bounds: Bounds): void {
  const { bound_issuer: issuer = "", bound_subject: subject, bound_claims: bound, bound_claims_type: how } = bounds;
  if (issuer !== "" && claims.iss !== issuer) throw new LoginRefused("the token is from another issuer");
  if (subject !== "" && claims.sub !== subject) throw new LoginRefused("the token has another subject");
  checkAudience(claims.aud, bounds.bound_audiences);
  for (const [name, wanted] of Object.entries(bound)) {
    const has = listOf(claimAt(claims, name)).filter(isScalar);
    const wants = listOf(wanted).filter(isScalar);
    const fits = (one: Scalar, other: Scalar) =>
      how === "glob" ? isLike(String(other), String(one)) : String(one) === String(other);
    if (!has.some((one) => wants.some((other) => fits(one, other)))) {
      throw new LoginRefused(`the claim ${name.slice(0, 64)} is not what the role wants`);
    }
  }
}

/** An audience that nobody asks for says that the token was made for somebody else. */
function checkAudience(aud: unknown, bound: readonly string[]): void {
  const audiences = listOf(aud);
  if (audiences.length > 0 && bound.length === 0) {
    throw new LoginRefused("the token is for an audience, and its role has no bound_audiences");
  }
  if (bound.length > 0 && !audiences.some((one) => bound.some((other) => other === one))) {
    throw new LoginRefused("the token is for another audience");
  }
}

/** A claim by its name, or by a JSON pointer (RFC 6901) where that begins with a slash. */
export function claimAt(claims: Claims, name: string): unknown {
  if (!name.startsWith("/")) return own(claims, name);
  const steps = name.slice(1).split("/");
  return steps.reduce<unknown>((at, step) => own(at, step.replaceAll("~1", "/").replaceAll("~0", "~")), claims);
}

/** To a claim whose name may begin with a slash itself. */
export function pointerTo(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

type Scalar = string | number | boolean;

export function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** What a role wants of a token beside its claims, told with the login's token. */
export function metadataOf(
  claims: Claims,
  mappings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const told = Object.entries(mappings).flatMap(([claim, name]) => {
    const value = claimAt(claims, claim);
    return isScalar(value) ? [[name, String(value).slice(0, LONGEST).toWellFormed()] as const] : [];
  });
  return Object.fromEntries(told);
}

/** UTF-16 units of one text of somebody else's. */
const LONGEST = 512;
