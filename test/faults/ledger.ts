/** The provider's own log: every use of a refresh token and what it did; the rules h1 to h3 are read from it. */

export interface Use {
  readonly name: string;
  readonly token: string;
  /** Monotonic milliseconds of the runner. */
  readonly at: number;
  /** The connection had its answer, or ended without one. */
  endedAt: number | undefined;
  /** The provider has done what it does, and had it: nothing changes by this request any more. */
  isOver: boolean;
  successor: string | undefined;
  accessToken: string | undefined;
}

/** What came with an access token, and until when that is good: monotonic milliseconds of the runner. */
interface Issued {
  readonly name: string;
  readonly refreshToken: string;
  readonly expiresAt: number;
}

export class Ledger {
  readonly uses: Use[] = [];
  /** h2: requests for a credential that had one under way. */
  overlaps = 0;
  readonly #names = new Map<string, string>();
  /** Every refresh token of a name, oldest first. */
  readonly #tokens = new Map<string, string[]>();
  readonly #last = new Map<string, Use>();
  readonly #issued = new Map<string, Issued>();
  /** When it was seen that nobody alive had the outcome of a use: by token. */
  readonly #doubts = new Map<string, number[]>();

  /** A grant that a name is given. */
  enrol(name: string, token: string): void {
    this.#names.set(token, name);
    const tokens = this.#tokens.get(name) ?? [];
    tokens.push(token);
    this.#tokens.set(name, tokens);
  }

  begin(token: string): Use {
    const name = this.#names.get(token) ?? "unknown";
    const before = this.#last.get(name);
    if (before && before.endedAt === undefined) this.overlaps += 1;
    const use: Use = {
      name,
      token,
      at: performance.now(),
      endedAt: undefined,
      isOver: false,
      successor: undefined,
      accessToken: undefined,
    };
    this.uses.push(use);
    this.#last.set(name, use);
    return use;
  }

  /** `life` in seconds. */
  rotated(use: Use, successor: string, accessToken: string, life: number): void {
    use.successor = successor;
    use.accessToken = accessToken;
    const expiresAt = performance.now() + life * 1000;
    this.#issued.set(accessToken, { name: use.name, refreshToken: successor, expiresAt });
    if (successor !== use.token) this.enrol(use.name, successor);
  }

  tokensOf(name: string): readonly string[] {
    return this.#tokens.get(name) ?? [];
  }

  current(name: string): string {
    return this.tokensOf(name).at(-1) ?? "";
  }

  /** What came with an access token, if it is one of that name. */
  issuedTo(name: string, accessToken: string): Issued | undefined {
    const issued = this.#issued.get(accessToken);
    return issued?.name === name ? issued : undefined;
  }

  lastOf(name: string): Use | undefined {
    return this.#last.get(name);
  }

  inDoubt(token: string): void {
    this.#doubts.set(token, [...(this.#doubts.get(token) ?? []), performance.now()]);
  }

  get rotations(): number {
    return this.uses.filter(({ successor }) => successor !== undefined).length;
  }

  /** h1: how often a token was used again, by whether its use before was in doubt at that time. */
  repeated(): { readonly recoveries: number; readonly doubled: readonly Use[] } {
    const before = new Map<string, Use>();
    const doubled: Use[] = [];
    let recoveries = 0;
    for (const use of this.uses) {
      const first = before.get(use.token);
      before.set(use.token, use);
      if (!first) continue;
      const known = (this.#doubts.get(use.token) ?? []).some((at) => at >= first.at && at <= use.at);
      if (known) recoveries += 1;
      else doubled.push(use);
    }
    return { recoveries, doubled };
  }
}
