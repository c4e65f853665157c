import { BrokerError } from "../errors.ts";

const MIB = 1_048_576;

/** Bytes of messages that are kept until they are answered: of one session, and of all. */
const MOST = { ofOne: 32 * MIB, all: 256 * MIB };

/** What one exchange keeps in memory. */
export interface HeldShare {
  /** So many bytes from now on. Throws a `BrokerError` where there is no room; then it keeps what it had. */
  hold(bytes: number): void;
  /** Nothing more. */
  end(): void;
}

/** Counts what exchanges keep while somebody else takes his time: a server that never answers must not fill the memory. */
export class HeldBytes {
  #all = 0;
  readonly #bySession = new Map<string, number>();

  shareOf(session: string): HeldShare {
    let held = 0;
    const change = (bytes: number) => {
      const own = (this.#bySession.get(session) ?? 0) + bytes;
      if (own > 0) this.#bySession.set(session, own);
      else this.#bySession.delete(session);
      this.#all += bytes;
      held += bytes;
    };
    return {
      hold: (bytes) => {
        const more = bytes - held;
        const isFull = (this.#bySession.get(session) ?? 0) + more > MOST.ofOne || this.#all + more > MOST.all;
        if (more > 0 && isFull)
          throw new BrokerError("wait", FULL, { reason: "temporarily_unavailable", retryAfter: 1 });
        change(more);
      },
      end: () => change(-held),
    };
  }
}

const FULL = "too much is under way in this session: wait for answers, or send less at a time";
