import { message } from "../messages/walk/index.ts";
import { poll } from "../walk/index.ts";
import type { Card, StepDefinition } from "./card.ts";
import { button, el, fill } from "./dom.ts";
import { pause, tick } from "./waiting.ts";

/** Step 6: once, or as a program does it (MX-P5). */
export const tokenStep: StepDefinition = {
  id: "token",
  ofLogin: true,
  needs: ({ device }) => device?.authorization,
  isDone: ({ tokens }) => tokens !== undefined,
  build: (card) => new Polling(card).nodes,
};

class Polling {
  readonly nodes: readonly Node[];
  readonly #card: Card;
  readonly #countdown = el("p", { class: "clock" });
  readonly #timeline = el("ol", { class: "timeline", "aria-label": message("token.timeline") });
  readonly #start: HTMLButtonElement;
  #automatic: AbortController | undefined;

  constructor(card: Card) {
    this.#card = card;
    this.#start = button(message("token.automatic"), "", () => void this.#turn());
    const once = button(message("token.once"), "quiet", () => void this.#poll());
    this.nodes = [el("div", { class: "buttons" }, this.#start, once), this.#countdown, this.#timeline];
    tick(this.#countdown, card.walk.signal, () => this.#draw());
  }

  /** Starts, or cancels. */
  async #turn(): Promise<void> {
    if (this.#automatic) return this.#automatic.abort();
    const automatic = new AbortController();
    this.#automatic = automatic;
    fill(this.#start, message("token.stop"));
    const { walk } = this.#card;
    const signal = AbortSignal.any([automatic.signal, walk.signal]);
    for (;;) {
      const { nextPollAt } = walk.state.device ?? {};
      if (nextPollAt === undefined) break;
      await pause(nextPollAt - walk.world.now(), signal);
      if (signal.aborted) break;
      await this.#poll();
    }
    this.#automatic = undefined;
    fill(this.#start, message("token.automatic"));
  }

  async #poll(): Promise<void> {
    const { walk } = this.#card;
    await walk.take(this.#card, (state, world) => poll(state, {}, world), false);
    this.#draw();
    if (walk.state.tokens) walk.next(this.#card);
  }

  #draw(): void {
    const { device } = this.#card.walk.state;
    if (!device) return;
    const { nextPollAt, interval, polls } = device;
    const left = (nextPollAt ?? 0) - this.#card.walk.world.now();
    const seconds = Math.floor(left / 1_000);
    const next = left <= 0 ? message("token.due", { interval }) : message("token.next", { seconds, interval });
    fill(this.#countdown, nextPollAt === undefined ? message("token.ended") : next);
    const first = polls[0]?.at ?? 0;
    const lines = polls.slice(this.#timeline.childElementCount);
    this.#timeline.append(
      ...lines.map(({ at, said, interval: then }) =>
        el("li", {}, message("token.poll", { seconds: Math.floor((at - first) / 1_000), said, interval: then })),
      ),
    );
  }
}
