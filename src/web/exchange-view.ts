import { asCurl, asTypeScript, type Exchange, masked } from "../walk/index.ts";
import { button, copyButton, el, table } from "./dom.ts";

/** One request and its answer, nothing hidden but secrets, which are shown on demand. */
export function exchangeView(exchange: Exchange): HTMLElement {
  const { method, url, answer, milliseconds } = masked(exchange);
  const status = answer ? String(answer.status) : "no answer";
  const look = answer && answer.status < 400 ? "good" : "bad";
  const inside = el("div");
  const draw = (reveal: boolean) => inside.replaceChildren(...details(exchange, reveal, () => draw(!reveal)));
  draw(false);
  return el(
    "details",
    { class: "exchange" },
    el(
      "summary",
      {},
      el("strong", {}, method),
      el("span", {}, url),
      el("span", { class: `status ${look}` }, `${status} · ${milliseconds} ms`),
    ),
    inside,
  );
}

function details(exchange: Exchange, reveal: boolean, turn: () => void): readonly Node[] {
  const { method, url, headers, body, bodyKind, answer, trouble } = masked(exchange, reveal);
  const hasSecrets = Object.keys(exchange.masks).length > 0;
  const reveals = button(reveal ? "Hide the secrets" : "Show the secrets", "quiet small", turn);
  return [
    el("h3", {}, "Request"),
    el("pre", {}, `${method} ${url}`),
    table("Headers of the request", Object.entries(headers)),
    ...(body === undefined ? [] : bodyView(body, bodyKind)),
    el(
      "div",
      { class: "buttons" },
      copyButton("Copy as curl", () => asCurl(masked(exchange, reveal))),
      copyButton("Copy as TypeScript", () => asTypeScript(masked(exchange, reveal))),
      ...(hasSecrets ? [reveals] : []),
    ),
    el("h3", {}, "Answer"),
    ...(answer ? answerView(answer) : [el("p", {}, trouble ?? "")]),
  ];
}

/** MX-P4: a form is drawn as a form, not as a query. */
function bodyView(body: string, kind: Exchange["bodyKind"]): readonly Node[] {
  if (kind === "form") return [el("h3", {}, "Form"), table("Form of the request", new URLSearchParams(body))];
  return [el("h3", {}, "Body"), el("pre", {}, pretty(body))];
}

function answerView({ status, headers, body }: NonNullable<Exchange["answer"]>): readonly Node[] {
  const rows: (readonly [string, string])[] = [["status", String(status)], ...Object.entries(headers)];
  return [table("Status and headers of the answer", rows), el("h3", {}, "Body"), el("pre", {}, pretty(body))];
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
