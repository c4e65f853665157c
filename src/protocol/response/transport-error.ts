/**
 * What the guarded fetch rejects with. `sent` decides everything: a request that never left may be repeated freely,
 * one that may have arrived must never be repeated blindly when it carries a one-time value (requirements CL-13, CL-14).
 */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** True when any byte of the request may have reached the server. */
  readonly sent: boolean;
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, sent: boolean, options?: { cause?: unknown }) {
    super(code, options);
    this.code = code;
    this.sent = sent;
  }
}

export type TransportErrorCode =
  | "address_refused" // the address policy forbids the target
  | "url_refused" // not https, user information, forbidden port …
  | "unreachable" // DNS, connect or TLS failure
  | "timeout"
  | "reset" // the connection broke after the request was begun
  | "too_large" // the body of the answer
  | "headers_too_large"
  | "encoding_refused"
  | "restored_copy" // the broker holds a copy of its store, and must not use its tokens
  | "aborted";
