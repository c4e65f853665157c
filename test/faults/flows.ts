import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { DEVICE } from "../support/misbehaving.ts";
import type { Load } from "./load.ts";
import type { Provider } from "./provider.ts";

/** What the provider asks for between polls. Seconds. */
const INTERVAL = 2;

/** Longer than any run, also when an hour or two are believed to have passed. Seconds. */
const FLOW_LIFE = 86_400;

/** Device flows that wait for their person while other things happen. */
export class Flows {
  readonly #provider: Provider;
  readonly #load: Load;
  readonly #names: readonly string[];

  constructor(provider: Provider, load: Load, flows: number) {
    this.#provider = provider;
    this.#load = load;
    this.#names = Array.from({ length: flows }, (_, index) => `flow-${index}`);
  }

  async begin(): Promise<void> {
    const { tokens } = this.#provider.as;
    tokens.interval = INTERVAL;
    tokens.deviceLife = FLOW_LIFE;
    for (const name of this.#names) {
      const started = await this.#load.anybody("PUT", `creds/${name}`, { server: "as", grant_type: DEVICE });
      assert.equal(started.status, 200);
    }
  }

  /** h6: no code was asked for before its interval was over. Answers the number of polls. */
  polls(): number {
    const polls = this.#provider.as.to("/token").filter(({ form }) => form.has("device_code"));
    for (const [code, times] of Map.groupBy(polls, ({ form }) => form.get("device_code"))) {
      for (const [index, { at }] of times.entries()) {
        const gap = at - (times[index - 1]?.at ?? Number.NEGATIVE_INFINITY);
        assert.ok(gap >= INTERVAL * 1000, `h6: ${code} was asked for again after ${gap} ms`);
      }
    }
    return polls.length;
  }

  /** The persons approve: each flow is still there for them. */
  async end(limit: number): Promise<void> {
    const end = performance.now() + limit;
    this.#provider.as.tokens.approved = true;
    for (const name of this.#names) {
      for (;;) {
        const { status, body } = await this.#load.anybody("GET", `creds/${name}`);
        if (status === 200) break;
        assert.equal(status, 503, `${name}: ${JSON.stringify(body)}`);
        assert.ok(performance.now() < end, `${name} is not issued`);
        await setTimeout(100);
      }
    }
  }
}
