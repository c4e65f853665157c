import type { LoginRequest } from "../../broker/sessions.ts";
import { html } from "../../html.ts";
import { page } from "./page.ts";
import { ago, questionPage } from "./question-page.ts";
import type { Speaker } from "./speaker.ts";

/** The code is typed; `typed` fills the field in, and logs nobody in. */
export function codePage(
  { language, say }: Speaker,
  { typed, token, problem }: { typed: string; token: string; problem?: string | { readonly english: string } },
): string {
  const [text, own] = typeof problem === "object" ? [problem.english, "en"] : [problem, language];
  const body = html`<h1>${say("code.title")}</h1>
<p>${say("code.lead")}</p>
<p class="warning">${say("code.warning")}</p>
${text !== undefined && html`<p class="problem" role="alert"${own !== language && html` lang="${own}"`}>${text}</p>\n`}<form method="post" action="/device">
<input type="hidden" name="token" value="${token}">
<label for="code">${say("code.label")}</label>
<input class="code" id="code" name="user_code" value="${typed}" placeholder="XXXX-XXXX" maxlength="64" required autofocus
  autocomplete="off" autocapitalize="characters" autocorrect="off" spellcheck="false">
<div class="buttons"><button type="submit">${say("code.submit")}</button></div>
</form>`;
  return page({ title: say("code.title"), language, body });
}

/** Which program asks for what, at which account, from where. */
export function decisionPage(
  speaker: Speaker,
  { code, session, addresses, elsewhere, token }: LoginRequest,
  yours: string,
  now: number,
): string {
  const { say } = speaker;
  const { label, server, scopes, createdAt } = session;
  return questionPage(speaker, {
    title: say("decide.title"),
    meaning: say("decide.meaning"),
    rows: [
      [say("decide.program"), label === "" ? say("decide.no-name") : label],
      [say("decide.account"), server],
      [say("decide.scopes"), scopes.length === 0 ? say("decide.scopes.none") : scopes.join(", ")],
      [say("decide.from"), addresses.join(", ")],
      [say("decide.when"), ago(speaker, now - createdAt)],
      [say("decide.code"), code],
    ],
    elsewhere,
    yours,
    action: "/device/decision",
    fields: { user_code: code, token },
  });
}

/** To the provider. A redirect of the form itself would be held to this page's own `form-action`. */
export function leavePage({ language, say }: Speaker, url: string): string {
  const { host } = new URL(url);
  const head = html`<meta http-equiv="refresh" content="0; url=${url}">\n`;
  const body = html`<h1>${say("leave.heading", { host })}</h1>
<p>${say("leave.text")}</p>
<div class="buttons"><a class="button" rel="noreferrer" href="${url}">${say("leave.button", { host })}</a></div>`;
  return page({ title: say("leave.title"), language, head, body });
}

export function deniedPage({ language, say }: Speaker): string {
  const title = say("denied.title");
  const body = html`<h1>${title}</h1>
<p>${say("denied.text")}</p>
<p class="soft">${say("close")}</p>`;
  return page({ title, language, tone: "good", body });
}
