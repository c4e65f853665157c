import type { AuthorizationServer, Call, Client } from "../../src/protocol/client.ts";
import type { HttpResponse } from "../../src/protocol/response/http-response.ts";

/** One request as it would have left. */
export interface Recorded {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  readonly form: URLSearchParams;
  readonly redirect: string | undefined;
}

/** A call whose fetch writes down what it was given and gives the next of `responses` (the last one again and again). */
export function recordingCall(...responses: readonly (() => Response)[]): Call & { readonly requests: Recorded[] } {
  const requests: Recorded[] = [];
  const fetch = async (url: string, init: RequestInit = {}) => {
    const body = String(init.body ?? "");
    const headers = new Headers(init.headers);
    const method = init.method ?? "GET";
    requests.push({ url, method, headers, body, form: new URLSearchParams(body), redirect: init.redirect });
    const next = responses[requests.length - 1] ?? responses.at(-1);
    return next ? next() : new Response("{}");
  };
  return { fetch, signal: new AbortController().signal, requests };
}

export const as: AuthorizationServer = {
  issuer: "https://as.example.com",
  authorization_endpoint: "https://as.example.com/authorize",
  token_endpoint: "https://as.example.com/token?tenant=1",
  device_authorization_endpoint: "https://as.example.com/device",
  revocation_endpoint: "https://as.example.com/revoke",
  registration_endpoint: "https://as.example.com/register",
};

export const publicClient: Client = { clientId: "cli", authentication: { method: "none" } };

export const postClient: Client = {
  clientId: "cli",
  authentication: { method: "client_secret_post", secret: "s3cret" },
};

/** A literal answer; an object as body becomes JSON. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body: typeof body === "string" ? body : JSON.stringify(body) };
}
