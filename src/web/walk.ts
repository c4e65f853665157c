import type { StepName } from "../api/walk.ts";
import { message, type WalkMessage } from "../messages/walk/index.ts";
import type { WalkState, World } from "../walk/index.ts";
import {
  asCoatcheck,
  type Exchange,
  type Lane,
  readRun,
  type StepResult,
  saveRun,
  type TakenStep,
} from "../walk/index.ts";
import { Card, type StepDefinition } from "./card.ts";
import { codeStep, deviceStep } from "./device-steps.ts";
import { checkStep, discoverStep } from "./discovery-steps.ts";
import { keepStep } from "./keep-step.ts";
import { say } from "./language.ts";
import { linkStep } from "./link-step.ts";
import { opening } from "./opening.ts";
import { registerStep } from "./register-step.ts";
import type { Run, Simulator, Stop } from "./run.ts";
import { tokenStep } from "./token-step.ts";
import { refreshStep, revokeStep, whoAmIStep } from "./token-use-steps.ts";

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
  homeserver = "";
  #lane: Lane = "present";
  readonly #cards: readonly Card[];
  #steps: TakenStep[] = [];
  #run = new AbortController();
  /** A second click asks nothing twice. */
  #underWay = new Set<Stop>();
  #allowHttp = false;

  constructor(main: HTMLElement, simulators: readonly Simulator[], mount: string) {
    this.simulators = simulators;
    this.mount = mount;
    this.#cards = STEPS.map((step) => new Card(step, this));
    main.replaceChildren(...opening(this), ...this.#cards.map(({ section }) => section));
    this.#sync();
    // The browser looked for the anchor before there was one.
    if (/^#step-\w$/.test(location.hash)) document.querySelector(location.hash)?.scrollIntoView();
    window.addEventListener("beforeunload", (event) => this.state.tokens && event.preventDefault());
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

  begin(homeserver: string, lane: Lane = "present"): void {
    this.#run.abort();
    this.#run = new AbortController();
    this.#underWay = new Set();
    this.#steps = [];
    this.state = {};
    this.homeserver = homeserver;
    this.#lane = lane;
    this.#allowHttp = allowsHttp(homeserver);
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
    const { ok, findings, exchanges } = result;
    this.#steps.push({ step: stop.step.id, ok, findings, exchanges });
    this.#sync();
    stop.show(result);
    if (result.ok && onward) this.next(stop);
    return result;
  }

  next(stop: Stop): void {
    const after = this.#cards.slice((this.#cards as readonly Stop[]).indexOf(stop) + 1);
    after.find(({ isReady }) => isReady)?.focus();
  }

  commandOf(step: StepName, exchange?: Exchange): string | undefined {
    return asCoatcheck({ step, homeserver: this.homeserver, lane: this.#lane, state: this.state, exchange });
  }

  forget(): void {
    this.begin("");
    for (const card of this.#cards) card.rebuild();
    this.#cards[0]?.focus();
  }

  save(withSecrets: boolean): string {
    const run = { homeserver: this.homeserver, lane: this.#lane, state: this.state, steps: this.#steps };
    return saveRun(run, { withSecrets, say, now: this.world.now() });
  }

  resume(text: string): readonly WalkMessage[] {
    const run = readRun(text, allowsHttp);
    if (!("steps" in run)) return [run];
    this.begin(run.homeserver, run.lane);
    for (const card of this.#cards) card.rebuild();
    this.state = run.state;
    this.#steps = [...run.steps];
    this.#sync();
    for (const card of this.#cards) {
      const last = run.steps.findLast(({ step }) => step === card.step.id);
      if (last) card.recall({ ...last, state: this.state });
    }
    const { device, link, tokens } = run.state;
    const done = message("resume.done", { homeserver: run.homeserver });
    if (!device && !link && !tokens) return [done, message("resume.without")];
    return [done, message("resume.open"), ...(tokens ? [message("resume.rotated")] : [])];
  }

  #sync(): void {
    for (const card of this.#cards) card.sync(this.state);
  }
}

/** http is for this machine only. */
function allowsHttp(homeserver: string): boolean {
  return /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(homeserver.trim());
}
