import { isObject } from "../input/pairs.ts";

/** What the API answered, read member by member: what is not there, or is of another type, is undefined or empty. */
export class Facts {
  readonly #value: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    this.#value = isObject(value) ? value : {};
  }

  text(name: string): string | undefined {
    const value = this.#own(name);
    return typeof value === "string" ? value : undefined;
  }

  count(name: string): number | undefined {
    const value = this.#own(name);
    return typeof value === "number" ? value : undefined;
  }

  isTrue(name: string): boolean {
    return this.#own(name) === true;
  }

  of(name: string): Facts {
    return new Facts(this.#own(name));
  }

  knows(name: string): boolean {
    return this.#own(name) !== undefined;
  }

  texts(name: string): readonly string[] {
    return this.#listed(name).filter((one) => typeof one === "string");
  }

  list(name: string): readonly Facts[] {
    return this.#listed(name).map((one) => new Facts(one));
  }

  /** Some members alone, as they are. */
  pick(...names: readonly string[]): Readonly<Record<string, unknown>> {
    return Object.fromEntries(names.filter((name) => this.knows(name)).map((name) => [name, this.#own(name)]));
  }

  /** All of it, as JSON is read. */
  shown(): string {
    return JSON.stringify(this.#value, undefined, 2);
  }

  names(): readonly string[] {
    return Object.keys(this.#value);
  }

  #listed(name: string): readonly unknown[] {
    const value = this.#own(name);
    return Array.isArray(value) ? value : [];
  }

  #own(name: string): unknown {
    return Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
  }
}
