import { StoreBroken } from "../port.ts";
import { storeError } from "./database.ts";

/**
 * Ends the use of a file that cannot be trusted any more: after a failed fsync nobody knows what is on the disk, and trying
 * again would only hide it (faults.md section 8). What is asked for later is refused without touching the file.
 */
export class Guard {
  readonly #onBroken: (error: StoreBroken) => void;
  #broken: StoreBroken | undefined;

  constructor(onBroken: (error: StoreBroken) => void) {
    this.#onBroken = onBroken;
  }

  get broken(): StoreBroken | undefined {
    return this.#broken;
  }

  /** Runs what touches the file; its errors are in the port's words. */
  run<T>(work: () => T): T {
    if (this.#broken) throw this.#broken;
    try {
      return work();
    } catch (error) {
      throw this.portError(error);
    }
  }

  /** An error of SQLite in the port's words. */
  portError(error: unknown): unknown {
    const translated = storeError(error);
    if (translated instanceof StoreBroken && !this.#broken) {
      this.#broken = translated;
      this.#onBroken(translated);
    }
    return translated;
  }
}
