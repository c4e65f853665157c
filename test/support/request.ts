export const ROOT_TOKEN = "hvs.test-root-token-of-the-suite";

/** An answer of the API. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body, or undefined for none. */
  readonly body: Body | undefined;
}

interface Body {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly string[];
  readonly warnings?: readonly string[] | null;
  readonly lease_duration?: number;
}

/** One request with the suite's root token. */
export async function request(address: string, method: string, path: string, body?: unknown): Promise<ApiAnswer> {
  const response = await fetch(`${address}/v1/${path}`, {
    method,
    headers: { "x-vault-token": ROOT_TOKEN },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
}
