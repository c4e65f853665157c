/** What may be told of a span: names and numbers chosen one by one, never a secret, a path, a query or a foreign text. */
type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A part of the work, as somebody sees it who watches from outside. */
export interface Span {
  set(attributes: Attributes): void;
  /** Something on its way. */
  note(event: string): void;
  fail(cause: string): void;
}

/** A request that is being answered. */
export interface RequestSpan extends Span {
  end(name: string): void;
}

/** Who watches what is done (OpenTelemetry); by default nobody, and nothing of it is loaded. */
export interface Trace {
  /** Runs the work as a part of what it is called in; what it throws is its failure. */
  span<T>(name: string, kind: "internal" | "client", work: (span: Span) => Promise<T>): Promise<T>;
  /** Begins the answer to a request; `traceparent` as it came (W3C Trace Context). Undefined: nobody watches this one, and nothing was made. */
  request(method: string, headers: Readonly<Record<string, unknown>>): RequestSpan | undefined;
  /** What is done from there on is a part of the request, and seen by nobody where that is undefined. */
  within(request: RequestSpan | undefined, next: () => void): void;
}

/** Of what nobody watches. */
export const UNSEEN: Span = { set: () => {}, note: () => {}, fail: () => {} };

export const NO_TRACE: Trace = {
  span: (_name, _kind, work) => work(UNSEEN),
  request: () => undefined,
  within: (_request, next) => next(),
};
