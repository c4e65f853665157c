import type { Forward, Forwarded, ForwardRequest } from "../../protocol/forward.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import { readCredential } from "../credential/read-credential.ts";
import { BrokerError, noSession } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { hashOfToken } from "../record/token-hash.ts";
import { replaceToken } from "../session/reject-token.ts";
import type { ReadSession } from "../session/session.ts";
import type { FoundSession } from "../sessions.ts";
import type { TokenView } from "../token-view.ts";

/** An answer, and what it was asked for with: nothing of it may repeat a token, nor that of a first try. */
export interface Sent {
  readonly answer: Forwarded;
  readonly tokens: readonly string[];
}

/**
 * Sends a request with the session's current token; a 401 brings one refresh, for everybody who got one, and one repetition
 * where the request can be sent twice. Where no other token can be had, the 401 itself is the answer.
 */
export async function sendWithToken(
  context: Context,
  found: ReadSession,
  send: (token: TokenView) => Promise<Forwarded>,
  mayRepeat: boolean,
): Promise<Sent> {
  const token = await currentToken(context, found, found);
  const answer = await send(token);
  if (answer.status !== 401 || !mayRepeat || !(await isReplaced(context, found, token)))
    return { answer, tokens: [token.accessToken] };
  await answer.cancel();
  const next = await currentToken(context, found);
  return { answer: await send(next), tokens: [next.accessToken, token.accessToken] };
}

/** Throws the `BrokerError` that says why there is none. */
export async function currentToken(
  context: Context,
  { mount, name }: FoundSession,
  known?: ReadSession,
): Promise<TokenView> {
  const token = await readCredential(context, mount, name, 0, known);
  if (!token) throw noSession();
  return token;
}

/** Whether another token can be tried. */
async function isReplaced(context: Context, found: FoundSession, { accessToken }: TokenView): Promise<boolean> {
  return replaceToken(context, found, hashOfToken(accessToken)).catch((error: unknown) => {
    if (error instanceof BrokerError) return false;
    throw error;
  });
}

/** Passes a request on for a session; `api` is what the log calls its destination. Throws `BrokerError`. */
export async function passOn(
  context: Context,
  way: Forward,
  { mount, id, api }: { readonly mount: string; readonly id: string; readonly api: string },
  url: string,
  request: Omit<ForwardRequest, "lane">,
): Promise<Forwarded> {
  try {
    return await way(url, { ...request, lane: id });
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    context.metrics.proxied("failed");
    context.log.warn("proxy_failed", { mount, id, api, cause: error.code });
    if (error.code === "encoding_refused") throw unsearchable();
    throw new BrokerError("repeat", "the API cannot be reached", { reason: "temporarily_unavailable" });
  }
}

function unsearchable(): BrokerError {
  const text = "the API packs its answer in a way that the broker cannot search for the token";
  return new BrokerError("repeat", text, { code: "unknown_encoding" });
}

/** What breaks before its first byte can still be an error of the broker's; after that the connection breaks. */
export function brokenOff(): BrokerError {
  return new BrokerError("repeat", "the API's answer broke off", { reason: "temporarily_unavailable" });
}
