import type { OidcReturn } from "../../broker/auth.ts";
import { callbackPage } from "./callback-page.ts";
import { ago, questionPage } from "./question-page.ts";

/** Whose program gets a token of the person who has just signed in: somebody else may have sent them the link. */
export function confirmPage(login: OidcReturn, action: string, yours: string, now: number): string {
  const { state, confirm, role, address, createdAt } = login;
  return questionPage({
    title: "Sign this program in?",
    meaning: "It gets a token of Coatcheck in your name.",
    rows: [
      ["Role", role],
      ["Requested from", address],
      ["Requested", ago(now - createdAt)],
    ],
    elsewhere: address === yours ? [] : [address],
    yours,
    action,
    fields: { state, confirm },
  });
}

export function signedInPage(allowed: boolean): string {
  return callbackPage({
    good: true,
    title: allowed ? "You are signed in" : "Nobody was signed in",
    text: allowed ? "The program has its token." : "The program gets nothing.",
    next: "You can close this page.",
  });
}

export function staleSignInPage(): string {
  return callbackPage({
    good: false,
    title: "Nobody waits for this",
    text: "The login was finished already, or it took too long.",
    next: "Start again in the program.",
  });
}
