import { type Html, html, trusted } from "../html.ts";
import { policyOf, wholePage } from "../look/document.ts";

/** The demo server's pages: plain HTML forms, no script and nothing from elsewhere. */

/** What they are sent with. A form's answer may lead on to any program's page (CSP 3 holds redirects to `form-action`). */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": policyOf({ "form-action": "http: https:" }),
};

/** A whole page, as it is sent. */
export function page(title: string, content: Html, tone?: "good" | "bad"): string {
  return wholePage({
    title,
    tone,
    brand: { name: "Demo server" },
    shape: "card",
    body: html`<h1>${title}</h1>
${content}
<footer>This is Coatcheck's demo authorization server: any name can sign in, and nothing is stored.</footer>`,
  });
}

export function loginPage(action: string, name: string): string {
  return page(
    "Sign in",
    html`<form method="post" action="${action}">
<label for="login">Name</label>
<input type="text" id="login" name="login" value="${name}" required autofocus autocomplete="username">
<div class="buttons"><button type="submit">Sign in</button></div>
</form>`,
  );
}

export function consentPage(action: string, client: string, scopes: readonly string[]): string {
  const list = scopes.map((scope) => html`<li>${scope}</li>`);
  return page(
    `Allow ${client}?`,
    html`<p>It requests${scopes.length === 0 ? " no particular permissions." : ":"}</p>
${scopes.length > 0 && html`<ul>${list}</ul>`}
<form method="post" action="${action}" class="buttons">
<button class="quiet" type="submit" name="deny" value="yes">Deny</button>
<button type="submit" name="allow" value="yes">Allow</button>
</form>`,
  );
}

/** `form` is the provider's own HTML, here and below. */
export function codePage(form: string, problem: string | undefined): string {
  const say = problem ?? "Enter the code that the program shows you.";
  // Its inline script is nothing that our policy lets run.
  const labelled = form
    .replace(/ onfocus="[^"]*"/, "")
    .replace(/<input[^>]*name="user_code"/, (input) => `<label for="user_code">Code</label>${input} id="user_code"`);
  return page(
    "Connect a device",
    html`<p${problem !== undefined && html` class="problem" role="alert"`}>${say}</p>
${trusted(labelled)}
<div class="buttons"><button type="submit" form="op.deviceInputForm">Continue</button></div>`,
  );
}

export function confirmPage(form: string, client: string, userCode: string): string {
  return page(
    "Is this your device?",
    html`<p>${client} wants to sign in as you. Continue only if your device or program shows this code:</p>
<p><strong class="big">${userCode}</strong></p>
<p>If you did not start this, deny it.</p>
${trusted(form)}
<div class="buttons">
<button class="quiet" type="submit" form="op.deviceConfirmForm" name="abort" value="yes">Deny</button>
<button type="submit" form="op.deviceConfirmForm">Continue</button>
</div>`,
  );
}

export function donePage(): string {
  return page(
    "Sign-in Success",
    html`<p>The device is connected. You can close this page and go back to the device.</p>`,
    "good",
  );
}

export function refusedPage(text: string): string {
  return page("Nothing was connected", html`<p>${text}</p><p class="soft">You can close this page.</p>`);
}

/** Of a step that is behind the person: after the browser's Back, or too late. It may have ended well. */
export function overPage(): string {
  return page(
    "This page has expired",
    html`<p>This login is already finished, or it has expired. The program that started it knows the result.</p>`,
  );
}
