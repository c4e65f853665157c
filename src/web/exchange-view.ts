import { message } from "../messages/walk/index.ts";
import { asCurl, asTypeScript, type Exchange, masked } from "../walk/index.ts";
import { button, copyButton, el, fill, table } from "./dom.ts";

/** One request and its answer, nothing hidden but secrets, which are shown on demand; `command` asks the same in a terminal. */
export function exchangeView(exchange: Exchange, command: string | undefined): HTMLElement {
  const { method, url, answer, milliseconds } = masked(exchange);
  const look = answer && answer.status < 400 ? "good" : "bad";
  const inside = el("div");
  const draw = (reveal: boolean) => fill(inside, ...details(exchange, command, reveal, () => draw(!reveal)));
  draw(false);
  const status = answer ? String(answer.status) : message("exchange.no_answer");
  return el(
    "details",
    { class: "exchange" },
    el(
      "summary",
      {},
      el("strong", {}, method),
      el("span", {}, url),
      el("span", { class: `status ${look}` }, status, ` · ${milliseconds} ms`),
    ),
    inside,
  );
}

function details(
  exchange: Exchange,
  command: string | undefined,
  reveal: boolean,
  turn: () => void,
): readonly HTMLElement[] {
  const { method, url, headers, body, bodyKind, answer, trouble } = masked(exchange, reveal);
  const hasSecrets = Object.keys(exchange.masks).length > 0;
  const reveals = button(message(reveal ? "exchange.hide" : "exchange.reveal"), "quiet small", turn);
  return [
    el("h3", {}, message("exchange.request")),
    el("pre", {}, `${method} ${url}`),
    table(message("exchange.headers"), Object.entries(headers)),
    ...(body === undefined ? [] : bodyView(body, bodyKind)),
    el(
      "div",
      { class: "buttons" },
      copyButton(message("exchange.curl"), () => asCurl(masked(exchange, reveal))),
      ...(command === undefined ? [] : [copyButton(message("exchange.command"), () => command)]),
      copyButton(message("exchange.typescript"), () => asTypeScript(masked(exchange, reveal))),
      ...(hasSecrets ? [reveals] : []),
    ),
    ...(command === undefined
      ? []
      : [el("p", { class: "soft" }, message("exchange.command.help"), " ", el("code", {}, command))]),
    el("h3", {}, message("exchange.answer")),
    ...(answer ? answerView(answer) : [el("p", { lang: "en" }, trouble ?? "")]),
  ];
}

/** MX-P4: a form is drawn as a form, not as a query. */
function bodyView(body: string, kind: Exchange["bodyKind"]): readonly HTMLElement[] {
  if (kind !== "form") return [el("h3", {}, message("exchange.body")), el("pre", {}, pretty(body))];
  return [el("h3", {}, message("exchange.form")), table(message("exchange.form.table"), new URLSearchParams(body))];
}

function answerView({ status, headers, body }: NonNullable<Exchange["answer"]>): readonly HTMLElement[] {
  const rows: (readonly [string, string])[] = [["status", String(status)], ...Object.entries(headers)];
  return [
    table(message("exchange.answer.table"), rows),
    el("h3", {}, message("exchange.body")),
    el("pre", {}, pretty(body)),
  ];
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
