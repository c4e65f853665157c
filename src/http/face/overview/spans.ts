import { type Html, html } from "../../../html.ts";
import type { Facts } from "../facts.ts";
import type { Visit } from "../visit.ts";
import { chart } from "./chart.ts";

/** How refreshing went and how late things were, in the last hour and day: a sentence, a picture, and the same as a table. */
export function spans(visit: Visit, activity: Facts): Html {
  const { say } = visit;
  return html`${span(visit, say("overview.hour"), activity.list("hour"))}
${span(visit, say("overview.day"), activity.list("day"))}
<p class="small soft">${say("overview.instance")}</p>`;
}

const of = (slice: Facts, what: string) => slice.count(what) ?? 0;

/** How late the tasks of some slices were, both as exactly, so that the average is never more than the most. Seconds. */
export function lateness(slices: readonly Facts[]): { readonly average: number; readonly most: number } {
  const tasks = slices.reduce((sum, slice) => sum + of(slice, "tasks"), 0);
  const late = slices.reduce((sum, slice) => sum + of(slice, "late_average") * of(slice, "tasks"), 0);
  const most = Math.max(0, ...slices.map((slice) => of(slice, "late_most")));
  return { average: tasks === 0 ? 0 : Math.round((late / tasks) * 1000) / 1000, most };
}

function span(visit: Visit, name: string, slices: readonly Facts[]): Html {
  const { say, language } = visit;
  const total = (what: string) => slices.reduce((sum, slice) => sum + of(slice, what), 0);
  const [refreshed, failed, tasks] = [total("refreshed"), total("failed"), total("tasks")];
  const { average, most } = lateness(slices);
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const rate = percent.format(refreshed / (refreshed + failed));
  return html`<section><h2>${name}</h2>
<div class="charts">
<figure><figcaption>${say("overview.refreshes")}: ${refreshed + failed === 0 ? say("overview.rate.none") : say("overview.rate", { rate, count: refreshed + failed })}</figcaption>
${chart(
  slices.map((slice) => ({ good: of(slice, "refreshed"), bad: of(slice, "failed") })),
  say("overview.chart.refreshes", { span: name, refreshed, failed }),
)}</figure>
<figure><figcaption>${say("overview.late")}: ${tasks === 0 ? say("overview.late.none") : say("overview.late.text", { average, most })}</figcaption>
${chart(
  slices.map((slice) => ({ good: of(slice, "late_most"), bad: 0 })),
  say("overview.chart.late", { span: name, most }),
)}</figure>
</div>
${asTable(visit, name, slices)}</section>`;
}

/** Only spans in which something happened: the others say nothing. */
function asTable(visit: Visit, name: string, slices: readonly Facts[]): Html {
  const { say, language } = visit;
  const happened = slices.filter((slice) =>
    ["refreshed", "failed", "tasks"].some((what) => (slice.count(what) ?? 0) > 0),
  );
  const time = new Intl.DateTimeFormat(language, { timeStyle: "short", timeZone: "UTC" });
  const heads = [
    "overview.table.time",
    "overview.table.refreshed",
    "overview.table.failed",
    "overview.table.late",
  ] as const;
  return html`<details><summary>${say("overview.table")}</summary>
${happened.length === 0 && html`<p>${say("overview.table.nothing")}</p>`}${
  happened.length > 0 &&
  html`<div class="table"><table><caption>${name}</caption>
<thead><tr>${heads.map((key) => html`<th scope="col">${say(key)}</th>`)}</tr></thead>
<tbody>${happened.map(
    (slice) =>
      html`<tr><th scope="row">${time.format(Date.parse(slice.text("time") ?? ""))} UTC</th><td>${slice.count("refreshed")}</td><td>${slice.count("failed")}</td><td>${slice.count("late_most")}</td></tr>\n`,
  )}</tbody></table></div>`
}</details>`;
}
