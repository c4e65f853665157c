/** What came of trying a server's connection, for whoever sets it up. */

/** One request and its answer; every secret in it is masked. */
export interface TriedExchange {
  readonly method: string;
  readonly url: string;
  /** As the broker gave them: the connection adds its own (`Host`, `User-Agent`, `Content-Length`). */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `isCut`: the body went on. */
  readonly answer?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly isCut: boolean;
  };
  /** Instead of an answer: why there is none. */
  readonly trouble?: string;
  readonly milliseconds: number;
}

export interface TrialStep {
  readonly step: "discovery" | "keys" | "client";
  /** `unclear`: what came says nothing about it; `skipped`: there was nothing to ask, or not yet. */
  readonly verdict: "good" | "bad" | "unclear" | "skipped";
  /** Sentences: what was found, and what to do. */
  readonly text: string;
  readonly exchanges: readonly TriedExchange[];
}
