import type { Call } from "./client.ts";
import { DiscoveryError, NOT_FOUND, shownUrl } from "./discovery-error.ts";
import { exchange, get } from "./endpoint.ts";
import type { HttpResponse } from "./response/http-response.ts";
import { parseJsonObject, textOf } from "./response/json.ts";
import { TransportError } from "./response/transport-error.ts";

/** A place that has no metadata of this issuer. */
export interface Refusal {
  readonly url: string;
  readonly answer: HttpResponse | TransportError;
  readonly error: DiscoveryError;
}

/** The same problem, and which URL it came from. */
export function at(url: string, { message, temporary, cause, retryAfter }: DiscoveryError): DiscoveryError {
  return new DiscoveryError(`${message} (GET ${url})`, temporary, {
    cause,
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/**
 * FC-39: which URL answered what. The most telling problem comes first: a document of another issuer rather than none. Where a
 * document's own URL was given for the issuer, or the place has moved, the issuer that is named there is told.
 */
export async function whyNone(issuer: string, refusals: readonly Refusal[], call: Call): Promise<DiscoveryError> {
  const telling = refusals.find(({ error }) => error.message !== NOT_FOUND);
  if (telling) return at(telling.url, telling.error);
  // To help with a mistake paths are asked that no standard names: not a stranger's.
  const inside = issuer.includes("/.well-known/") && !call.stranger ? await issuerAt(issuer, call) : undefined;
  if (inside !== undefined) {
    return new DiscoveryError(`${issuer} is a metadata document and no issuer: give its issuer, ${inside}`, false);
  }
  const answers = refusals.map(({ url, answer }) => `GET ${url}: ${whatOf(url, answer)}`);
  const moved = refusals.map(({ url, answer }) => targetOf(url, answer)).find((target) => target !== undefined);
  // A19: whoever answers for an issuer does not choose whom else the broker asks.
  const isNear = moved !== undefined && !call.stranger && URL.parse(moved)?.origin === new URL(issuer).origin;
  const there = isNear ? await issuerAt(moved, call) : undefined;
  const advice = there === undefined ? "" : `; the document there belongs to the issuer ${there}: give that one`;
  return new DiscoveryError(`${NOT_FOUND} (${answers.join("; ")})${advice}`, false);
}

/** Asked for the message alone: nothing of what is found there is used. */
async function issuerAt(url: string, call: Call): Promise<string | undefined> {
  const answer = await exchange(get(url, call));
  if (answer instanceof TransportError || answer.status !== 200) return undefined;
  const named = textOf(parseJsonObject(answer.body)?.issuer);
  return named === undefined ? undefined : shownUrl(named);
}

function whatOf(url: string, answer: HttpResponse | TransportError): string {
  if (answer instanceof TransportError) return "no answer";
  const target = targetOf(url, answer);
  if (target !== undefined) return `status ${answer.status}, a redirect to ${target}, which is not followed`;
  if (answer.status !== 200) return `status ${answer.status}`;
  return parseJsonObject(answer.body) ? "a JSON object without issuer" : "no JSON object";
}

/** Where a redirect leads; without its query, which may name a session. */
function targetOf(url: string, answer: HttpResponse | TransportError): string | undefined {
  if (answer instanceof TransportError || answer.status < 300 || answer.status >= 400) return undefined;
  const target = URL.parse(answer.headers.location ?? "", url);
  return target ? shownUrl(target.origin + target.pathname) : undefined;
}
