import { type Html, html, trusted } from "../html.ts";

/** The demo server's pages: plain HTML forms, no script and nothing from elsewhere. */

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2433; --paper: #f4f5f8; --card: #fff; --line: #c9cedb; --accent: #2b4fc7; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaf2; --paper: #14171f; --card: #1d212c; --line: #454c5e; --accent: #8fa8ff; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, "Open Sans", sans-serif; }
main { width: 100%; max-width: 26rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 2rem; }
h1 { font-size: 1.35rem; line-height: 1.25; margin: 0 0 .75rem; }
p { margin: 0 0 1rem; }
code { font-size: 1.25rem; letter-spacing: .08em; }
label { display: block; font-weight: 600; margin-bottom: .35rem; }
input[type=text] { width: 100%; font: inherit; padding: .6rem .75rem; border: 1px solid var(--line); border-radius: 8px;
  background: transparent; color: inherit; margin-bottom: 1rem; }
ul { margin: 0 0 1rem; padding-left: 1.25rem; }
.buttons { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
button { font: inherit; font-weight: 600; padding: .65rem 1rem; border-radius: 8px; border: 2px solid var(--accent); cursor: pointer;
  background: transparent; color: var(--accent); width: 100%; }
button.main { background: var(--accent); color: var(--card); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.demo { margin: 1.5rem 0 0; font-size: .875rem; opacity: .8; border-top: 1px solid var(--line); padding-top: .75rem; }
`;

/** A whole page, as it is sent. */
export function page(title: string, content: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
<p class="demo">This is Coatcheck's demo authorization server: any name can sign in, and nothing is stored.</p>
</main>
</body>
</html>`.text;
}

export function loginPage(action: string, name: string): string {
  return page(
    "Sign in",
    html`<form method="post" action="${action}">
<label for="login">Name</label>
<input type="text" id="login" name="login" value="${name}" required autofocus autocomplete="username">
<button class="main" type="submit">Sign in</button>
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
<button type="submit" name="deny" value="yes">Deny</button>
<button class="main" type="submit" name="allow" value="yes">Allow</button>
</form>`,
  );
}

/** `form` is the provider's own HTML, here and below. */
export function codePage(form: string, problem: string | undefined): string {
  const say = problem ?? "Enter the code that the program shows you.";
  const labelled = form.replace(
    /<input[^>]*name="user_code"/,
    (input) => `<label for="user_code">Code</label>${input} id="user_code"`,
  );
  return page(
    "Connect a device",
    html`<p>${say}</p>
${trusted(labelled)}
<button class="main" type="submit" form="op.deviceInputForm">Continue</button>`,
  );
}

export function confirmPage(form: string, client: string, userCode: string): string {
  return page(
    "Is this your device?",
    html`<p>${client} wants to sign in as you. Continue only if your device or program shows this code:</p>
<p><code>${userCode}</code></p>
<p>If you did not start this, deny it.</p>
${trusted(form)}
<div class="buttons">
<button type="submit" form="op.deviceConfirmForm" name="abort" value="yes">Deny</button>
<button class="main" type="submit" form="op.deviceConfirmForm">Continue</button>
</div>`,
  );
}

export function donePage(): string {
  return page(
    "Sign-in Success",
    html`<p>The device is connected. You can close this page and go back to the device.</p>`,
  );
}

export function refusedPage(text: string): string {
  return page("Nothing was connected", html`<p>${text}</p><p>You can close this page.</p>`);
}

/** Of a step that is behind the person: after the browser's Back, or too late. It may have ended well. */
export function overPage(): string {
  return page(
    "This page has expired",
    html`<p>This login is already finished, or it has expired. The program that started it knows the result.</p>`,
  );
}
