import { createHmac } from "node:crypto";

/** Times are no secrets, and help whoever reads. */
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Whoever has a value can look for it, and the log tells nobody one (vault-http.md section 9): HMACs under the salt of a device. */
export class Salted {
  readonly #salt: Uint8Array;
  /** Accessors are shown as they are. */
  readonly #showsAccessors: boolean;

  constructor(salt: Uint8Array, { hmacAccessor }: { readonly hmacAccessor: boolean }) {
    this.#salt = salt;
    this.#showsAccessors = !hmacAccessor;
  }

  of(value: string): string {
    return `hmac-sha256:${createHmac("sha256", this.#salt).update(value).digest("hex")}`;
  }

  accessor(value: string): string {
    return this.#showsAccessors ? value : this.of(value);
  }

  /** Every string in a value but times; keys, numbers and booleans stay, and so does what has one of the names in `clear`. */
  values(value: unknown, clear: ReadonlySet<string> = NOTHING): unknown {
    if (typeof value === "string") return RFC3339.test(value) ? value : this.of(value);
    if (Array.isArray(value)) return value.map((one) => this.values(one, clear));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, clear.has(name) ? one : this.named(name, one, clear)]),
    );
  }

  /** What may be anything: names as well, and numbers and times by their texts. */
  whole(value: unknown): unknown {
    if (typeof value === "string" || typeof value === "number") return this.of(String(value));
    if (Array.isArray(value)) return value.map((one) => this.whole(one));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [this.of(name), this.whole(one)]));
  }

  named(name: string, value: unknown, clear: ReadonlySet<string>): unknown {
    return ACCESSORS.has(name) && typeof value === "string" ? this.accessor(value) : this.values(value, clear);
  }
}

const ACCESSORS: ReadonlySet<string> = new Set(["accessor", "wrapped_accessor"]);
const NOTHING: ReadonlySet<string> = new Set();
