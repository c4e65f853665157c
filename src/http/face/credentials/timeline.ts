import { type Html, html } from "../../../html.ts";
import { sayNamed } from "../../../messages/face/index.ts";
import type { Facts } from "../facts.ts";
import { table } from "../table.ts";
import { relativeText, timeText } from "../times.ts";
import type { Visit } from "../visit.ts";

/** Every attempt of its life, the latest first: equal ones in a row are one. */
export function timeline(visit: Visit, attempts: readonly Facts[]): Html {
  const { say } = visit;
  const heads = ["timeline.when", "timeline.what", "timeline.outcome", "timeline.instance"] as const;
  return html`<h2>${say("timeline.title")}</h2>
${attempts.length === 0 && html`<p>${say("timeline.none")}</p>`}${
  attempts.length > 0 &&
  table(
    visit,
    say("timeline.caption"),
    heads,
    attempts.toReversed().map((one) => row(visit, one)),
  )
}`;
}

function row(visit: Visit, attempt: Facts): Html {
  const { say, language, now } = visit;
  const [time = "", last = time] = [attempt.text("time"), attempt.text("last_time")];
  const count = attempt.count("count") ?? 1;
  const reason = attempt.text("reason");
  return html`<tr><td>${timeText(visit, time)}${count > 1 && html`<span class="help">${say("timeline.times", { count, when: relativeText(language, Date.parse(last) - now) })}</span>`}</td>
<td>${sayNamed(language, "kind", attempt.text("kind") ?? "")}</td>
<td>${sayNamed(language, "outcome", attempt.text("outcome") ?? "")}${reason !== undefined && html`<span class="help">${say("reason", { reason })}</span>`}</td>
<td class="small soft" data-label="${say("timeline.instance")}">${attempt.text("instance")}</td></tr>
`;
}
