import type { Call } from "../client.ts";
import { DiscoveryError, shownUrl } from "../discovery-error.ts";
import { exchange, get } from "../endpoint.ts";
import type { HttpResponse } from "../response/http-response.ts";
import { type JsonObject, parseJsonObject } from "../response/json.ts";
import { retryAfterSeconds } from "../response/retry-after.ts";
import { TransportError } from "../response/transport-error.ts";

/** What one place of a document holds. `absent`: nothing of the kind; `status` tells a plain 404 from the rest. */
export type FetchedJson =
  | { readonly kind: "json"; readonly json: JsonObject; readonly response: HttpResponse }
  | { readonly kind: "absent"; readonly status: number };

/**
 * Asks one place (MCP-D2, MCP-D5): any 4xx, and a 200 that is no JSON object, is "absent"; trouble with the server or the
 * network ends the search, and so does a redirect, which could lead anywhere. Throws `DiscoveryError`.
 */
export async function fetchJson(what: string, url: string, call: Call): Promise<FetchedJson> {
  const where = `${what} (GET ${shownUrl(url)})`;
  const response = await exchange(get(url, call));
  if (response instanceof TransportError) throw unreachable(where, response);
  const { status } = response;
  if (status >= 300 && status < 400) throw refuse(`${where} answered with a redirect, which is not followed`);
  if (status >= 500 || status < 200) throw answeredWith(where, response);
  const json = status === 200 ? parseJsonObject(response.body) : undefined;
  return json ? { kind: "json", json, response } : { kind: "absent", status };
}

/** What cannot be mended by asking again. */
export function refuse(text: string): DiscoveryError {
  return new DiscoveryError(text, false);
}

/** An answer that is too large will not be smaller the next time, and no policy changes by itself. */
export function unreachable(where: string, cause: TransportError): DiscoveryError {
  const isTooLarge = cause.code === "too_large" || cause.code === "headers_too_large";
  if (isTooLarge) return new DiscoveryError(`${where} answered with more than is read`, false, { cause });
  return new DiscoveryError(`${where} cannot be reached`, true, { cause });
}

export function answeredWith(where: string, response: HttpResponse): DiscoveryError {
  const retryAfter = retryAfterSeconds(response);
  const wait = retryAfter === undefined ? {} : { retryAfter };
  return new DiscoveryError(`${where} answered with status ${response.status}`, true, wait);
}
