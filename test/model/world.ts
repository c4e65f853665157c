import { join } from "node:path";
import { LEASE_MS } from "../../src/broker/process/lease.ts";
import { openDeployment } from "../../src/compose/deployment.ts";
import type { Clock } from "../../src/process/clock.ts";
import { createMetrics, type Metrics } from "../../src/process/metrics.ts";
import type { Seal } from "../../src/seal/port.ts";
import { laneOfServer } from "../../src/store/lanes.ts";
import type { Store } from "../../src/store/port.ts";
import { Random } from "../faults/random.ts";
import { Callers, MOUNT, type Told } from "./callers.ts";
import type { Happening, Request, Setting } from "./events.ts";
import { fetchPort } from "./fetch-port.ts";
import { Instance, makeJournalFolder } from "./instance.ts";
import { Observer, type Seen } from "./observer.ts";
import { EPOCH, type HostClock, Process, processClock } from "./process.ts";
import { Provider } from "./provider.ts";
import { Receiver } from "./receiver.ts";
import { Rules } from "./rules.ts";
import { StorePort, type StoreWeather } from "./store-port.ts";
import { Timeline } from "./timeline.ts";

export const NAMES = ["alpha", "beta", "gamma"];

/** How far the clock of an instance is ahead of the database's: at most the time an answer takes. Milliseconds. */
const LEADS = [0, 40, 200];

/** How long a trouble lasts at most. Milliseconds. */
const LONGEST_TROUBLE = 25_000;

/** How many requests are under way at once where no breaker is open. */
const USUAL_ROOM = 6;

/** Some instances, their store, a provider and whoever uses them, in simulated time. */
export class World {
  readonly timeline = new Timeline();
  readonly provider: Provider;
  readonly rules: Rules;
  readonly observer: Observer;
  readonly callers: Callers;
  readonly #receiver = new Receiver();
  readonly #setting: Setting;
  readonly #random: Random;
  readonly #folder: string;
  readonly #weather: StoreWeather = { mood: "well", cutOff: new Set() };
  readonly #hosts: readonly HostClock[];
  readonly #instances: Instance[] = [];
  readonly #metrics: Metrics = createMetrics(
    () => ({ operations: 0, refreshes: 0, waiting: 0, paused: 0, programs: 0, copy: false, moved: false }),
    async () => ({ due: new Map() }),
  );
  #store: Store | undefined;
  #seal: Seal | undefined;
  #hindered = Number.NEGATIVE_INFINITY;
  #clockWasSet = false;

  constructor(setting: Setting, folder: string, seen: Seen) {
    this.#setting = setting;
    this.#folder = folder;
    this.#random = new Random(setting.seed);
    this.#hosts = Array.from({ length: setting.instances }, () => ({ set: 0 }));
    this.provider = new Provider(this.timeline, this.#random, {
      sends: (use) => {
        this.observer.trace(() => `  ${use.process.name} sends ${use.value}`);
        this.rules.sends(use);
      },
      starts: (scope, code) => {
        const grant = this.callers.grantOfScope(scope);
        if (grant) this.provider.log.enrol(grant, code);
      },
    });
    this.provider.tokens.rotation = setting.rotation;
    this.provider.tokens.accessLife = setting.life;
    this.rules = this.#makeRules();
    this.observer = new Observer(this.rules, this.timeline, seen, () => this.#instance(0).context, this.#receiver);
    this.callers = new Callers(this.timeline, this.provider, this.observer);
    this.timeline.look = () => this.#look();
  }

  #makeRules(): Rules {
    return new Rules({
      log: this.provider.log,
      now: () => this.timeline.now,
      moment: () => this.timeline.happened,
      storeNow: () => this.storeClock.now(),
      isGood: (token) => this.provider.tokens.isGood(token),
      lies: this.#setting.lies,
      alone: this.#alone,
      lastHindrance: () => this.#hindered,
      clockWasSet: () => this.#clockWasSet,
    });
  }

  get #alone(): boolean {
    return this.#setting.instances === 1;
  }

  #instance(who: number): Instance {
    const instance = this.#instances[who % this.#hosts.length];
    if (!instance) throw new Error("the world is not open");
    return instance;
  }

  /** Of a database server; with one instance, its own. */
  readonly storeClock: Clock = {
    now: () =>
      (this.#alone ? this.#instances[0]?.context.clock.now() : undefined) ?? Math.floor(this.storeClock.wall()),
    wall: () => EPOCH + this.timeline.now,
    monotonic: () => this.timeline.now,
    after: () => () => {},
  };

  async open(store: Store): Promise<void> {
    this.#store = store;
    const { seal } = await openDeployment(store, [new Uint8Array(32)]);
    seal.hold([{ mount: "oauth2", key: new Uint8Array(32).fill(1) }]);
    this.#seal = seal;
    for (const index of this.#hosts.keys()) this.#start(index);
    await this.timeline.pass(100);
    this.callers.writeServer(this.#instance(0));
    await this.timeline.pass(200);
  }

  #start(index: number): void {
    const { timeline, provider, observer } = this;
    const host = this.#hosts[index];
    if (!host || !this.#store || !this.#seal) throw new Error("the world is not open");
    const process = new Process(`host-${index}`, timeline);
    const wire = { timeline, random: this.#random, process, weather: this.#weather, alone: this.#alone };
    const instance = new Instance({
      process,
      clock: processClock(timeline, process, host, this.#alone ? undefined : LEADS[index]),
      store: new StorePort(this.#store, { ...wire, witness: observer }),
      fetch: fetchPort(process, provider, this.#receiver),
      seal: this.#seal,
      metrics: this.#metrics,
      log: observer.logOf(process.name),
      folder: makeJournalFolder(join(this.#folder, process.name)),
      onRescue: (entry) => observer.rescued(entry),
    });
    this.#instances[index] = instance;
    void instance.start();
  }

  #startDead(): void {
    for (const [index, { process }] of this.#instances.entries()) if (!process.alive) this.#start(index);
  }

  /** After everything that happens. */
  #look(): void {
    for (const { process, context } of this.#instances) {
      if (process.wasHindered(this.timeline.now)) this.#hindered = this.timeline.now;
      const room = process.alive ? context.breakers.room(laneOfServer(MOUNT, "as"), USUAL_ROOM) : USUAL_ROOM;
      if (room < USUAL_ROOM) this.observer.see("breaker open");
    }
    const [broken] = this.rules.broken;
    if (broken !== undefined) throw new Error(broken);
  }

  /** Lets something happen now. */
  async happen(happening: Happening): Promise<void> {
    this.observer.trace(() => JSON.stringify(happening));
    if (happening.what === "time passes") await this.timeline.pass(happening.milliseconds);
    else if (happening.what === "oversleep") await this.#oversleep(this.#instance(happening.who));
    else await this.timeline.do(() => this.#apply(happening));
  }

  /** Somebody with a request under way, if there is one: it is then that it matters. */
  async #oversleep(anybody: Instance): Promise<void> {
    const { process } = this.#instances.find(({ context }) => context.calls.size > 0) ?? anybody;
    process.stop();
    await this.timeline.pass(LEASE_MS + this.#random.between(0, 10_000));
    await process.continue();
  }

  async #apply(happening: Exclude<Happening, { what: "time passes" | "oversleep" }>): Promise<void> {
    switch (happening.what) {
      case "approve":
        return this.callers.approve(nameOf(happening));
      case "end":
        return this.callers.end(nameOf(happening));
      case "kill":
        return this.#instance(happening.who).process.kill();
      case "stop":
        return this.#instance(happening.who).process.stop();
      case "continue":
        for (const { process } of this.#instances) await process.continue();
        return;
      case "start":
        return this.#startDead();
      case "clock is set":
        return this.#setClock(happening);
      case "store":
        this.#weather.mood = happening.mood;
        return this.#passes(() => {
          this.#weather.mood = "well";
        });
      case "cut off": {
        const { name } = this.#instance(happening.who).process;
        this.#weather.cutOff.add(name);
        return this.#passes(() => this.#weather.cutOff.delete(name));
      }
      case "provider":
        this.provider.mood = happening.mood === "lies" && !this.#setting.lies ? "flaky" : happening.mood;
        return this.#passes(() => {
          this.provider.mood = "well";
        });
      default:
        return this.#ask(happening);
    }
  }

  #passes(end: () => unknown): void {
    this.timeline.at(this.#random.between(0, LONGEST_TROUBLE), end);
  }

  #setClock({ who, milliseconds }: Happening & { what: "clock is set" }): void {
    const host = this.#hosts[who % this.#hosts.length];
    if (host) host.set = milliseconds;
    this.#clockWasSet = true;
  }

  #ask(request: Request): void {
    const at = this.#instance(request.who);
    if (at.ready && at.process.alive) this.#asks(request, at, "name" in request ? nameOf(request) : "");
  }

  #asks(request: Request, at: Instance, name: string): unknown {
    switch (request.what) {
      case "import":
        return this.callers.importGrant(at, name);
      case "device":
        return this.callers.startDevice(at, name);
      case "read":
        return this.callers.read(at, name, request.minimum);
      case "delete":
        return this.callers.delete(at, name);
      case "retry":
        return this.callers.retry(at, name);
      case "write server":
        return this.callers.writeServer(at);
      case "write config":
        return this.callers.writeConfig(at, this.#random.pick([30, 60]));
      default:
        return request satisfies never;
    }
  }

  /** All trouble ends; whoever died is started again, also when it meets with the last of the trouble as it starts. */
  async heal(): Promise<void> {
    this.#weather.mood = "well";
    this.#weather.cutOff.clear();
    this.provider.mood = "well";
    for (const host of this.#hosts) host.set = 0;
    for (const { process } of this.#instances) await process.continue();
    for (let tries = 0; tries < 3; tries++) {
      this.#startDead();
      await this.timeline.pass(10_000);
    }
  }

  /** Throws where a login died and its operator will not hear of it. */
  async requireTold(store: Store): Promise<void> {
    const missed = await this.#receiver.missed(store, this.#instance(0).context);
    if (missed !== undefined) throw new Error(missed);
  }

  /** What a reader is told now. */
  async read(name: string): Promise<Told> {
    let told: Told | undefined;
    void this.callers.read(this.#instance(0), name, 0).then((answer) => {
      told = answer;
    });
    for (let waited = 0; waited < 60 && told === undefined; waited++) await this.timeline.pass(200);
    return told ?? { reason: "no answer" };
  }
}

function nameOf({ name }: { readonly name: number }): string {
  return NAMES[name % NAMES.length] ?? "";
}
