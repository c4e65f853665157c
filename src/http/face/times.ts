import { type Html, html } from "../../html.ts";
import type { Visit } from "./visit.ts";

type Clock = Pick<Visit, "language" | "now" | "say">;

/** From now on or ago, and the moment itself in UTC, which is everybody's. */
export function timeText({ language, now, say }: Clock, rfc3339: string): Html {
  const at = Date.parse(rfc3339);
  const relative = relativeText(language, at - now);
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "long", timeZone: "UTC" });
  return html`<time datetime="${rfc3339}">${say("time.at", { relative, time: moment.format(at) })}</time>`;
}

const UNITS = [
  ["second", 1_000, 90],
  ["minute", 60_000, 90],
  ["hour", 3_600_000, 36],
  ["day", 86_400_000, Number.POSITIVE_INFINITY],
] as const;

function relativeText(language: string, milliseconds: number): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  for (const [unit, length, most] of UNITS) {
    const count = Math.round(milliseconds / length);
    if (Math.abs(count) < most) return format.format(count, unit);
  }
  return "";
}
