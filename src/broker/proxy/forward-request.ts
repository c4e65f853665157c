import type { Forwarded } from "../../protocol/forward.ts";
import { statusOf } from "../../session/index.ts";
import { BrokerError, noSession } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { findServer, type ServerRecord } from "../server/server-record.ts";
import { findSession, type ReadSession } from "../session/session.ts";
import type { ProxyAnswer, ProxyRequest, UnreadRequest } from "../sessions.ts";
import type { TokenView } from "../token-view.ts";
import { dialectAt, dialectOf, inDialect, nothingForwarded } from "./dialect.ts";
import { answerHeaders, requestHeaders } from "./proxy-headers.ts";
import { proxyUrl } from "./proxy-url.ts";
import { endOf } from "./session-end.ts";
import { tells, withoutTokens } from "./token-search.ts";
import { brokenOff, currentToken, passOn, type Sent, sendWithToken } from "./with-token.ts";

/**
 * Passes a program's request on to an API that the operator listed for the session's server, with the access token that
 * the program never sees (threats.md section 4). A 401 brings one refresh and one repetition, where the body allows it.
 */
export async function forwardRequest(
  context: Context,
  mount: string,
  secret: string | undefined,
  { readBody, ...unread }: UnreadRequest,
): Promise<ProxyAnswer> {
  let dialect = dialectAt(unread.tail);
  try {
    if (secret === undefined && dialect) throw nothingForwarded();
    const found = await findSession(context, mount, secret ?? "");
    const record = (await findServer(context, mount, found.session.server))?.record;
    dialect = record && dialectOf(record);
    const base = baseOf(record, unread.api);
    const url = proxyUrl(base, unread.tail, dialect?.dataInPaths ?? false);
    // A body is kept for nobody who has no token to send it with.
    if (statusOf(found.state, context.clock.now()).kind !== "active") await currentToken(context, found, found);
    const body = await readBody();
    const request = { ...unread, ...(body && { body }) };
    const exchange = { found, request, base, url, headers: requestHeaders(request.headers) };
    return await forwardWhileItLasts(context, exchange, secret ?? "");
  } catch (error) {
    throw inDialect(error, dialect);
  }
}

/** What is under way ends with its session, an answer that streams too. */
async function forwardWhileItLasts(context: Context, exchange: Exchange, secret: string): Promise<ProxyAnswer> {
  const { found, request } = exchange;
  const lasting = endOf(context, found, () => findSession(context, found.mount, secret), request.signal);
  try {
    return await forward(context, { ...exchange, request: { ...request, signal: lasting.signal } });
  } catch (error) {
    throw lasting.hasEnded ? noSession() : error;
  }
}

async function forward(context: Context, exchange: Exchange): Promise<ProxyAnswer> {
  const { found, request } = exchange;
  const mayRepeat = request.body?.kind !== "stream";
  return answerOf(
    context,
    exchange,
    await sendWithToken(context, found, (token) => send(context, exchange, token), mayRepeat),
  );
}

interface Exchange {
  readonly found: ReadSession;
  readonly request: ProxyRequest;
  readonly base: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the operator listed is all there is. */
function baseOf(record: ServerRecord | undefined, api: string): string {
  const apis = record?.sessions?.proxyApis ?? {};
  const base = Object.hasOwn(apis, api) ? apis[api] : undefined;
  if (base !== undefined) return base;
  throw new BrokerError("absent", "this session has no API with that name: the operator lists the APIs in proxy_apis");
}

function send(context: Context, { found, request, url, headers }: Exchange, token: TokenView): Promise<Forwarded> {
  const { method, body, signal, api } = request;
  const length = body?.length === undefined ? {} : { "content-length": String(body.length) };
  return passOn(context, context.forward, { ...found, api }, url.href, {
    method,
    signal,
    headers: {
      "user-agent": "Coatcheck",
      ...headers,
      ...length,
      "accept-encoding": "identity",
      authorization: `${token.type} ${token.accessToken}`,
    },
    ...(body && { body: body.bytes }),
  });
}

async function answerOf(context: Context, exchange: Exchange, { answer, tokens }: Sent): Promise<ProxyAnswer> {
  const { found, request } = exchange;
  const { status } = answer;
  context.metrics.proxied(`${Math.floor(status / 100)}xx`);
  context.log.info("proxied", { mount: found.mount, id: found.id, api: request.api, method: request.method, status });
  const location = locationOf(exchange, answer, tokens);
  // Followed by the program it would lead to where nobody allowed it to go, or tell what it must not know.
  if (status >= 300 && status < 400 && answer.headers.location !== undefined && location === undefined) {
    await answer.cancel();
    throw new BrokerError("repeat", "the API redirects to another host, or repeats the token in the address", {
      code: "foreign_redirect",
    });
  }
  return {
    status,
    headers: { ...answerHeaders(answer.headers, tokens), ...(location !== undefined && { location }) },
    body: withoutTokens(answer.body, tokens, brokenOff),
    cancel: () => answer.cancel(),
  };
}

/** A place below the same base, as the program reaches it; undefined for any other, and for one that repeats the token. */
function locationOf(
  { base, url, request }: Exchange,
  { headers }: Forwarded,
  tokens: readonly string[],
): string | undefined {
  const given = [headers.location ?? []].flat()[0];
  const target = given === undefined ? undefined : URL.parse(given, url.href);
  if (!target?.href.startsWith(base) || tells(target.href, tokens)) return undefined;
  return `${request.prefix}/${target.href.slice(base.length)}`;
}
