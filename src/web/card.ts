import { STEPS, type StepName } from "../api/walk.ts";
import { message, type WalkKey } from "../messages/walk/index.ts";
import type { StepResult, WalkState } from "../walk/index.ts";
import { away, button, el, fill } from "./dom.ts";
import { exchangeView } from "./exchange-view.ts";
import { findingView } from "./finding-view.ts";
import type { Run } from "./run.ts";

/** One step as data; `build` makes its inputs. */
export interface StepDefinition {
  readonly id: StepName;
  /** What it works on; undefined = it cannot be taken yet, another value = what it showed is of the past. */
  needs(state: WalkState): unknown;
  /** Its results are of one login, and of the past when that is revoked. */
  readonly ofLogin?: true;
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
  /** Why it cannot be taken any more, though its results stay. */
  readonly #over = el("p", { class: "note", hidden: "" });
  readonly #findings = el("div", { class: "result", "aria-live": "polite" });
  readonly #exchanges = el("div");
  #needs: unknown;
  #isBuilt = false;

  constructor(step: StepDefinition, walk: Run) {
    this.step = step;
    this.walk = walk;
    const { number, link } = STEPS[step.id];
    const id = `step-${number.toLowerCase()}`;
    const title = message(`${step.id}.title`);
    this.#heading = el("h2", { tabindex: "-1", id: `${id}-title` }, el("span", { class: "number" }, number), title);
    this.#inputs.setAttribute("aria-labelledby", `${id}-title`);
    this.section = el(
      "section",
      { id, class: "step", "aria-labelledby": `${id}-title` },
      this.#heading,
      el("p", {}, message(`${step.id}.text`), " ", away(link, message("step.read"))),
      this.#over,
      this.#inputs,
      this.#findings,
      this.#exchanges,
    );
  }

  get isReady(): boolean {
    return this.#needs !== undefined;
  }

  /** Looks whether what it works on is still the same. A login that was revoked leaves what was found out of it. */
  sync(state: WalkState): void {
    const needs = this.step.needs(state);
    const isSame = needs === this.#needs && this.#isBuilt;
    this.#needs = needs;
    const isLeft = isSame ? this.isReady : this.#findings.childElementCount > 0;
    if (state.revoked && this.step.ofLogin && isLeft) this.#end("step.revoked");
    else if (!isSame) this.rebuild();
  }

  /** As if nothing had been done here. */
  rebuild(): void {
    this.#isBuilt = true;
    this.#over.hidden = true;
    this.#findings.replaceChildren();
    this.#exchanges.replaceChildren();
    this.#inputs.replaceChildren(
      ...(this.isReady ? this.step.build(this) : [el("p", { class: "soft" }, message("step.waiting"))]),
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
    const view = (exchange: (typeof exchanges)[number]) =>
      exchangeView(exchange, this.walk.commandOf(this.step.id, exchange));
    this.#exchanges.replaceChildren(...exchanges.map(view));
    const { isDone = () => true } = this.step;
    this.#look(ok && isDone(this.walk.state) ? "done" : "open");
    if (this.walk.state.revoked && this.step.ofLogin) this.#end("step.revoked");
  }

  /** What a saved run says of this step. */
  recall(result: StepResult): void {
    this.show(result);
    if (!this.isReady && !this.walk.state.revoked) this.#end("step.saved");
  }

  focus(): void {
    this.#heading.focus();
    this.#heading.scrollIntoView({ block: "start" });
  }

  #end(why: WalkKey): void {
    this.#over.hidden = false;
    fill(this.#over, { key: why });
    this.#inputs.disabled = true;
    if (!this.isReady) this.#inputs.replaceChildren();
    this.busy(false);
    this.#look("past");
  }

  #look(look: "waiting" | "open" | "done" | "past"): void {
    this.section.className = `step ${look}`;
  }

  /** A browser does not say which of the two it was. */
  #blocked(): Node {
    const command = this.walk.commandOf("discover");
    return el("p", { class: "note" }, message("step.blocked"), " ", el("code", {}, command ?? "coatcheck walk"));
  }
}

/** The button that takes a step. */
export function act(label: WalkKey, onClick: () => void): HTMLElement {
  return el("div", { class: "buttons" }, button({ key: label }, "", onClick));
}
