/** How many connections are open at a time: few per endpoint, so that a hung one delays only itself (I9). */
export interface Slots {
  /** Waits for a free one; the result gives it back. Rejects when the signal aborts first. */
  readonly take: (to: Endpoint, signal: AbortSignal) => Promise<() => void>;
}

interface Endpoint {
  readonly endpoint: string;
  /** A host that somebody without a token named: of all those only a part is open, so that the rest is left to the others. */
  readonly stranger: boolean;
}

interface Waiting {
  readonly to: Endpoint;
  readonly go: () => void;
}

/** What of the whole strangers may fill. */
const STRANGERS_PART = 1 / 4;

export function createSlots(perEndpoint: number, all: number): Slots {
  return new Counted(perEndpoint, all);
}

class Counted implements Slots {
  readonly #perEndpoint: number;
  readonly #all: number;
  readonly #open = new Map<string, number>();
  readonly #queue = new Set<Waiting>();
  #total = 0;
  #ofStrangers = 0;

  constructor(perEndpoint: number, all: number) {
    this.#perEndpoint = perEndpoint;
    this.#all = all;
  }

  readonly take = async (to: Endpoint, signal: AbortSignal): Promise<() => void> => {
    signal.throwIfAborted();
    if (!this.#isFree(to)) return this.#wait(to, signal);
    this.#change(to, 1);
    return this.#taken(to);
  };

  #isFree({ endpoint, stranger }: Endpoint): boolean {
    if (stranger && this.#ofStrangers >= this.#all * STRANGERS_PART) return false;
    return this.#total < this.#all && (this.#open.get(endpoint) ?? 0) < this.#perEndpoint;
  }

  #change({ endpoint, stranger }: Endpoint, by: 1 | -1): void {
    this.#total += by;
    if (stranger) this.#ofStrangers += by;
    const count = (this.#open.get(endpoint) ?? 0) + by;
    if (count === 0) this.#open.delete(endpoint);
    else this.#open.set(endpoint, count);
  }

  #taken(to: Endpoint): () => void {
    let given = false;
    return () => {
      if (!given) this.#give(to);
      given = true;
    };
  }

  #give(to: Endpoint): void {
    this.#change(to, -1);
    for (const waiting of this.#queue) {
      if (this.#total >= this.#all) return;
      if (!this.#isFree(waiting.to)) continue;
      this.#queue.delete(waiting);
      this.#change(waiting.to, 1);
      waiting.go();
    }
  }

  #wait(to: Endpoint, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#queue.delete(waiting);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener("abort", abort);
        resolve(this.#taken(to));
      };
      const waiting: Waiting = { to, go };
      this.#queue.add(waiting);
      signal.addEventListener("abort", abort, { once: true });
    });
  }
}
