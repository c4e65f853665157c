import type { Key, Row } from "./port.ts";

/**
 * A store as of one moment, for a backup: opened beside a broker that runs, and it keeps nobody from writing.
 * Throws `StoreUnusable` when there is no store of this schema, `StoreUnavailable` when it cannot be read just now.
 */
export interface Snapshot {
  /** Changes of content up to that moment; see `Store.progress`. */
  readonly progress: number;
  read(key: Key): Promise<Row | undefined>;
  /** Every row, in order of id. Once. */
  rows(): AsyncIterable<Row>;
  close(): Promise<void>;
}
