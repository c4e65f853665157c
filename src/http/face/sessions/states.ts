import { type Html, html } from "../../../html.ts";
import { sayNamed } from "../../../messages/face/index.ts";
import type { Facts } from "../facts.ts";
import type { Visit } from "../visit.ts";

const LOOKS: Readonly<Record<string, string>> = { active: "good", pending: "wait" };

export function sessionBadge({ language }: Visit, session: Facts): Html {
  const status = session.text("status") ?? "";
  const look = (Object.hasOwn(LOOKS, status) && LOOKS[status]) || "bad";
  return html`<span class="state ${look}">${sayNamed(language, "session", status)}</span>`;
}

/** What it calls itself. */
export function programOf({ say }: Visit, session: Facts): string {
  return session.text("label") ?? say("sessions.no-label");
}
