import { type Html, html } from "../../../html.ts";
import { sayNamed } from "../../../messages/face/index.ts";
import type { Facts } from "../facts.ts";
import type { Visit } from "../visit.ts";

/** How a verdict is marked (`style.ts`). */
const LOOKS: Readonly<Record<string, string>> = { good: "good", bad: "bad", unclear: "wait" };

/** Each step of a connection: what is to be known and done, and behind a fold what was asked and what came. */
export function trialView({ say, language }: Visit, steps: readonly Facts[]): Html {
  const parts = steps.map((step) => {
    const verdict = step.text("verdict") ?? "";
    return html`<li><h3>${sayNamed(language, "trial.step", step.text("step") ?? "")}</h3>
<p><span class="state ${LOOKS[verdict] ?? ""}">${sayNamed(language, "trial.verdict", verdict)}</span></p>
<p>${visible(step.text("text") ?? "")}</p>
${step.list("exchanges").map((one) => exchangeView(say, one, verdict === "bad"))}</li>
`;
  });
  return html`<section class="after"><h2>${say("trial.steps")}</h2>
<p class="soft">${say("trial.how")}</p>
<ol class="steps">
${parts}</ol></section>`;
}

function exchangeView(say: Visit["say"], exchange: Facts, isOpen: boolean): Html {
  const answer = exchange.of("answer");
  const [method = "", url = ""] = [exchange.text("method"), visible(exchange.text("url") ?? "")];
  const outcome = String(answer.count("status") ?? say("trial.no-answer"));
  const sent = [`${method} ${url}`, ...headerLines(exchange), "", exchange.text("body") ?? ""];
  const came = [...headerLines(answer), "", answer.text("body") ?? ""];
  return html`<details${isOpen && html` open`}><summary>${say("trial.exchange", { method, url, outcome, count: exchange.count("milliseconds") ?? 0 })}</summary>
<h4>${say("trial.request")}</h4>
${block(say("trial.request"), sent)}
<h4>${say("trial.answer")}</h4>
${exchange.knows("answer") ? block(say("trial.answer"), [`${outcome}`, ...came]) : html`<p>${visible(exchange.text("trouble") ?? "")}</p>`}
${answer.isTrue("is_cut") && html`<p class="soft">${say("trial.cut")}</p>\n`}</details>
`;
}

function headerLines(message: Facts): readonly string[] {
  const headers = message.of("headers");
  return headers.names().map((name) => `${name}: ${headers.text(name)}`);
}

/** It scrolls, so a keyboard has to reach it. */
function block(label: string, lines: readonly string[]): Html {
  return html`<pre class="line" tabindex="0" role="group" aria-label="${label}" dir="ltr">${visible(lines.join("\n").trimEnd())}</pre>`;
}

/** Others wrote it: what would turn, hide or move text is shown by its number (Unicode's category C), but for lines and tabs. */
function visible(text: string): string {
  const lines = text.replaceAll("\r\n", "\n");
  return lines.replaceAll(/[^\P{C}\n\t]/gu, (one) => `⟨U+${codeOf(one)}⟩`);
}

function codeOf(one: string): string {
  return (one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
