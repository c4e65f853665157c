/** Numbers by their keys, the least key first: ten million of them in 120 MB, so that a queue of all credentials fits in memory. */
export class Soonest {
  readonly #keys: Float64Array;
  readonly #heap: Int32Array;
  #size = 0;

  constructor(most: number) {
    this.#keys = new Float64Array(most);
    this.#heap = new Int32Array(most);
  }

  get size(): number {
    return this.#size;
  }

  /** The least key; infinite where there is nothing. */
  get least(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#keyAt(0);
  }

  /** A number below `most` that is not in here. */
  add(number: number, key: number): void {
    this.#keys[number] = key;
    let at = this.#size++;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#keyAt(above) <= key) break;
      this.#heap[at] = this.#heap[above] ?? 0;
      at = above;
    }
    this.#heap[at] = number;
  }

  take(): number {
    const first = this.#heap[0] ?? 0;
    const last = this.#heap[--this.#size] ?? 0;
    const key = this.#keys[last] ?? 0;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.#size) break;
      if (below + 1 < this.#size && this.#keyAt(below + 1) < this.#keyAt(below)) below += 1;
      if (this.#keyAt(below) >= key) break;
      this.#heap[at] = this.#heap[below] ?? 0;
      at = below;
    }
    this.#heap[at] = last;
    return first;
  }

  #keyAt(at: number): number {
    return this.#keys[this.#heap[at] ?? 0] ?? 0;
  }
}
