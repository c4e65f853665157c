import { type Exchange, masked, type StepResult, type WalkState, type World } from "../walk/index.ts";
import { Card, type StepDefinition } from "./card.ts";
import { codeStep, deviceStep } from "./device-steps.ts";
import { checkStep, discoverStep } from "./discovery-steps.ts";
import { button, el } from "./dom.ts";
import { keepStep } from "./keep-step.ts";
import { linkStep } from "./link-step.ts";
import { registerStep } from "./register-step.ts";
import type { Run, Simulator, Stop } from "./run.ts";
import { tokenStep } from "./token-step.ts";
import { refreshStep, revokeStep, whoAmIStep } from "./token-use-steps.ts";

interface Line {
  readonly step: string;
  readonly result: StepResult;
}

/** In the order of the page; the code flow stands beside steps 4 to 6. */
const STEPS: readonly StepDefinition[] = [
  discoverStep,
  checkStep,
  registerStep,
  deviceStep,
  codeStep,
  tokenStep,
  linkStep,
  whoAmIStep,
  refreshStep,
  revokeStep,
  keepStep,
];

/** One walk through the login: what is known, the cards, and the way from one to the next. All of it is in memory only. */
export class Walk implements Run {
  readonly simulators: readonly Simulator[];
  readonly mount: string;
  state: WalkState = {};
  readonly #cards: readonly Card[];
  #lines: Line[] = [];
  #run = new AbortController();
  /** A second click asks nothing twice. */
  #underWay = new Set<Stop>();
  #allowHttp = false;

  constructor(main: HTMLElement, simulators: readonly Simulator[], mount: string) {
    this.simulators = simulators;
    this.mount = mount;
    this.#cards = STEPS.map((step) => new Card(step, this));
    main.replaceChildren(...this.#opening(), ...this.#cards.map(({ section }) => section));
    this.#sync();
    // The browser looked for the anchor before there was one.
    if (/^#step-\w$/.test(location.hash)) document.querySelector(location.hash)?.scrollIntoView();
  }

  get signal(): AbortSignal {
    return this.#run.signal;
  }

  get simulator(): Simulator | undefined {
    return this.simulators.find(({ url }) => url === this.state.found?.baseUrl);
  }

  get world(): World {
    return {
      fetch: (url, init) =>
        fetch(url, { ...init, credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" }),
      now: () => performance.timeOrigin + performance.now(),
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      allowHttp: this.#allowHttp,
      signal: this.#run.signal,
    };
  }

  /** http is for this machine only. */
  begin(homeserver: string): void {
    this.#run.abort();
    this.#run = new AbortController();
    this.#underWay = new Set();
    this.#lines = [];
    this.state = {};
    this.#allowHttp = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(homeserver.trim());
    this.#sync();
  }

  async take(
    stop: Stop,
    step: (state: WalkState, world: World) => Promise<StepResult>,
    onward = true,
  ): Promise<StepResult | undefined> {
    const { signal } = this;
    const underWay = this.#underWay;
    if (underWay.has(stop)) return undefined;
    underWay.add(stop);
    stop.busy(true);
    const result = await step(this.state, this.world);
    underWay.delete(stop);
    if (signal.aborted) return undefined;
    stop.busy(false);
    this.state = result.state;
    this.#lines.push({ step: stop.step.id, result });
    this.#sync();
    stop.show(result);
    if (result.ok && onward) this.next(stop);
    return result;
  }

  next(stop: Stop): void {
    const after = this.#cards.slice((this.#cards as readonly Stop[]).indexOf(stop) + 1);
    after.find(({ isReady }) => isReady)?.focus();
  }

  #sync(): void {
    for (const card of this.#cards) card.sync(this.state);
  }

  #opening(): readonly Node[] {
    const forget = () => {
      this.begin("");
      for (const card of this.#cards) card.rebuild();
      this.#cards[0]?.focus();
    };
    const none = this.simulators.length === 0 ? " Run coatcheck serve --dev for simulated homeservers." : "";
    return [
      el("h1", {}, "A Matrix login, step by step"),
      el(
        "p",
        { class: "soft" },
        `Your browser sends every request itself. Nothing passes through Coatcheck unless you keep the login there. Tokens stay in this page's memory, masked, and are gone when you close the page.${none}`,
      ),
      el(
        "div",
        { class: "buttons" },
        button("Forget everything", "quiet", forget),
        button("Download a transcript", "quiet", () => this.#download()),
      ),
    ];
  }

  /** Without secrets (MX-P14). */
  #download(): void {
    const lines = this.#lines.map(({ step, result: { ok, findings, exchanges } }) => {
      return { step, ok, findings, exchanges: exchanges.map((exchange: Exchange) => masked(exchange)) };
    });
    const url = URL.createObjectURL(new Blob([JSON.stringify(lines, null, 2)], { type: "application/json" }));
    el("a", { href: url, download: "matrix-login.json" }).click();
    URL.revokeObjectURL(url);
  }
}
