import type { OidcReturn } from "../../broker/auth.ts";
import { callbackPage } from "./callback-page.ts";
import { ago, questionPage } from "./question-page.ts";
import type { Speaker } from "./speaker.ts";

/** Whose program gets a token of the person who has just signed in: somebody else may have sent them the link. */
export function confirmPage(speaker: Speaker, login: OidcReturn, action: string, yours: string, now: number): string {
  const { say } = speaker;
  const { state, confirm, role, address, createdAt } = login;
  return questionPage(speaker, {
    title: say("confirm.title"),
    meaning: say("confirm.meaning"),
    rows: [
      [say("confirm.role"), role],
      [say("decide.from"), address],
      [say("decide.when"), ago(speaker, now - createdAt)],
    ],
    elsewhere: address === yours ? [] : [address],
    yours,
    action,
    fields: { state, confirm },
  });
}

export function signedInPage(speaker: Speaker, allowed: boolean): string {
  const { say } = speaker;
  return callbackPage(speaker, {
    good: true,
    title: say(allowed ? "confirm.allowed.title" : "confirm.denied.title"),
    text: say(allowed ? "confirm.allowed.text" : "confirm.denied.text"),
    next: say("close"),
  });
}

export function staleSignInPage(speaker: Speaker): string {
  const { say } = speaker;
  return callbackPage(speaker, {
    good: false,
    title: say("confirm.stale.title"),
    text: say("confirm.stale.text"),
    next: say("confirm.stale.next"),
  });
}
