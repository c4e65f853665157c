import { type Html, html } from "../../html.ts";
import type { FaceLanguage } from "../../messages/face/index.ts";
import type { VaultApp } from "../app-types.ts";
import type { Refusal } from "./api.ts";
import { sentence } from "./texts.ts";
import { goTo, requireSignedIn, type Visit } from "./visit.ts";

/** How a list is narrowed: by what may stand in the address of its screen, and by what may not (hidden.ts). */
export interface Filter {
  readonly screen: string;
  readonly plain: readonly string[];
  readonly hidden: readonly string[];
}

/** The form of a filter is sent, and leads to the address that has it. */
export function filterAt(app: VaultApp, filter: Filter): void {
  app.post(filter.screen, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      const { form } = visit;
      const plain = filter.plain.map((name) => [name, form[name] ?? ""] as const);
      const hidden = filter.hidden.map((name) => [name, form[name] ? visit.hide(form[name]) : ""] as const);
      return goTo(reply, addressOf(filter.screen, Object.fromEntries([...plain, ...hidden])));
    },
  });
}

/** What the address says, as it was entered; `isLost` where something of it is of another sign-in. */
export function filterOf({ query, findHidden }: Visit, { plain, hidden }: Filter) {
  const found = hidden.map((name) => [name, query[name] ? findHidden(query[name]) : ""] as const);
  const values = [...plain.map((name) => [name, query[name] ?? ""] as const), ...found];
  return {
    values: Object.fromEntries(values.map(([name, value]) => [name, value ?? ""])),
    isLost: found.some(([, value]) => value === undefined),
  };
}

/** A screen's address with these parameters, without those that are empty. */
export function addressOf(screen: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  return given.length === 0 ? screen : `${screen}?${new URLSearchParams(Object.fromEntries(given)).toString()}`;
}

/** What is wrong with it, in the API's words; the form keeps what was entered. */
export function problemPart({ message }: Refusal): Html {
  return html`<p class="problem after" role="alert">${sentence(message)}</p>\n`;
}

/** More of them are counted as so many. */
const MOST_COUNTED = 10_000;

interface State {
  readonly value: string;
  readonly label: string;
  readonly count: number | undefined;
}

/** How many there are in each state, and the way to them. */
export function countsPart({ say, language, query }: Visit, filter: Filter, states: readonly State[]): Html {
  if (states.some(({ count }) => count === undefined)) return html``;
  const { status: _, after: __, ...rest } = query;
  const ways = states.map(({ value, label, count = 0 }) => {
    const isHere = query.status === value;
    return html`<li><a href="${addressOf(filter.screen, { ...rest, status: value })}"${isHere && html` aria-current="true"`}>${label} <span class="soft">${countText(language, count)}</span></a></li>\n`;
  });
  return html`<nav class="counts" aria-label="${say("filter.counts")}"><ul>${ways}</ul></nav>\n`;
}

function countText(language: FaceLanguage, count: number): string {
  return `${new Intl.NumberFormat(language).format(count)}${count < MOST_COUNTED ? "" : "+"}`;
}
