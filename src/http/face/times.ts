import { type Html, html } from "../../html.ts";
import type { Visit } from "./visit.ts";

type Clock = Pick<Visit, "language" | "now" | "say">;

/** From now on or ago, and the moment itself in UTC, which is everybody's. */
export function timeText({ language, now, say }: Clock, rfc3339: string): Html {
  const at = Date.parse(rfc3339);
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "long", timeZone: "UTC" });
  const text = say("time.at", { relative: relativeText(language, at - now), time: moment.format(at) });
  return html`<time datetime="${rfc3339}">${text}</time>`;
}

/** In a list, where the moment itself would be too much. */
export function shortTime({ language, now }: Clock, rfc3339: string): Html {
  return html`<time datetime="${rfc3339}">${relativeText(language, Date.parse(rfc3339) - now)}</time>`;
}

/** Milliseconds. */
const UNITS = [
  ["second", 1_000, 90],
  ["minute", 60_000, 90],
  ["hour", 3_600_000, 36],
  ["day", 86_400_000, Number.POSITIVE_INFINITY],
] as const;

export function relativeText(language: string, milliseconds: number): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  for (const [unit, length, most] of UNITS) {
    const count = Math.round(milliseconds / length);
    if (Math.abs(count) < most) return format.format(count, unit);
  }
  return "";
}

/** `9:58`, of milliseconds. */
export function leftText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
