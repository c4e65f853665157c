import { html, trusted } from "../../html.ts";
import { htmlHeaders, policyOf, sha256 } from "../../look/document.ts";
import { callbackPage } from "./callback-page.ts";
import { pageOf } from "./callback-result.ts";
import { languageHeaders, type Speaker } from "./speaker.ts";

/** Takes the answer out of the address, and the address out of the history, before anything else (BCP-11). */
const SCRIPT = `
const answer = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
if (answer !== "") {
  document.querySelector("main").hidden = true;
  document.forms[0].answer.value = answer;
  document.forms[0].submit();
}
`;

/** Its own script and a form to itself; nothing else. */
const HEADERS: Readonly<Record<string, string>> = htmlHeaders(
  policyOf({ "form-action": "'self'", "script-src": `'sha256-${sha256(SCRIPT)}'` }),
);

export function fragmentHeaders(speaker: Speaker): Readonly<Record<string, string>> {
  return { ...HEADERS, ...languageHeaders(speaker) };
}

/**
 * An answer behind "#" (response_mode=fragment) never reaches the server by itself: this page sends it there. Whoever comes
 * without one reads that the link cannot be used.
 */
export function fragmentPage(speaker: Speaker): string {
  const form = html`<form method="post"><input type="hidden" name="answer"></form>
<noscript><p>${speaker.say("script.needed")}</p></noscript>
<script>${trusted(SCRIPT)}</script>
`;
  return callbackPage(speaker, pageOf(speaker, "unknown"), form);
}
