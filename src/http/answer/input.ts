/** What a handler gets as body or query: every field in its type, defaults filled in, and what was ignored. */
export class Input<Parameters> {
  readonly value: Required<Parameters>;
  /** Keys nobody asked for, sorted: every answer tells of them (input-warnings). */
  readonly ignored: readonly string[];

  constructor(value: Required<Parameters>, ignored: readonly string[]) {
    this.value = value;
    this.ignored = ignored;
  }
}
