import type { ProxyAnswer } from "../../sessions.ts";
import { answerHeaders } from "../proxy-headers.ts";
import { wholeWithoutTokens, withoutTokens } from "../token-search.ts";
import { brokenOff, type Sent } from "../with-token.ts";
import { type Exchange, SESSION_HEADER } from "./exchange.ts";
import { isHeld, lookedInto, rememberHandshake } from "./messages.ts";
import { mayNameEndpoint, NamingEndpoint } from "./old-transport.ts";

/** A server's answer as the caller gets it: searched for the token, lists filtered, all else as it comes. */
export function answerOf(exchange: Exchange, { answer, tokens }: Sent, over: (status: number) => void): ProxyAnswer {
  const { context } = exchange;
  const { status } = answer;
  const isGood = status >= 200 && status < 300;
  context.metrics.proxied(`${Math.floor(status / 100)}xx`);
  const given = answerHeaders(answer.headers, tokens);
  const session = given[SESSION_HEADER];
  if (isGood && typeof session === "string") rememberHandshake(exchange, session);
  let isOver = false;
  const ended = () => {
    if (!isOver) over(status);
    isOver = true;
  };
  const type = String(given["content-type"] ?? "");
  const held = isGood && isHeld(exchange);
  const { "content-length": length, ...headers } = given;
  // A request that was read whole is not kept for as long as its answer streams.
  const { body: _, ...rest } = exchange;
  const isNaming = isGood && /^text\/event-stream\b/i.test(type) && mayNameEndpoint(exchange);
  const isPlain = !held && !isNaming;
  const sent = { status, headers: { ...headers, ...(length !== undefined && !held && { "content-length": length }) } };
  const whole = isPlain ? answer.takeWhole?.() : undefined;
  if (whole) {
    ended();
    return { ...sent, body: wholeWithoutTokens(whole, tokens), cancel: async () => {} };
  }
  const searched = withoutTokens(answer.body, tokens, brokenOff, held ? undefined : ended);
  const named = isNaming ? new NamingEndpoint(exchange, searched) : searched;
  const body = held ? untilOver(lookedInto(rest, named, type), ended) : named;
  return {
    ...sent,
    body,
    cancel: async () => {
      ended();
      await answer.cancel();
    },
  };
}

async function* untilOver(body: AsyncIterable<Uint8Array>, over: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    over();
  }
}
