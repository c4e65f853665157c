import { CoatcheckError } from "./errors.ts";

/** A broker, and the `fetch` that reaches it. */
export interface Connection {
  readonly broker: URL;
  readonly fetch: typeof globalThis.fetch;
}

/** Where a broker is, as callers say it. */
export interface ConnectionOptions {
  /** The broker's address, such as `https://broker.example.com`. */
  readonly broker: string | URL;
  /** Another `fetch`: through a proxy, over a Unix socket, in a test. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the broker's address, without a slash in front. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** A session id or an operator's token. */
  readonly bearer?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds until the broker counts as unreachable. */
  readonly timeout?: number;
}

/** A broker answers a read within 9 s; the rest is for the way. Milliseconds. */
const TIMEOUT_MS = 15_000;

/** Throws `CoatcheckError` where there is no address to reach. */
export function connect({ broker, fetch }: Partial<ConnectionOptions> = {}): Connection {
  const url = broker === undefined || !URL.canParse(String(broker)) ? undefined : new URL(broker);
  // `localhost:8200` parses: as something of the scheme `localhost`.
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw unusable("the option broker must be the broker's whole address, such as http://127.0.0.1:8200");
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return { broker: url, fetch: fetch ?? globalThis.fetch.bind(globalThis) };
}

/** Percent-encodes every segment; the slashes of a credential's name stay. Throws `CoatcheckError` as `encodeSegment` does. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeSegment).join("/");
}

/** Percent-encoded, with its slashes. Throws `CoatcheckError` for `.` and `..`, which would lead to another address. */
export function encodeSegment(segment: string): string {
  if (/^\.{1,2}$/.test(segment)) throw unusable("a name or path may not have . or .. as a segment");
  return encodeURIComponent(segment);
}

/**
 * The address of what a caller named below a base, both below the broker's address. Throws `CoatcheckError` where the name
 * leads out of the base: `..`, also as `%2e%2e` or behind a backslash, is resolved before a request is sent.
 */
export function addressBelow(broker: URL, base: string, name: string): URL {
  const url = new URL(base + name, broker);
  const floor = broker.pathname + base;
  if (url.pathname === floor || url.pathname.startsWith(`${floor}/`)) return url;
  throw unusable(`the path leads out of ${base}: write API/PATH without . and .. in it`);
}

/** The header's value. Throws `CoatcheckError`, without the secret, for what no header can carry. */
export function authorization(bearer = ""): string {
  if (/^[\x21-\x7e]+$/.test(bearer.trim())) return `Bearer ${bearer.trim()}`;
  throw unusable("the session id or token is empty, or has spaces, line breaks or other foreign characters in it");
}

function unusable(message: string): CoatcheckError {
  return new CoatcheckError("invalid_request", message);
}

/** One request; its parsed answer, `undefined` for none. Throws `CoatcheckError`, or the signal's reason. */
export async function call<Answer>(connection: Connection, request: Call): Promise<Answer> {
  const response = await send(connection, request);
  const body = await readJson(response, request.signal);
  if (!response.ok) throw refusal(response, body);
  return body as Answer;
}

async function send({ broker, fetch }: Connection, request: Call): Promise<Response> {
  const url = new URL(request.path, broker);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const timeout = AbortSignal.timeout(request.timeout ?? TIMEOUT_MS);
  const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
  try {
    return await fetch(url, {
      method: request.method,
      headers: {
        accept: "application/json",
        ...(request.body !== undefined && { "content-type": "application/json" }),
        ...(request.bearer !== undefined && { authorization: authorization(request.bearer) }),
      },
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      // A redirect would carry the session to wherever it points.
      redirect: "error",
      signal,
    });
  } catch (error) {
    throw lost(error, request.signal, broker);
  }
}

async function readJson(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    const text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
  } catch (error) {
    signal?.throwIfAborted();
    const { status } = response;
    if (!(error instanceof SyntaxError)) {
      throw new CoatcheckError("unreachable", "the connection to the broker was interrupted", { cause: error });
    }
    // What stands in front of a broker answers in HTML when the broker does not.
    const code = status >= 500 ? "unreachable" : "unexpected_answer";
    throw new CoatcheckError(
      code,
      `the broker's address answered with status ${status} and without JSON: check the address`,
      { status },
    );
  }
}

function lost(error: unknown, signal: AbortSignal | undefined, broker: URL): unknown {
  if (signal?.aborted) return signal.reason;
  // A caller's own `fetch` knows the way better.
  if (error instanceof CoatcheckError) return error;
  return new CoatcheckError("unreachable", `the broker at ${broker.origin} cannot be reached`, { cause: error });
}

/** Sessions answer OAuth's way, `/v1` Vault's; both say a reason where they have one. */
interface RefusalBody {
  readonly error?: string;
  readonly error_description?: string;
  readonly errors?: readonly string[];
  readonly servers?: readonly string[];
  readonly data?: { readonly reason?: string; readonly status?: string } | null;
}

const BY_STATUS: Readonly<Record<number, string>> = {
  400: "invalid_request",
  401: "invalid_session",
  403: "permission_denied",
  404: "not_found",
  429: "rate_limited",
  503: "temporarily_unavailable",
};

function refusal({ status, headers }: Response, body: unknown): CoatcheckError {
  const { error, error_description, errors, servers, data } = (body ?? {}) as RefusalBody;
  const pending = data?.status === "pending" ? "authorization_pending" : undefined;
  const code = error ?? data?.reason ?? pending ?? BY_STATUS[status] ?? "server_error";
  const message = error_description ?? errors?.join("; ") ?? "";
  const wait = Number(headers.get("retry-after") ?? Number.NaN);
  return new CoatcheckError(code, message === "" ? `the broker answered with status ${status} (${code})` : message, {
    status,
    ...(Number.isFinite(wait) && { retryAfter: wait }),
    ...(Array.isArray(servers) && { servers: servers.map(String) }),
  });
}
