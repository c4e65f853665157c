/** What the instances on one store tell each other, and the time they agree on. */
export interface Signals {
  /** Nobody but this process writes (SQLite: its lock proves it): what was read stays true until it is changed here. */
  readonly alone: boolean;
  /**
   * Calls back when another instance made something due, or may have; returns the end of it (`close` ends it too).
   * Only a hint that saves time: it may come late, twice or never, so everybody looks at least each second anyway, and
   * that second bounds how stale an instance can be. What hands out no token any more is more than a hint: a call that takes
   * it away resolves when every instance that hears has let go of it, or after that second. SQLite has one instance, and
   * nothing to say.
   */
  watch(onSignal: (signal: Signal) => void): () => void;
  /** Tells the other instances that what has this name has changed; as much a hint as `watch`. */
  announce(name: string): Promise<void>;
  /** The store's clock. */
  now(): Promise<number>;
}

/** What another instance tells; without a field: something is due, or may be. */
export interface Signal {
  /** A row that hands out no token any more: its id, or its place where another row has taken that. */
  readonly gone?: string;
  /** Whether the others are heard from now on; what they said before may be lost. */
  readonly hears?: boolean;
  /** The name it gave to `announce`. */
  readonly announced?: string;
}
