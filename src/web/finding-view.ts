import { message } from "../messages/walk/index.ts";
import type { Finding } from "../walk/index.ts";
import { away, el } from "./dom.ts";

const LOOKS = { good: "note good", bad: "note bad", warning: "note", note: "soft" } as const;

/** What a step found out; colour alone says nothing to those who do not see it. */
export function findingView({ kind, said, link }: Finding): HTMLElement {
  const meaning = {
    bad: message("finding.problem"),
    warning: message("finding.warning"),
    good: undefined,
    note: undefined,
  };
  const { [kind]: named } = meaning;
  return el(
    "p",
    { class: LOOKS[kind] },
    ...(named ? [el("span", { class: "hidden" }, named, " ")] : []),
    said.key === "plain" ? el("span", { lang: "en" }, said) : said,
    ...(link === undefined ? [] : [" ", /^https?:/.test(link) ? away(link) : link]),
  );
}
