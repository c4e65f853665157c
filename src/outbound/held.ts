import type { Connection, KeptConnections } from "./kept-connections.ts";

interface HeldParts {
  readonly kept: KeptConnections;
  readonly key: string;
  readonly connection: Connection;
  /** Its place among those that are open. */
  readonly release: () => void;
  readonly done: (() => void) | undefined;
}

/** What an answer holds until it is over. */
export class Held {
  #parts: HeldParts | undefined;

  constructor(parts: HeldParts) {
    this.#parts = parts;
  }

  /** Once. `isWhole`: all of the answer was read. */
  async end(isWhole: boolean): Promise<void> {
    const parts = this.#parts;
    this.#parts = undefined;
    if (!parts) return;
    const { kept, key, connection, release, done } = parts;
    done?.();
    release();
    if (isWhole) kept.give(key, connection);
    else await connection.client.destroy();
  }
}
