import MiniSearch from "minisearch";
import type { DocsSection } from "../docs/content.ts";

/** The search of the documentation: the sections come with the first key, and stay in the page. */
interface Found extends DocsSection {
  readonly terms: readonly string[];
}

const MOST = 12;
/** How much of a section is shown around what was found. Characters. */
const AROUND = 70;

const input = document.querySelector<HTMLInputElement>("#find");
const list = document.createElement("ol");
const told = document.createElement("p");
told.className = "told";
told.setAttribute("role", "status");

interface Index {
  readonly search: MiniSearch;
  /** In the order of their ids. */
  readonly sections: readonly DocsSection[];
}

let index: Promise<Index> | undefined;

async function load(): Promise<Index> {
  const answer = await fetch("/docs/search.json");
  const sections = (await answer.json()) as DocsSection[];
  const search = new MiniSearch({ fields: ["title", "page", "text"] });
  search.addAll(sections.map((section, id) => ({ id, ...section })));
  return { search, sections };
}

async function show(query: string): Promise<void> {
  index ??= load();
  const { search, sections } = await index;
  if (input?.value.trim() !== query) return;
  const options = { prefix: true, fuzzy: 0.15, combineWith: "AND", boost: { title: 4, page: 2 } } as const;
  const hits = query === "" ? [] : search.search(query, options);
  const found = hits.flatMap(({ id, terms }) => {
    const section = sections[Number(id)];
    return section ? { ...section, terms } : [];
  });
  told.textContent = query === "" || found.length > 0 ? "" : `Nothing has “${query}”.`;
  list.replaceChildren(...found.slice(0, MOST).map(view));
  if (found.length > 0) input.after(list);
  else list.remove();
}

function view({ url, title, page, text, terms }: Found): HTMLLIElement {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.setAttribute("href", url);
  const name = document.createElement("strong");
  name.textContent = title;
  const about = document.createElement("span");
  about.textContent = `${title === page ? "" : `${page}: `}${extract(text, terms)}`;
  link.append(name, about);
  item.append(link);
  return item;
}

function extract(text: string, terms: readonly string[]): string {
  const low = text.toLowerCase();
  const places = terms.map((term) => low.indexOf(term.toLowerCase())).filter((place) => place >= 0);
  const from = Math.max(0, Math.min(...places, text.length) - AROUND);
  const part = text.slice(places.length === 0 ? 0 : from, (places.length === 0 ? 0 : from) + 2 * AROUND);
  return `${from > 0 && places.length > 0 ? "…" : ""}${part}${part.length < text.length ? "…" : ""}`;
}

if (input) {
  input.closest(".find")?.append(told);
  input.addEventListener("input", () => void show(input.value.trim()));
  input.addEventListener("keydown", ({ key }) => {
    const first = list.querySelector("a");
    if (key === "Enter" && list.isConnected) first?.click();
    if (key === "ArrowDown" && list.isConnected) first?.focus();
    if (key === "Escape") list.remove();
  });
  list.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") input.focus();
    if (step === undefined) return;
    event.preventDefault();
    (links[at + step] ?? input).focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || document.activeElement === input || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    input.focus();
  });
}
