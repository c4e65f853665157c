/**
 * Time. Owns when work is done and how much of it at once; not what is due (credential/schedule, kept in the rows) nor
 * what is done (broker/). One loop, one timer: claim what is due, run it, look again.
 */
import { type Context, detach } from "../broker/context.ts";
import { leaseFor } from "../broker/refresh-now.ts";
import { runTask } from "../broker/run-task.ts";
import type { Claimed } from "../store/port.ts";
import { createLanes } from "./lanes.ts";

/** Longest operation there is (oauthapp.md 8.3); a lease outlives it. Seconds. */
const LONGEST_OPERATION = 120;

/** Nobody sleeps longer than this, so a row written by another instance is found without a wake-up. Milliseconds. */
const LONGEST_SLEEP_MS = 1_000;

/**
 * What is due and was not claimed has no room (whoever leaves a lane wakes the loop), or is due by the store's clock in a
 * moment. Asking at once again would ask without end. Milliseconds.
 */
const LEAST_SLEEP_MS = 50;

export interface Scheduler {
  /** Something may be due earlier than the loop thinks. */
  wake(): void;
  /** Takes no more work; resolves when what is under way has been settled. */
  stop(): Promise<void>;
}

export function startScheduler(context: Context): Scheduler {
  const loop = new Loop(context);
  loop.wake();
  return loop;
}

class Loop implements Scheduler {
  readonly #context: Context;
  readonly #lanes = createLanes();
  #stopped = false;
  /** The pass under way; a wake-up during it asks for one more. */
  #looking: Promise<void> | undefined;
  #again = false;
  #cancelTimer = () => {};

  constructor(context: Context) {
    this.#context = context;
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
    await this.#sleep();
  }

  async #pass(): Promise<void> {
    try {
      while (!this.#stopped && this.#lanes.free() > 0 && (await this.#claimSome())) {}
    } catch (error) {
      this.#context.log.error("scheduler_store", { message: String(error) });
    }
  }

  /** False when nothing more is due that has room. */
  async #claimSome(): Promise<boolean> {
    const claimed = await this.#context.store.claimDue({
      limit: this.#lanes.free(),
      milliseconds: leaseFor(LONGEST_OPERATION),
      excludeLanes: this.#lanes.full(),
    });
    await Promise.all(claimed.map((one) => this.#admit(one)));
    return claimed.length > 0;
  }

  #admit(claimed: Claimed): Promise<void> | undefined {
    const { row, claim } = claimed;
    if (!this.#lanes.enter(row)) return this.#context.store.release(row.id, claim, true);
    const { flights } = this.#context;
    const work = runTask(this.#context, claimed).catch((error: unknown) => this.#failed(claimed, error));
    flights.set(row.id, work);
    void detach(this.#context, work).then(() => {
      if (flights.get(row.id) === work) flights.delete(row.id);
      this.#lanes.leave(row);
      this.wake();
    });
    return undefined;
  }

  /** The row stays claimed until its lease ends, so a row that always fails is isolated and cannot spin. */
  #failed({ row }: Claimed, error: unknown): void {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : "unknown";
    this.#context.log.error("task_failed", { task: row.task, mount: row.mount, id: row.id, message });
  }

  async #sleep(): Promise<void> {
    const { store, clock } = this.#context;
    if (this.#stopped) return;
    const next = await store.nextDue().catch(() => undefined);
    if (this.#stopped || this.#looking) return;
    const wait = next === undefined ? LONGEST_SLEEP_MS : Math.max(LEAST_SLEEP_MS, next - clock.now());
    this.#cancelTimer();
    this.#cancelTimer = clock.after(Math.min(wait, LONGEST_SLEEP_MS), () => this.wake());
  }
}
