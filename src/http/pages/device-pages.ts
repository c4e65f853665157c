import type { LoginRequest } from "../../broker/sessions.ts";
import { html } from "../../html.ts";
import { page } from "./page.ts";
import { ago, questionPage } from "./question-page.ts";

/** The code is typed; `typed` fills the field in, and logs nobody in. */
export function codePage({ typed, token, problem }: { typed: string; token: string; problem?: string }): string {
  const body = html`<h1>Connect a program</h1>
<p>Enter the code that your program shows.</p>
<p class="warning">Enter a code only if you requested it yourself just now. If somebody sent it to you, they want to use your account.</p>
${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>\n`}<form method="post" action="/device">
<input type="hidden" name="token" value="${token}">
<label for="code">Code</label>
<input class="code" id="code" name="user_code" value="${typed}" placeholder="XXXX-XXXX" maxlength="64" required autofocus
  autocomplete="off" autocapitalize="characters" autocorrect="off" spellcheck="false">
<div class="buttons"><button type="submit">Continue</button></div>
</form>`;
  return page({ title: "Connect a program", body });
}

/** Which program asks for what, at which account, from where. */
export function decisionPage(
  { code, session, addresses, elsewhere, token }: LoginRequest,
  yours: string,
  now: number,
): string {
  const { label, server, scopes, createdAt } = session;
  return questionPage({
    title: "Allow this program?",
    meaning: "It can use your account until you or the operator of Coatcheck ends its session.",
    rows: [
      ["Program", label === "" ? "gave no name" : label],
      ["Account at", server],
      ["Permissions", scopes.length === 0 ? "the provider's default" : scopes.join(", ")],
      ["Requested from", addresses.join(", ")],
      ["Requested", ago(now - createdAt)],
      ["Code", code],
    ],
    elsewhere,
    yours,
    action: "/device/decision",
    fields: { user_code: code, token },
  });
}

/** To the provider. A redirect of the form itself would be held to this page's own `form-action`. */
export function leavePage(url: string): string {
  const { host } = new URL(url);
  const head = html`<meta http-equiv="refresh" content="0; url=${url}">\n`;
  const body = html`<h1>Continue at ${host}</h1>
<p>Sign in there to finish. If the page does not open by itself:</p>
<div class="buttons"><a class="button" rel="noreferrer" href="${url}">Continue to ${host}</a></div>`;
  return page({ title: "Sign in", head, body });
}

export function deniedPage(): string {
  const title = "Nothing was connected";
  const body = html`<h1>${title}</h1>
<p>The program has been told that you denied its request.</p>
<p class="soft">You can close this page.</p>`;
  return page({ title, tone: "good", body });
}
