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
import type { FoundSession, ProxyAnswer, ProxyRequest } from "../sessions.ts";
import type { TokenView } from "../token-view.ts";
import { dialectAt, dialectOf, inDialect, nothingForwarded } from "./dialect.ts";
import { answerHeaders, requestHeaders } from "./proxy-headers.ts";
import { proxyUrl } from "./proxy-url.ts";

/**
 * Passes a program's request on to an API that the operator listed for the session's server, with the access token that
 * the program never sees (threats.md section 4). A 401 brings one refresh and one repetition, where the body allows it.
 */
export async function forwardRequest(
  context: Context,
  mount: string,
  secret: string | undefined,
  request: ProxyRequest,
): Promise<ProxyAnswer> {
  let dialect = dialectAt(request.tail);
  try {
    if (secret === undefined && dialect) throw nothingForwarded();
    const found = await findSession(context, mount, secret ?? "");
    const record = (await findServer(context, mount, found.session.server))?.record;
    dialect = record && dialectOf(record);
    const base = baseOf(record, request.api);
    const url = proxyUrl(base, request.tail, dialect?.dataInPaths ?? false);
    return await forward(context, { found, request, base, url, headers: requestHeaders(request.headers) });
  } catch (error) {
    throw inDialect(error, dialect);
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
    throw new BrokerError("repeat", "the API cannot be reached", { reason: "temporarily_unavailable" });
  }
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
  const location = locationOf(exchange, answer);
  // Followed by the program it would lead to where nobody allowed it to go.
  if (status >= 300 && status < 400 && answer.headers.location !== undefined && location === undefined) {
    await answer.cancel();
    throw new BrokerError("repeat", "the API redirects to another host", { code: "foreign_redirect" });
  }
  return {
    status,
    headers: { ...answerHeaders(answer.headers, accessToken), ...(location !== undefined && { location }) },
    body: withoutToken(answer.body, accessToken),
    cancel: () => answer.cancel(),
  };
}

/** A place below the same base, as the program reaches it; undefined for any other. */
function locationOf({ base, url, request }: Exchange, { headers }: Forwarded): string | undefined {
  const given = [headers.location ?? []].flat()[0];
  const target = given === undefined ? undefined : URL.parse(given, url.href);
  if (!target?.href.startsWith(base)) return undefined;
  return `${request.prefix}/${target.href.slice(base.length)}`;
}

/**
 * A stream in which every copy of a token is as many asterisks, so that lengths stay. A piece goes on at once but for the
 * end of it that may be the beginning of the token.
 */
async function* withoutToken(body: AsyncIterable<Uint8Array>, token: string): AsyncGenerator<Uint8Array> {
  const secret = Buffer.from(token, "latin1");
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    const seen = Buffer.concat([held, chunk]);
    const end = seen.length - tailLength(seen, secret);
    hide(seen, secret);
    held = seen.subarray(end);
    if (end > 0) yield seen.subarray(0, end);
  }
  if (held.length > 0) yield held;
}

function hide(bytes: Buffer, secret: Buffer): void {
  for (let at = bytes.indexOf(secret); at !== -1; at = bytes.indexOf(secret, at + secret.length)) {
    bytes.fill("*", at, at + secret.length);
  }
}

/** How much of the end is a beginning of the secret, and not the whole of it. */
function tailLength(bytes: Buffer, secret: Buffer): number {
  const longest = Math.min(bytes.length, secret.length - 1);
  for (let length = longest; length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(secret.subarray(0, length))) return length;
  }
  return 0;
}
