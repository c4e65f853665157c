import type { OidcReturn } from "../../broker/auth.ts";
import { html } from "../../html.ts";
import { callbackPage } from "./callback-page.ts";
import { page } from "./page.ts";

/** Whose program gets a token of the person who has just signed in: somebody else may have sent them the link. */
export function confirmPage(login: OidcReturn, action: string, yours: string, now: number): string {
  const { state, confirm, role, address, createdAt } = login;
  const title = "Sign this program in?";
  const minutes = Math.floor((now - createdAt) / 60_000);
  const rows = [
    ["Role", role],
    ["Requested from", address],
    ["Requested", minutes < 1 ? "less than a minute ago" : `${minutes} min ago`],
  ] as const;
  const elsewhere =
    address !== yours &&
    html`<p class="warning" role="alert">This program runs at a different address (${address}) from your browser (${yours}). That is normal if it runs on one of your servers. If you do not recognize the address, deny the request.</p>\n`;
  const body = html`<h1>${title}</h1>
<p>It gets a token of Coatcheck in your name.</p>
<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>
${elsewhere}<p>If you did not start this yourself, deny it.</p>
<form method="post" action="${action}">
<input type="hidden" name="state" value="${state}">
<input type="hidden" name="confirm" value="${confirm}">
<div class="buttons">
<button class="deny" name="decision" value="deny">Deny</button>
<button class="allow" name="decision" value="allow">Allow</button>
</div>
</form>`;
  return page({ title, body });
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
