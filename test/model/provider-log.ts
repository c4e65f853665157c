import type { Process } from "./process.ts";

/** One use of a refresh token or of a device code, as the provider's log has it. */
export interface Use {
  readonly value: string;
  readonly process: Process;
  /** Milliseconds of the simulation. */
  readonly at: number;
  endedAt: number | undefined;
  /** Set when the provider has issued tokens for it. */
  issued: { readonly refreshToken: string; readonly accessToken: string } | undefined;
  /** What the process was told, once it went on with it: `tokens`, an OAuth error, a status, `nothing`. */
  heard: string | undefined;
}

/** A grant of a person, under the name of the credential it was meant for. */
export interface Grant {
  readonly name: string;
  /** Moments (things that had happened) of the write that brought it: begun and acknowledged. */
  readonly begun: number;
  acknowledged: number | undefined;
  readonly tokens: string[];
}

export class ProviderLog {
  readonly uses: Use[] = [];
  readonly #byValue = new Map<string, Use[]>();
  readonly #grants = new Map<string, Grant>();
  readonly #partners = new Map<string, string>();

  begin(value: string, process: Process, at: number): Use {
    const use: Use = { value, process, at, endedAt: undefined, issued: undefined, heard: undefined };
    this.uses.push(use);
    this.#byValue.set(value, [...this.of(value), use]);
    return use;
  }

  of(value: string): readonly Use[] {
    return this.#byValue.get(value) ?? [];
  }

  /** A refresh token or a device code of a grant. */
  enrol(grant: Grant, value: string): void {
    if (!grant.tokens.includes(value)) grant.tokens.push(value);
    this.#grants.set(value, grant);
  }

  issue(use: Use, refreshToken: string, accessToken: string): void {
    use.issued = { refreshToken, accessToken };
    this.#partners.set(accessToken, refreshToken);
    const grant = this.#grants.get(use.value);
    if (grant) this.enrol(grant, refreshToken);
  }

  grantOf(value: string): Grant | undefined {
    return this.#grants.get(value);
  }

  /** The refresh token that an access token came with. */
  partnerOf(accessToken: string): string | undefined {
    return this.#partners.get(accessToken);
  }
}
