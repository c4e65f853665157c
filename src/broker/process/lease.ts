import type { Call } from "../../protocol/client.ts";
import type { Claimed } from "../../store/port.ts";
import type { Context } from "./context.ts";
import { within } from "./door.ts";

/** How long a claim holds without a renewal: what a dead instance had in hand is taken over after that. Milliseconds. */
export const LEASE_MS = 20_000;

/** How often a claim is renewed while its operation lasts. */
const BEAT_MS = 5_000;

/** An operation whose claim could not be renewed ends this long before the lease: nobody reads an answer beyond it. */
const FENCE_MS = 5_000;

/**
 * Runs one operation of at most `seconds` on a claimed row. The claim is renewed while it lasts; when that fails the
 * operation is ended before the lease is, so that whoever takes over is the only one at it (faults.md section 3). Nothing
 * is written to a connection once the time is over, also by a process that was stopped and woke up.
 */
export async function whileHeld<T>(
  context: Context,
  claimed: Claimed,
  seconds: number,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const hold = new Hold(context, claimed);
  const held = (call: Call, end: () => void) => {
    hold.beat(end);
    return work(call);
  };
  return within(context, seconds, held, () => hold.lasts()).finally(() => hold.end());
}

class Hold {
  readonly #context: Context;
  readonly #claimed: Claimed;
  /** Monotonic milliseconds: a clock that is followed forward must not cut what is under way. */
  #until: number;
  #ended = false;
  #cancel = () => {};

  constructor(context: Context, claimed: Claimed) {
    this.#context = context;
    this.#claimed = claimed;
    const { clock } = context;
    const left = (claimed.row.claimUntil ?? clock.now() + LEASE_MS) - clock.now();
    this.#until = clock.monotonic() + Math.min(left, LEASE_MS) - FENCE_MS;
  }

  lasts(): boolean {
    return this.#context.clock.monotonic() < this.#until;
  }

  /** Renews now and then; calls `lost` when the claim could not be renewed in time. */
  beat(lost: () => void): void {
    const { clock } = this.#context;
    const left = this.#until - clock.monotonic();
    this.#cancel = clock.after(Math.max(0, Math.min(BEAT_MS, left)), () => {
      if (!this.lasts()) return lost();
      void this.#renew();
      this.beat(lost);
    });
  }

  async #renew(): Promise<void> {
    const { store, clock } = this.#context;
    const asked = clock.monotonic();
    const { row, claim } = this.#claimed;
    // A row that was deleted or rewritten is renewed no more; what is under way for it may still end in time.
    const renewed = await store.renew(row.id, claim, LEASE_MS).catch(() => false);
    if (renewed && !this.#ended) this.#until = asked + LEASE_MS - FENCE_MS;
  }

  end(): void {
    this.#ended = true;
    this.#cancel();
  }
}
