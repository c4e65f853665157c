import { STEPS, type StepName } from "../api/walk.ts";
import type { Finding, StepResult, WalkState } from "../walk/index.ts";
import { button, el } from "./dom.ts";
import { exchangeView } from "./exchange-view.ts";
import type { Run } from "./run.ts";

/** One step as data; `build` makes its inputs. */
export interface StepDefinition {
  readonly id: StepName;
  /** What it works on; undefined = it cannot be taken yet, another value = what it showed is of the past. */
  needs(state: WalkState): unknown;
  /** Where a success is not the end of the step. */
  isDone?(state: WalkState): boolean;
  build(card: Card): readonly Node[];
}

/** One step on the page: what it is for, its inputs, what it found, and the exact requests. */
export class Card {
  readonly step: StepDefinition;
  readonly walk: Run;
  readonly section: HTMLElement;
  readonly #heading: HTMLElement;
  readonly #inputs = el("fieldset");
  readonly #findings = el("div", { class: "result", "aria-live": "polite" });
  readonly #exchanges = el("div");
  #needs: unknown;

  constructor(step: StepDefinition, walk: Run) {
    this.step = step;
    this.walk = walk;
    const { title, text, link } = STEPS[step.id];
    const [number = "", ...words] = title.split(" ");
    const id = `step-${number.toLowerCase()}`;
    this.#heading = el(
      "h2",
      { tabindex: "-1", id: `${id}-title` },
      el("span", { class: "number" }, number),
      words.join(" "),
    );
    const reading = el("a", { href: link, target: "_blank", rel: "noreferrer" }, "Read the specification");
    this.#inputs.setAttribute("aria-labelledby", `${id}-title`);
    this.section = el(
      "section",
      { id, class: "step", "aria-labelledby": `${id}-title` },
      this.#heading,
      el("p", {}, `${text} `, reading),
      this.#inputs,
      this.#findings,
      this.#exchanges,
    );
  }

  get isReady(): boolean {
    return this.#needs !== undefined;
  }

  /** Looks whether what it works on is still the same. */
  sync(state: WalkState): void {
    const needs = this.step.needs(state);
    if (needs !== this.#needs || this.#inputs.childElementCount === 0) {
      this.#needs = needs;
      this.rebuild();
    }
  }

  /** As if nothing had been done here. */
  rebuild(): void {
    this.#findings.replaceChildren();
    this.#exchanges.replaceChildren();
    this.#inputs.replaceChildren(
      ...(this.isReady
        ? this.step.build(this)
        : [el("span", { class: "soft" }, "Not yet: finish the previous steps first.")]),
    );
    this.#inputs.disabled = !this.isReady;
    this.busy(false);
    this.#look(this.isReady ? "open" : "waiting");
  }

  busy(busy: boolean): void {
    this.section.setAttribute("aria-busy", String(busy));
  }

  show({ ok, findings, exchanges }: StepResult): void {
    const blocked = exchanges.some(({ answer }) => answer === undefined);
    this.#findings.replaceChildren(...findings.map(findingView), ...(blocked ? [this.#blocked()] : []));
    this.#exchanges.replaceChildren(...exchanges.map(exchangeView));
    const { isDone = () => true } = this.step;
    this.#look(ok && isDone(this.walk.state) ? "done" : "open");
  }

  focus(): void {
    this.#heading.focus();
    this.#heading.scrollIntoView({ block: "start" });
  }

  #look(look: "waiting" | "open" | "done"): void {
    this.section.className = `step ${look}`;
  }

  /** A browser does not say which of the two it was. */
  #blocked(): Node {
    const homeserver = this.walk.state.found?.input ?? "HOMESERVER";
    return el(
      "p",
      { class: "note" },
      "The browser got no answer: either the server cannot be reached, or it does not allow requests from web pages (no CORS headers). In a terminal this always works: ",
      el("code", {}, `coatcheck walk ${homeserver}`),
    );
  }
}

function findingView({ kind, text }: Finding): Node {
  const look = { good: "note good", bad: "note bad", warning: "note", note: "soft" }[kind];
  const meaning = { good: "", bad: "Problem: ", warning: "Warning: ", note: "" }[kind];
  return el("p", { class: look }, ...(meaning === "" ? [] : [el("span", { class: "hidden" }, meaning)]), text);
}

/** The button that takes a step. */
export function act(label: string, onClick: () => void): HTMLElement {
  return el("div", { class: "buttons" }, button(label, "", onClick));
}
