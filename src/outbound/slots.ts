/** How many connections are open at a time: few per endpoint, so that a hung one delays only itself (I9). */
export interface Slots {
  /** Waits for a free one; the result gives it back. Rejects when the signal aborts first. */
  readonly take: (endpoint: string, signal: AbortSignal) => Promise<() => void>;
}

interface Waiting {
  readonly endpoint: string;
  readonly go: () => void;
}

export function createSlots(perEndpoint: number, all: number): Slots {
  return new Counted(perEndpoint, all);
}

class Counted implements Slots {
  readonly #perEndpoint: number;
  readonly #all: number;
  readonly #open = new Map<string, number>();
  readonly #queue = new Set<Waiting>();
  #total = 0;

  constructor(perEndpoint: number, all: number) {
    this.#perEndpoint = perEndpoint;
    this.#all = all;
  }

  readonly take = async (endpoint: string, signal: AbortSignal): Promise<() => void> => {
    signal.throwIfAborted();
    if (!this.#isFree(endpoint)) return this.#wait(endpoint, signal);
    this.#change(endpoint, 1);
    return this.#taken(endpoint);
  };

  #isFree(endpoint: string): boolean {
    return this.#total < this.#all && (this.#open.get(endpoint) ?? 0) < this.#perEndpoint;
  }

  #change(endpoint: string, by: 1 | -1): void {
    this.#total += by;
    const count = (this.#open.get(endpoint) ?? 0) + by;
    if (count === 0) this.#open.delete(endpoint);
    else this.#open.set(endpoint, count);
  }

  #taken(endpoint: string): () => void {
    let given = false;
    return () => {
      if (!given) this.#give(endpoint);
      given = true;
    };
  }

  #give(endpoint: string): void {
    this.#change(endpoint, -1);
    for (const waiting of this.#queue) {
      if (this.#total >= this.#all) return;
      if (!this.#isFree(waiting.endpoint)) continue;
      this.#queue.delete(waiting);
      this.#change(waiting.endpoint, 1);
      waiting.go();
    }
  }

  #wait(endpoint: string, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#queue.delete(waiting);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener("abort", abort);
        resolve(this.#taken(endpoint));
      };
      const waiting: Waiting = { endpoint, go };
      this.#queue.add(waiting);
      signal.addEventListener("abort", abort, { once: true });
    });
  }
}
