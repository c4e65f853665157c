import type { Call } from "../client.ts";
import { DiscoveryError } from "../discovery.ts";
import { exchange, get } from "../endpoint.ts";
import type { HttpResponse } from "../response/http-response.ts";
import { type JsonObject, parseJsonObject, secondsOf, textOf } from "../response/json.ts";
import { retryAfterSeconds } from "../response/retry-after.ts";
import { TransportError } from "../response/transport-error.ts";
import type { Ladder, MemberPath } from "./ladder.ts";

/** What the answer of one place means for the search (matrix.md MX-D5 … MX-D9). */
export type DiscoveryOutcome =
  | { readonly kind: "json"; readonly json: JsonObject; readonly response: HttpResponse }
  /** There is no such place: only this may lead to another one. */
  | { readonly kind: "absent" }
  | { readonly kind: "problem"; readonly error: DiscoveryError };

/** Asks one place. `step` names it in every text; a private and a silent address read alike, so nobody can map a network. */
export async function fetchDocument(ladder: Ladder, step: string, url: string, call: Call): Promise<DiscoveryOutcome> {
  const where = `${step} (GET ${url})`;
  const response = await exchange(get(url, call));
  if (response instanceof TransportError) return trouble(`${where} cannot be reached`, { cause: response });
  const { status } = response;
  const json = parseJsonObject(response.body);
  if (status === 404 || status === 405) return { kind: "absent" };
  if (status === 400 && json?.errcode === ladder.unrecognized) return { kind: "absent" };
  if (status === 200) {
    return json
      ? { kind: "json", json, response }
      : refuse(`${where} answered with something other than a JSON object`);
  }
  if (status >= 300 && status < 400) return refuse(`${where} answered with a redirect, which is not followed`);
  // MX-D9: whoever can make a request fail must not choose the way down.
  return trouble(`${where} answered with status ${status}`, retryAfter(response, json));
}

function refuse(text: string): DiscoveryOutcome {
  return { kind: "problem", error: new DiscoveryError(text, false) };
}

function trouble(text: string, more: { cause?: unknown; retryAfter?: number }): DiscoveryOutcome {
  return { kind: "problem", error: new DiscoveryError(text, true, more) };
}

/** MX-D8: the header, else the older `retry_after_ms` of the body. Seconds. */
function retryAfter(response: HttpResponse, json: JsonObject | undefined): { retryAfter?: number } {
  const milliseconds = secondsOf(json?.retry_after_ms);
  const ofBody = milliseconds === undefined ? undefined : Math.min(Math.max(Math.ceil(milliseconds / 1000), 1), 3_600);
  const seconds = retryAfterSeconds(response) ?? ofBody;
  return seconds === undefined ? {} : { retryAfter: seconds };
}

/** A text deep inside an object, or undefined. */
export function textAt(json: JsonObject, path: MemberPath): string | undefined {
  let value: unknown = json;
  for (const member of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as JsonObject)[member];
  }
  return textOf(value);
}
