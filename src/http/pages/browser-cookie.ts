import { randomBytes } from "node:crypto";
import { cookieOf } from "../input/cookie.ts";

/**
 * A browser is known by one random cookie, so that a login is finished in the browser in which its code was typed. `Lax`,
 * because the provider sends the browser back from elsewhere; a form of another site does not carry it.
 */
export function browserOf(cookies: string | undefined, secure: boolean): string {
  const value = cookieOf(cookies, nameOf(secure)) ?? "";
  return /^[A-Za-z0-9_-]{43}$/.test(value) ? value : "";
}

/** 256 random bits. */
export function newBrowser(): string {
  return randomBytes(32).toString("base64url");
}

/** Set-Cookie; it goes with the browser's session. */
export function browserCookie(value: string, secure: boolean): string {
  return `${nameOf(secure)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}

/** `__Host-`: set by this very host over TLS, and by nobody beside it. */
function nameOf(secure: boolean): string {
  return secure ? "__Host-coatcheck_browser" : "coatcheck_browser";
}
