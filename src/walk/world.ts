import type { Fetch } from "../protocol/client.ts";

/** What the walk needs from where it runs: a page gives the browser's own, the command line the guarded fetch. */
export interface World {
  readonly fetch: Fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** So many bytes from a CSPRNG (MX-P9). */
  readonly random: (length: number) => Uint8Array;
  /** Headers that this fetch adds by itself, to be shown with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** http, for the simulator and homeservers on the own machine. */
  readonly allowHttp?: boolean;
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
}
