/**
 * Time. Owns when work is done and how much of it at once; not what is due (credential/schedule, kept in the rows) nor
 * what is done (broker/). One loop, one timer: look, claim what is due, run it, look again.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { inFlight } from "../broker/process/background.ts";
import type { Context } from "../broker/process/context.ts";
import { LEASE_MS } from "../broker/process/lease.ts";
import { runTask } from "../broker/run-task.ts";
import type { Claimed, Queue, Task } from "../store/port.ts";
import { createLanes, PER_SERVER } from "./lanes.ts";

/**
 * Nobody sleeps longer than this: a row that another instance has written is found without a wake-up, and where nobody else writes
 * a machine that was asleep goes on. Milliseconds.
 */
const LONGEST_SLEEP_MS = { beside: 1_000, alone: 5_000 } as const;

/** How soon the queue is looked at again when what is due could not be claimed. Milliseconds. */
const NO_ROOM_MS = 100;

/** Rows that are claimed and begun at a stretch: with everything due, others have their turns in between. */
const CLAIMED_AT_ONCE = 32;

/** Refreshes have places of their own (broker/process/refresh-places), so they are claimed apart. */
const NOT_REFRESHES: readonly Task[] = ["poll", "redeem", "expire", "reap", "revoke", "tell"];

/** The host's clock and ours drift apart by less than this unless somebody sets it (faults.md section 6). Milliseconds. */
const CLOCK_SET_MS = 2_000;

export interface Scheduler {
  /** Something may be due earlier than the loop thinks. */
  wake(): void;
  /** Takes no more work; resolves when what is under way has been settled. */
  stop(): Promise<void>;
}

export function startScheduler(context: Context): Scheduler {
  const loop = new Loop(context);
  loop.wake();
  context.audit.onHealed(() => loop.wake());
  return loop;
}

class Loop implements Scheduler {
  readonly #context: Context;
  readonly #queue: Queue;
  readonly #lanes = createLanes();
  /** What is begun here is no part of the request, or its trace, that woke the loop. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #stopped = false;
  /** The pass under way; a wake-up during it asks for one more. */
  #looking: Promise<void> | undefined;
  #again = false;
  #cancelTimer = () => {};
  /** When the next is due, as the last pass saw it; undefined when nothing is, or the store did not answer. */
  #next: number | undefined;
  /** How far the host's clock was from ours at the last look. */
  #drift: number;
  /** Of our time to the monotonic one, at the last look. Milliseconds. */
  #lead: number;

  constructor(context: Context) {
    this.#context = context;
    this.#queue = context.store;
    this.#drift = driftOf(context);
    this.#lead = context.clock.now() - context.clock.monotonic();
  }

  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#looking ??= this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    await this.#looking;
    this.#cancelTimer();
    const { background } = this.#context;
    while (background.size > 0) await Promise.all(background);
  }

  async #look(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      await this.#pass();
    }
    this.#looking = undefined;
    this.#sleep();
  }

  async #pass(): Promise<void> {
    this.#noticeClock();
    try {
      while ((await this.#isDue()) && this.#lanes.free() > 0 && (await this.#claimSome())) {}
    } catch (error) {
      this.#next = undefined;
      this.#context.log.error("scheduler_store", { message: String(error) });
    }
  }

  /** A look tells what operators have written elsewhere, too, and so comes before anything that is done. */
  async #isDue(): Promise<boolean> {
    if (this.#stopped) return false;
    this.#next = (await this.#queue.look()).nextDue;
    return this.#next !== undefined && this.#next <= this.#context.clock.now();
  }

  /** False when nothing more is due that has room. */
  async #claimSome(): Promise<boolean> {
    const refreshes = await this.#claim(this.#context.refreshPlaces.free(), NOT_REFRESHES);
    const others = await this.#claim(this.#lanes.free(), ["refresh"]);
    return refreshes || others;
  }

  async #claim(limit: number, excludeTasks: readonly Task[]): Promise<boolean> {
    const { life, audit } = this.#context;
    if (limit <= 0 || this.#stopped || life.copy !== undefined || audit.problem !== undefined) return false;
    const claimed = await this.#queue.claimDue({
      limit: Math.min(limit, CLAIMED_AT_ONCE),
      excludeTasks,
      milliseconds: LEASE_MS,
      perLane: PER_SERVER,
      busy: this.#busy(),
      // A lease may end while this process is stopped; its own work is not taken away from it.
      excludeIds: [...this.#context.flights.keys()],
    });
    for (const one of claimed) this.#admit(one);
    return claimed.length > 0;
  }

  /** A server that is left alone for a while, or asked by one request at a time, counts as busy for the rest. */
  #busy(): ReadonlyMap<string, number> {
    const busy = new Map(this.#lanes.busy());
    const { breakers } = this.#context;
    for (const lane of breakers.lanes()) {
      const missing = PER_SERVER - breakers.room(lane, PER_SERVER);
      if (missing > 0) busy.set(lane, (busy.get(lane) ?? 0) + missing);
    }
    return busy;
  }

  #admit(claimed: Claimed): void {
    const { row } = claimed;
    this.#lanes.enter(row);
    const { metrics, clock } = this.#context;
    if (row.task !== null && row.dueAt !== null) metrics.lateness(row.task, (clock.now() - row.dueAt) / 1000);
    const giveBack = row.task === "refresh" ? this.#context.refreshPlaces.take() : () => {};
    const work = this.#outside(() => runTask(this.#context, claimed)).catch((error: unknown) =>
      this.#failed(claimed, error),
    );
    void inFlight(this.#context, row.id, work).then(() => {
      giveBack();
      this.#lanes.leave(row);
      this.wake();
    });
  }

  /** The row stays claimed until its lease ends, so a row that always fails is isolated and cannot spin. */
  #failed({ row }: Claimed, error: unknown): void {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : "unknown";
    this.#context.log.error("task_failed", { task: row.task, mount: row.mount, id: row.id, message });
  }

  /** The two clocks drift apart when somebody sets the host's, and together when ours follows it (`Clock.now`). */
  #noticeClock(): void {
    const { clock, log } = this.#context;
    const [drift, lead] = [driftOf(this.#context), clock.now() - clock.monotonic()];
    const [apart, ahead] = [drift - this.#drift, lead - this.#lead];
    this.#lead = lead;
    if (Math.abs(apart) < CLOCK_SET_MS) return;
    const followed = Math.abs(apart + ahead) < CLOCK_SET_MS;
    if (followed) log.info("clock_followed", { seconds: Math.round(ahead / 1000) });
    else log.warn("clock_set", { seconds: Math.round(apart / 1000) });
    this.#drift = drift;
  }

  #sleep(): void {
    const { clock } = this.#context;
    if (this.#stopped) return;
    // What is due and was not claimed has no room or no store: work that ends wakes the loop anyway.
    const longest = LONGEST_SLEEP_MS[this.#context.store.alone ? "alone" : "beside"];
    const wait = this.#next === undefined ? longest : this.#next - clock.now();
    this.#cancelTimer();
    this.#cancelTimer = clock.after(Math.min(wait > 0 ? wait : NO_ROOM_MS, longest), () => this.wake());
  }
}

function driftOf({ clock }: Context): number {
  return clock.wall() - clock.now();
}
