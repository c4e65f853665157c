import type { Forwarded } from "../../../protocol/forward.ts";
import type { ReadSession } from "../../session/session.ts";
import type { TokenView } from "../../token-view.ts";
import { passOn, type Sent, sendWithToken } from "../with-token.ts";
import { cookieHeader, keepCookies } from "./cookies.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Exchange } from "./exchange.ts";

/** What is sent to a session's server. */
export interface Outgoing {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

/** Sends to exactly the endpoint that the token is for (MCP-T1, MCP-T2). Throws `BrokerError`. */
export function sendTo(
  exchange: Exchange,
  { url, ...may }: Endpoint,
  found: ReadSession,
  outgoing: Outgoing,
): Promise<Sent> {
  const { context } = exchange;
  const { cookies } = context.caches.gateway;
  const { origin } = new URL(url);
  const { method, headers, body, signal } = outgoing;
  const send = async (token: TokenView): Promise<Forwarded> => {
    const answer = await passOn(context, context.forwardStream, { ...found, api: "mcp" }, url, {
      ...may,
      method,
      signal,
      headers: {
        "user-agent": "Coatcheck",
        ...headers,
        ...cookieHeader(cookies, found.id, origin),
        // It was read as UTF-8, whatever its sender says: a server must read the same (ST-49).
        ...(body && { "content-type": "application/json", "content-length": String(body.length) }),
        "accept-encoding": "identity",
        authorization: `${token.type} ${token.accessToken}`,
      },
      ...(body && { body }),
    });
    keepCookies(cookies, found.id, origin, [answer.headers["set-cookie"] ?? []].flat(), context.clock.now());
    return answer;
  };
  return sendWithToken(context, found, send, true);
}
