import { EventReader, eventText, type ServerEvent } from "../../../mcp/event-stream.ts";
import { BrokerError } from "../../errors.ts";
import { newId } from "../../process/random.ts";
import type { WithoutToken } from "../token-search.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Exchange, SESSION_HEADER } from "./exchange.ts";

/** What names the address in ours. */
const PARAMETER = "coatcheck-endpoint";

/** The first event of a stream of 2024-11-05 is an address. Bytes. */
const LONGEST_FIRST = 8_192;

/** Its name in HTTP+SSE of 2024-11-05. */
const NAME = "endpoint";

/** What a caller of HTTP+SSE of 2024-11-05 does not send: it knows no session, no version and no place to go on from. */
const LATER = [SESSION_HEADER, "mcp-protocol-version", "last-event-id"];

/** Whether a stream may be one of that transport. */
export function mayNameEndpoint({ request, headers }: Exchange): boolean {
  return request.method === "GET" && LATER.every((name) => headers[name] === undefined);
}

/**
 * MCP-B10: a stream of 2024-11-05 says first where to post. That is kept here, and its caller is told an address of ours which
 * stands for it; all else comes as it is. Throws `BrokerError` for an address of another origin (MCP-T1).
 */
export class NamingEndpoint implements AsyncIterableIterator<Uint8Array> {
  readonly #pieces: WithoutToken;
  /** What has come of the first event, and whose stream it is; undefined once it is over. */
  #first: Buffer | undefined = Buffer.alloc(0);
  #exchange: Exchange | undefined;

  constructor(exchange: Exchange, body: WithoutToken) {
    this.#exchange = exchange;
    this.#pieces = body;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return this.#first === undefined ? this.#pieces.next() : this.#begin(this.#first);
  }

  async #begin(begun: Buffer): Promise<IteratorResult<Uint8Array, undefined>> {
    let first = begun;
    let end: number | undefined;
    while (end === undefined && first.length < LONGEST_FIRST) {
      const { done, value } = await this.#pieces.next();
      if (done) break;
      first = Buffer.concat([first, value]);
      end = endOfFirst(first);
    }
    this.#first = undefined;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    const [event] = end === undefined ? [] : new EventReader(LONGEST_FIRST).push(first.subarray(0, end));
    if (exchange && event?.event === NAME)
      first = Buffer.concat([Buffer.from(ours(exchange, event)), first.subarray(end)]);
    return first.length === 0 ? { done: true, value: undefined } : { done: false, value: first };
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    return this.#pieces.return();
  }
}

/** Behind the empty line that ends it. */
function endOfFirst(bytes: Buffer): number | undefined {
  const found = /\r\n\r\n|\n\n|\r\r/.exec(bytes.toString("latin1"));
  return found ? found.index + found[0].length : undefined;
}

function ours({ context, found, endpoint }: Exchange, event: ServerEvent): string {
  const url = URL.parse(event.data, endpoint?.url);
  if (!url || url.origin !== new URL(endpoint?.url ?? "").origin)
    throw new BrokerError(
      "repeat",
      "the server's stream names an address at another origin, where its token must not go: tell whoever runs that server",
      {
        code: "foreign_redirect",
      },
    );
  const id = newId();
  context.caches.gateway.endpoints.set(`${found.id}\n${id}`, url);
  return eventText({ ...event, data: `?${PARAMETER}=${id}` });
}

/** Where a request goes whose caller was told such an address. Throws `BrokerError` for one that nobody knows any more. */
export function postedTo({ context, found, request, endpoint }: Exchange): Endpoint | undefined {
  const id = new URLSearchParams(request.query).get(PARAMETER);
  if (id === null || !endpoint) return endpoint;
  const url = context.caches.gateway.endpoints.get(`${found.id}\n${id}`);
  if (url === undefined) throw new BrokerError("absent", "no such stream: connect again");
  return { ...endpoint, url: url.href };
}
