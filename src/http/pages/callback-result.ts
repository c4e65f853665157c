import type { CallbackResult } from "../../broker/broker.ts";
import { cookieOf } from "../input/cookie.ts";
import type { PageText } from "./callback-page.ts";
import type { Speaker } from "./speaker.ts";

/** How the broker's sentence gets from the redirect to the page: not in the URL, where anybody could write one. */
const COOKIE = "coatcheck_login_result";
/** Seconds. */
const COOKIE_LIFE = 300;
/** Characters; a sentence. */
const LONGEST_TEXT = 600;

export type Outcome = "done" | "failed";

export function pageOf({ say }: Speaker, page: Outcome | "unknown"): PageText {
  const next = page === "done" ? say("close") : say("link.again");
  return { good: page === "done", title: say(`${page}.title`), text: say(`${page}.text`), next };
}

/** Set-Cookie of the redirect: read only by the page, gone after five minutes. */
export function resultCookie(path: string, { ok, text }: CallbackResult): string {
  const outcome: Outcome = ok ? "done" : "failed";
  const value = Buffer.from(`${outcome} ${text.slice(0, LONGEST_TEXT).toWellFormed()}`).toString("base64url");
  return `${COOKIE}=${value}; Path=${path}; Max-Age=${COOKIE_LIFE}; HttpOnly; SameSite=Lax`;
}

/** The sentence of the browser's own last login, if it still has it and it ended like that. */
export function resultText(cookies: string | undefined, outcome: Outcome): string | undefined {
  const value = cookieOf(cookies, COOKIE);
  if (value === undefined || !/^[A-Za-z0-9_-]{1,3600}$/.test(value)) return undefined;
  const [ended, ...words] = Buffer.from(value, "base64url")
    .toString()
    .slice(0, LONGEST_TEXT + 10)
    .split(" ");
  return ended === outcome ? words.join(" ") : undefined;
}
