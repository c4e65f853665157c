/** Why an issuer's metadata could not be had. `message` is safe to show; of the answer it holds an issuer or a place at most. */
export class DiscoveryError extends Error {
  override readonly name = "DiscoveryError";
  /** True when the same request can succeed later. */
  readonly temporary: boolean;
  /** Seconds, where the server said so. */
  readonly retryAfter?: number;
  /** The server is what was looked for, and has no OAuth: nothing about its name or address is wrong. */
  readonly isUnsupported: boolean;

  constructor(
    message: string,
    temporary: boolean,
    options: { cause?: unknown; retryAfter?: number; unsupported?: true } = {},
  ) {
    super(message, options);
    this.temporary = temporary;
    this.isUnsupported = options.unsupported ?? false;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }
}

/** What is said of a place that has none. */
export const NOT_FOUND = "no authorization server metadata found at the issuer";

/** Exactly as it was sent, unless it could harm whoever reads it. */
export function shownUrl(text: string): string {
  const safe = URL.canParse(text) ? new URL(text).href.slice(0, 200) : "no URL";
  return text.length <= 200 && /^[\x21-\x7e]+$/.test(text) ? text : safe;
}
