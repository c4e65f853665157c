import type { Clock } from "../process/clock.ts";

/** RFC 9110 9.2.1 and 9.3.1: what may be sent twice, because nobody asked for anything to change. */
export const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** What holds for one kind of exchanges. */
export interface Manner {
  /** Milliseconds; `headers` and `idle` are of silence. */
  readonly limits: { readonly connect: number; readonly headers: number; readonly idle: number };
  /** Open at a time: for one session, and in all. */
  readonly connections: { readonly perLane: number; readonly all: number };
  /** Whether a request of that method may go on a connection that served another one. */
  reuses(method: string): boolean;
}

export const manners = {
  /** An API may think for long, and a body may last as long as bytes keep coming. */
  requests: {
    limits: { connect: 5_000, headers: 300_000, idle: 300_000 },
    connections: { perLane: 16, all: 256 },
    reuses: (method) => SAFE.has(method),
  },
  /** MCP-G1: streams last as long as both sides like. Their calls are many and small: a handshake each would cost more than they do. */
  streams: {
    limits: { connect: 5_000, headers: Number.POSITIVE_INFINITY, idle: Number.POSITIVE_INFINITY },
    connections: { perLane: 1_024, all: 4_096 },
    reuses: () => true,
  },
} satisfies Readonly<Record<string, Manner>>;

export type MannerName = keyof typeof manners;

/** A clock's timer reaches so far. Milliseconds. */
const LONGEST_TIMER = 60_000;

/** A clock for limits of any length; one without end is none. */
export function patient(clock: Pick<Clock, "after">): Pick<Clock, "after"> {
  return {
    after: (milliseconds, callback) => {
      let cancel = () => {};
      if (milliseconds === Number.POSITIVE_INFINITY) return cancel;
      const arm = (left: number) => {
        const more = left - LONGEST_TIMER;
        cancel = more > 0 ? clock.after(LONGEST_TIMER, () => arm(more)) : clock.after(left, callback);
      };
      arm(milliseconds);
      return () => cancel();
    },
  };
}
