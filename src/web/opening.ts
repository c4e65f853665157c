import { message, WALK_LANGUAGES, type WalkMessage } from "../messages/walk/index.ts";
import { button, el, field, fill } from "./dom.ts";
import { changeLanguage, languageName, say } from "./language.ts";
import type { Simulator } from "./run.ts";

/** The walk as its opening sees it. */
interface Opened {
  readonly simulators: readonly Simulator[];
  forget(): void;
  /** A run as the text of a file. */
  save(withSecrets: boolean): string;
  /** Goes on with a run; what there is to say of it. */
  resume(text: string): readonly WalkMessage[];
}

/** What stands above the steps: what this is, its language, and what can be done with the whole run. */
export function opening(walk: Opened): readonly HTMLElement[] {
  const none = walk.simulators.length === 0 ? [" ", message("page.simulators")] : [];
  return [
    languageChoice(),
    el("h1", {}, message("page.heading")),
    el("p", { class: "soft" }, message("page.intro"), ...none),
    el(
      "div",
      { class: "buttons" },
      button(message("page.forget"), "quiet", () => walk.forget()),
    ),
    savedRun(walk),
  ];
}

function languageChoice(): HTMLElement {
  const choice = el(
    "select",
    {},
    ...WALK_LANGUAGES.map((language) => el("option", { value: language, lang: language }, languageName(language))),
  );
  choice.value = document.documentElement.lang;
  choice.addEventListener("change", () => {
    const chosen = WALK_LANGUAGES.find((one) => one === choice.value);
    if (!chosen) return;
    changeLanguage(chosen);
    document.title = `${say(message("page.title"))} – Coatcheck`;
  });
  const labelled = field(message("page.language"), choice);
  labelled.className = "language";
  return labelled;
}

/** Bytes. A run of many polls has some hundred KB. */
const LONGEST_FILE = 20_000_000;

/** A run goes on after a reload only out of a file, because the page keeps nothing in the browser (MX-P10). */
function savedRun(walk: Opened): HTMLElement {
  const withSecrets = el("input", { type: "checkbox" });
  const file = el("input", { type: "file", accept: "application/json,.json" });
  const said = el("div", { class: "result", "aria-live": "polite" });
  const tell = (...all: readonly WalkMessage[]) => fill(said, ...all.map((one) => el("p", { class: "note" }, one)));
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (!chosen) return;
    const text = chosen.size > LONGEST_FILE ? Promise.resolve("") : chosen.text();
    void text.then((run) => {
      file.value = "";
      tell(...walk.resume(run));
    });
  });
  return el(
    "details",
    { class: "saved" },
    el("summary", {}, message("save.title")),
    field(message("save.secrets"), withSecrets, message("save.secrets.help")),
    el(
      "div",
      { class: "buttons" },
      button(message("save.button"), "quiet", () => download(walk.save(withSecrets.checked))),
    ),
    field(message("save.file"), file, message("save.file.help")),
    said,
  );
}

function download(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  el("a", { href: url, download: "matrix-login.json" }).click();
  URL.revokeObjectURL(url);
}
