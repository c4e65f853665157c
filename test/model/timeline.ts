interface Entry {
  readonly at: number;
  readonly run: () => unknown;
}

/** A turn of the event loop: whatever could go on by promises alone has gone on. */
function turn(): Promise<void> {
  return new Promise((done) => {
    setImmediate(done);
  });
}

/** Simulated time: everything that is going to happen, in the order of its time. Milliseconds from 0. */
export class Timeline {
  now = 0;
  /** How many things have happened. */
  happened = 0;
  /** Called after each of them. */
  look = () => {};
  /** The soonest last; of equal ones the one that was planned first. */
  #entries: Entry[] = [];

  /** Plans something; the result cancels it. */
  at(delay: number, run: () => unknown): () => void {
    const entry = { at: this.now + Math.max(0, delay), run };
    let index = this.#entries.length;
    while (index > 0 && (this.#entries[index - 1] as Entry).at <= entry.at) index -= 1;
    this.#entries.splice(index, 0, entry);
    return () => {
      const place = this.#entries.indexOf(entry);
      if (place >= 0) this.#entries.splice(place, 1);
    };
  }

  async pass(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    for (;;) {
      const next = this.#entries.at(-1);
      if (!next || next.at > end) break;
      this.#entries.pop();
      this.now = next.at;
      await this.do(next.run);
    }
    this.now = end;
  }

  /** Does one thing now, and lets everybody go on who waited for it. */
  async do(run: () => unknown): Promise<void> {
    await run();
    await turn();
    this.happened += 1;
    this.look();
  }
}
