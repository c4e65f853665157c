/**
 * The complete answer of an upstream request, as plain data: it can be sealed (escrow) before anybody parses it,
 * and every process half works on it, today or after a restart.
 */
export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; only the headers that mean something to OAuth: see `KEPT_HEADERS`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded text, complete. */
  readonly body: string;
}

const KEPT_HEADERS = ["content-type", "retry-after", "www-authenticate", "cache-control", "date", "location"];

/** Reads a `Response` to its end. Rejects with `TransportError` when the body breaks off. */
export async function readHttpResponse(response: Response): Promise<HttpResponse> {
  const body = await response.text();
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  return { status: response.status, headers, body };
}
