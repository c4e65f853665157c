import type { Forwarded } from "../../protocol/forward.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import type { Row } from "../../store/port.ts";
import { readCredential } from "../credential/read-credential.ts";
import { BrokerError, noSession } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { hashOfToken } from "../record/token-hash.ts";
import { findServer, type ServerRecord } from "../server/server-record.ts";
import { replaceToken } from "../session/reject-token.ts";
import { findSession, type ReadSession } from "../session/session.ts";
import type { FoundSession, ProxyAnswer, ProxyRequest, UnreadRequest } from "../sessions.ts";
import type { TokenView } from "../token-view.ts";
import { dialectAt, dialectOf, inDialect, nothingForwarded } from "./dialect.ts";
import { answerHeaders, requestHeaders } from "./proxy-headers.ts";
import { proxyUrl } from "./proxy-url.ts";
import { endOf } from "./session-end.ts";
import { tells, withoutToken } from "./token-search.ts";

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
  const ended = endOf(context, found, secret, request.signal);
  try {
    const signal = AbortSignal.any([request.signal, ended]);
    return await forward(context, { ...exchange, request: { ...request, signal } });
  } catch (error) {
    throw ended.aborted ? noSession() : error;
  }
}

async function forward(context: Context, exchange: Exchange): Promise<ProxyAnswer> {
  const { found, request } = exchange;
  const token = await currentToken(context, found, found.row);
  const first = await send(context, exchange, token);
  if (first.status !== 401 || request.body?.kind === "stream") return answerOf(context, exchange, first, token);
  if (!(await isReplaced(context, found, token))) return answerOf(context, exchange, first, token);
  await first.cancel();
  const next = await currentToken(context, found);
  return answerOf(context, exchange, await send(context, exchange, next), next);
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

async function currentToken(context: Context, { mount, name }: FoundSession, row?: Row): Promise<TokenView> {
  const token = await readCredential(context, mount, name, 0, row);
  if (!token) throw noSession();
  return token;
}

/** Whether another token can be tried; where none can be had, the 401 itself is the answer. */
async function isReplaced(context: Context, found: FoundSession, { accessToken }: TokenView): Promise<boolean> {
  return replaceToken(context, found, hashOfToken(accessToken)).catch((error: unknown) => {
    if (error instanceof BrokerError) return false;
    throw error;
  });
}

async function send(
  context: Context,
  { found, request, url, headers }: Exchange,
  token: TokenView,
): Promise<Forwarded> {
  const { method, body, signal } = request;
  const length = body?.length === undefined ? {} : { "content-length": String(body.length) };
  try {
    return await context.forward(url.href, {
      method,
      signal,
      lane: found.id,
      headers: {
        "user-agent": "Coatcheck",
        ...headers,
        ...length,
        "accept-encoding": "identity",
        authorization: `${token.type} ${token.accessToken}`,
      },
      ...(body && { body: body.bytes }),
    });
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    context.metrics.proxied("failed");
    context.log.warn("proxy_failed", { mount: found.mount, id: found.id, api: request.api, cause: error.code });
    if (error.code === "encoding_refused") throw unsearchable();
    throw new BrokerError("repeat", "the API cannot be reached", { reason: "temporarily_unavailable" });
  }
}

function unsearchable(): BrokerError {
  const text = "the API packs its answer in a way that the broker cannot search for the token";
  return new BrokerError("repeat", text, { code: "unknown_encoding" });
}

async function answerOf(
  context: Context,
  exchange: Exchange,
  answer: Forwarded,
  { accessToken }: TokenView,
): Promise<ProxyAnswer> {
  const { found, request } = exchange;
  const { status } = answer;
  context.metrics.proxied(`${Math.floor(status / 100)}xx`);
  context.log.info("proxied", { mount: found.mount, id: found.id, api: request.api, method: request.method, status });
  const location = locationOf(exchange, answer, accessToken);
  // Followed by the program it would lead to where nobody allowed it to go, or tell what it must not know.
  if (status >= 300 && status < 400 && answer.headers.location !== undefined && location === undefined) {
    await answer.cancel();
    throw new BrokerError("repeat", "the API redirects to another host, or repeats the token in the address", {
      code: "foreign_redirect",
    });
  }
  return {
    status,
    headers: { ...answerHeaders(answer.headers, accessToken), ...(location !== undefined && { location }) },
    body: withoutToken(whole(answer.body), accessToken),
    cancel: () => answer.cancel(),
  };
}

/** A place below the same base, as the program reaches it; undefined for any other, and for one that repeats the token. */
function locationOf({ base, url, request }: Exchange, { headers }: Forwarded, token: string): string | undefined {
  const given = [headers.location ?? []].flat()[0];
  const target = given === undefined ? undefined : URL.parse(given, url.href);
  if (!target?.href.startsWith(base) || tells(target.href, token)) return undefined;
  return `${request.prefix}/${target.href.slice(base.length)}`;
}

/** What breaks before its first byte can still be an error of the broker's; after that the connection breaks. */
async function* whole(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch {
    throw new BrokerError("repeat", "the API's answer broke off", { reason: "temporarily_unavailable" });
  }
}
