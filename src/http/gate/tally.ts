/** Numbers by network; those that are 0 are forgotten, and nobody's is always 0. */
export class Tally {
  readonly #counts = new Map<string, number>();

  count(network: string | undefined): number {
    return network === undefined ? 0 : (this.#counts.get(network) ?? 0);
  }

  add(network: string | undefined, change: number): void {
    if (network === undefined) return;
    const next = this.count(network) + change;
    if (next === 0) this.#counts.delete(network);
    else this.#counts.set(network, next);
  }
}
