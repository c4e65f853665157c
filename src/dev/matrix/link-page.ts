import { html } from "../../html.ts";
import { page } from "../pages.ts";
import type { Proper } from "../proper.ts";
import type { ReceivedRequest } from "../server.ts";
import type { PageOutcome } from "./device-codes.ts";
import type { Parts } from "./parts.ts";

const OUTCOMES: Readonly<Record<PageOutcome, { readonly status: number; readonly text: string }>> = {
  done: { status: 200, text: "The program learns of your decision at its next poll. You can close this page." },
  "unknown-code": { status: 404, text: "This code is unknown, has been used already, or has expired." },
  error: { status: 400, text: "This server's policy refuses the request. The program is not told." },
  "too-many": { status: 429, text: "Too many codes were entered. Wait a minute, then try again." },
  "cannot-refuse": { status: 409, text: "This server does not support denying a request: the code will expire." },
};

/** The verification page (RFC 8628 3.3): the person of this server decides. */
export function linkPage(parts: Parts, { method, target, form }: ReceivedRequest): Proper {
  if (method !== "POST") return { status: 200, body: {}, html: decisionForm(target) };
  const { deviceCodes, situation } = parts;
  const code = form.get("user_code") ?? "";
  const outcome =
    form.get("decision") === "deny" ? deviceCodes.deny(code) : deviceCodes.approve(code, situation.person);
  const { status, text } = OUTCOMES[outcome];
  const title = status === 200 ? "Decided" : "Nothing was decided";
  return { status, body: {}, html: page(title, html`<p>${text}</p>`, status === 200 ? "good" : undefined) };
}

/** MAS calls the code `code`, others `user_code`. */
function decisionForm(target: string): string {
  const query = new URL(target, "http://homeserver.invalid").searchParams;
  const code = query.get("user_code") ?? query.get("code") ?? "";
  return page(
    "Allow this program?",
    html`<form method="post" action="/link">
<label for="user_code">Code</label>
<input type="text" id="user_code" name="user_code" value="${code}" required autocomplete="off">
<div class="buttons">
<button class="quiet" type="submit" name="decision" value="deny">Deny</button>
<button type="submit" name="decision" value="allow">Allow</button>
</div>
</form>`,
  );
}
