import { allowInsecureRequests, type CustomFetchOptions, customFetch } from "oauth4webapi";
import type { Call } from "./client.ts";
import { type HttpResponse, readHttpResponse } from "./response/http-response.ts";
import { TransportError } from "./response/transport-error.ts";

/** Options that every request function of `oauth4webapi` takes. */
export interface SendOptions {
  readonly signal: AbortSignal;
  readonly [allowInsecureRequests]: boolean;
  readonly [customFetch]: (url: string, options: CustomFetchOptions<string, unknown>) => Promise<Response>;
}

const FORM = "application/x-www-form-urlencoded";

/**
 * Runs a request half through the call's fetch. What fails before the fetch was reached (no such endpoint, an http URL, an
 * unusable key) rejects with a `TransportError` that says "not sent"; everything later as the fetch has it.
 */
export async function send(call: Call, request: (options: SendOptions) => Promise<Response>): Promise<Response> {
  let reached = false;
  const options: SendOptions = {
    signal: call.signal,
    [allowInsecureRequests]: call.allowHttp === true,
    [customFetch]: (url, { body, headers, method }) => {
      requireUsable(url, call.allowHttp === true);
      reached = true;
      // The bare media type (FC-21): some servers compare it as text, and a charset means nothing to it (RFC 6749 appendix B).
      const form = body instanceof URLSearchParams && { "content-type": FORM };
      const init = { method, headers: { ...headers, ...form, accept: "application/json" }, signal: call.signal };
      return call.fetch(url, { ...init, redirect: "manual", ...(isBody(body) && { body }) });
    },
  };
  try {
    return await request(options);
  } catch (error) {
    if (reached || error instanceof TransportError) throw error;
    throw new TransportError("url_refused", false, { cause: error });
  }
}

function isBody(body: unknown): body is string | URLSearchParams {
  return typeof body === "string" || body instanceof URLSearchParams;
}

function requireUsable(url: string, allowHttp: boolean): void {
  if (!isEndpoint(url, allowHttp)) throw new TransportError("url_refused", false);
}

/** OA-04, META-07: an absolute https URL (http where the call allows it) without fragment and user information. */
export function isEndpoint(text: unknown, allowHttp: boolean): text is string {
  if (typeof text !== "string" || !URL.canParse(text) || text.includes("#")) return false;
  const { protocol, username, password } = new URL(text);
  return username === "" && password === "" && (protocol === "https:" || (allowHttp && protocol === "http:"));
}

/** A GET for JSON: metadata, key sets, userinfo. Rejects with `TransportError` like every request half. */
export async function get(url: string, call: Call, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  requireUsable(url, call.allowHttp === true);
  return await call.fetch(url, {
    method: "GET",
    headers: { ...headers, accept: "application/json" },
    redirect: "manual",
    signal: call.signal,
  });
}

/**
 * Waits for a request half and reads its complete answer. Never rejects: what is thrown by a platform's own fetch says
 * nothing about what was written, so it counts as sent.
 */
export async function exchange(request: Promise<Response>): Promise<HttpResponse | TransportError> {
  try {
    return await readHttpResponse(await request);
  } catch (error) {
    return error instanceof TransportError ? error : new TransportError(codeOf(error), true, { cause: error });
  }
}

function codeOf(error: unknown) {
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError") return "timeout";
  return name === "AbortError" ? "aborted" : "reset";
}
