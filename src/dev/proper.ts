/** A good answer as data. */
export interface Proper {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** A page instead of the body. */
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
