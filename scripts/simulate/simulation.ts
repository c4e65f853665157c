import { createRefreshPlaces, type RefreshPlaces } from "../../src/broker/process/refresh-places.ts";
import type { Issued } from "../../src/credential/index.ts";
import { plan } from "../../src/credential/schedule.ts";
import { PER_SERVER } from "../../src/scheduler/lanes.ts";
import { DEFAULT_SETTINGS } from "../../src/settings.ts";
import { Soonest } from "./soonest.ts";

/** Times in milliseconds. */
export interface Scene {
  readonly credentials: number;
  /** Instances on one store. */
  readonly processes: number;
  /** All of them are at one provider, and each process has at most so many connections to it as it has to one server. */
  readonly isOneProvider: boolean;
  /** What a refresh takes, its commits included: half of it to one and a half. */
  readonly takes: number;
  /** Of a token. */
  readonly life: number;
  /** The first tokens were issued within so long a time before the start; one `life` is as after long use. */
  readonly issuedWithin: number;
  /** Nothing can be refreshed from the first to the second moment. */
  readonly outage?: readonly [number, number];
  /** What is told is of the time from the first to the second moment. */
  readonly told: readonly [number, number];
}

export interface Outcome {
  readonly perSecond: number;
  /** Part of all places that were taken, on average. */
  readonly busy: number;
  /** How much later than it was due a refresh began. Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Refreshes that ended when the old token had. */
  readonly tooLate: number;
  readonly refreshes: number;
  /** When the last one began that was more than a second late; absent where none was. */
  readonly lastLate?: number;
}

/** Later than that is told by when it was last so. */
const LATE_MS = 1_000;

/** Lateness is counted to the tenth of a second, up to two hours. */
const STEP_MS = 100;
const STEPS = 72_000;

/**
 * Refreshing as the broker does it, by its own due times and places (credential/schedule, broker/process/refresh-places,
 * scheduler/lanes), in simulated time. A process claims what is due as soon as it has a place; nothing ever fails.
 */
export function simulate(scene: Scene, random: () => number): Outcome {
  return new Simulation(scene, random).run();
}

class Simulation {
  readonly #scene: Scene;
  readonly #random: () => number;
  readonly #due: Soonest;
  readonly #timers: Timers = new Timers();
  readonly #places: readonly RefreshPlaces[];
  readonly #mostAtOnce: number;
  /** When each token was issued, and how early of its own it is refreshed. */
  readonly #issuedAt: Float64Array;
  readonly #jitter: Float32Array;
  readonly #late = new Uint32Array(STEPS);
  readonly #dueAt: Float64Array;
  #refreshes = 0;
  #tooLate = 0;
  #worked = 0;
  #lastLate: number | undefined;

  constructor(scene: Scene, random: () => number) {
    const { credentials, processes, isOneProvider } = scene;
    this.#scene = scene;
    this.#random = random;
    this.#due = new Soonest(credentials);
    this.#issuedAt = new Float64Array(credentials);
    this.#dueAt = new Float64Array(credentials);
    this.#jitter = new Float32Array(credentials).map(() => random());
    this.#mostAtOnce = isOneProvider ? PER_SERVER : Number.POSITIVE_INFINITY;
    this.#places = Array.from({ length: processes }, () => createRefreshPlaces(this.#timers.clock, () => {}));
  }

  run(): Outcome {
    const { credentials, told, issuedWithin, outage } = this.#scene;
    for (let one = 0; one < credentials; one++) this.#issued(one, -this.#random() * issuedWithin);
    if (outage) this.#timers.clock.at(outage[1], () => this.#claim());
    while (this.#timers.now < told[1]) {
      const next = this.#isOut() ? Number.POSITIVE_INFINITY : this.#due.least;
      if (next < this.#timers.next && this.#hasRoom()) this.#timers.now = Math.max(next, this.#timers.now);
      else if (!this.#timers.step()) break;
      this.#claim();
    }
    return this.#outcome();
  }

  #isOut(): boolean {
    const [from = 0, to = 0] = this.#scene.outage ?? [];
    return this.#timers.now >= from && this.#timers.now < to;
  }

  #roomOf(places: RefreshPlaces): number {
    return Math.min(places.free(), this.#mostAtOnce - places.taken());
  }

  #hasRoom(): boolean {
    return this.#places.some((places) => this.#roomOf(places) > 0);
  }

  #claim(): void {
    if (this.#isOut()) return;
    for (const places of this.#places) {
      while (this.#due.least <= this.#timers.now && this.#roomOf(places) > 0) this.#begin(places, this.#due.take());
    }
  }

  #begin(places: RefreshPlaces, one: number): void {
    const { now, clock } = this.#timers;
    const giveBack = places.take();
    const takes = this.#scene.takes * (0.5 + this.#random());
    const late = now - (this.#dueAt[one] ?? 0);
    if (this.#isTold(now)) {
      const step = Math.min(STEPS - 1, Math.floor(late / STEP_MS));
      this.#late[step] = (this.#late[step] ?? 0) + 1;
      this.#refreshes += 1;
      this.#worked += takes;
      if (late > LATE_MS) this.#lastLate = now;
    }
    clock.at(now + takes, () => {
      giveBack();
      if (this.#isTold(now) && this.#timers.now > (this.#issuedAt[one] ?? 0) + this.#scene.life) this.#tooLate += 1;
      this.#issued(one, this.#timers.now);
    });
  }

  #isTold(at: number): boolean {
    return at >= this.#scene.told[0] && at < this.#scene.told[1];
  }

  #issued(one: number, at: number): void {
    const state: Issued = { ...ISSUED, issuedAt: at, expiresAt: at + this.#scene.life, jitter: this.#jitter[one] ?? 0 };
    const { dueAt } = plan(state, DEFAULT_SETTINGS);
    if (dueAt === null) throw new Error("what is issued is refreshed");
    this.#issuedAt[one] = at;
    this.#dueAt[one] = Math.max(0, dueAt);
    this.#due.add(one, Math.max(0, dueAt));
  }

  #outcome(): Outcome {
    const { told, processes, isOneProvider } = this.#scene;
    const lasts = told[1] - told[0];
    const most = Math.min(this.#mostAtOnce, isOneProvider ? PER_SERVER : PLACES) * processes;
    return {
      perSecond: (this.#refreshes * 1_000) / lasts,
      busy: this.#worked / (lasts * most),
      p50: this.#lateAt(0.5),
      p99: this.#lateAt(0.99),
      tooLate: this.#tooLate,
      refreshes: this.#refreshes,
      ...(this.#lastLate !== undefined && { lastLate: this.#lastLate }),
    };
  }

  #lateAt(part: number): number {
    let left = part * this.#refreshes;
    const step = this.#late.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return step * STEP_MS;
  }
}

/** Of refreshes in one process, as `createRefreshPlaces` has them. */
const PLACES = createRefreshPlaces(
  { now: () => 0, wall: () => 0, monotonic: () => 0, after: () => () => {} },
  () => {},
).free();

const ISSUED: Issued = {
  ...{ status: "issued", accessToken: "at", tokenType: "Bearer", refreshToken: "rt", issuedAt: 0, jitter: 0 },
  ...{ grant: { server: "as", scopes: [], providerOptions: {} }, scopes: [], extraData: {}, notices: [] },
};

/** Timers of a time that stands until the next one. */
class Timers {
  now = 0;
  readonly #work: (() => void)[] = [];
  readonly #free: number[] = [];
  readonly #soonest = new Soonest(MOST_TIMERS);
  readonly clock = {
    now: () => this.now,
    wall: () => this.now,
    monotonic: () => this.now,
    after: (milliseconds: number, work: () => void) => this.clock.at(this.now + milliseconds, work),
    at: (moment: number, work: () => void) => {
      const number = this.#free.pop() ?? this.#work.length;
      this.#work[number] = work;
      this.#soonest.add(number, moment);
      return () => {
        if (this.#work[number] === work) this.#work[number] = () => {};
      };
    },
  };

  get next(): number {
    return this.#soonest.least;
  }

  /** Goes on to the next one; false where there is none. */
  step(): boolean {
    if (this.#soonest.size === 0) return false;
    this.now = this.next;
    const number = this.#soonest.take();
    const work = this.#work[number];
    this.#free.push(number);
    work?.();
    return true;
  }
}

/** At once: those that were cancelled stay until their time. */
const MOST_TIMERS = 1_000_000;
