import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { TokenView } from "../../broker/broker.ts";
import type { Deps } from "../app-types.ts";
import { isNamedHere } from "../gate/hosts.ts";
import { inOrder } from "../gate/in-order.ts";
import { endSpan } from "../gate/trace-requests.ts";
import { SESSION_TOKEN, sessionTokenData } from "../session/token.ts";
import { tokenEnvelope } from "../vault/token.ts";
import { framed } from "./frames.ts";
import { plainHeaders } from "./plain-headers.ts";

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Reads of valid tokens, which are most of what a broker is asked for, answered in the moment they come, without a promise: a plain
 * request with a token that is known, for what was read before and has not changed since. Whatever is out of the ordinary (a query,
 * a header that means something, an error of any kind) is left to the routes, which answer these requests with the same bytes.
 */
export function attachQuickReads(server: Server, deps: Deps, isClosing: () => boolean): void {
  const routes = server.listeners("request") as Listener[];
  const answer = quickReads(deps);
  server.removeAllListeners("request");
  const serve = inOrder((request, response) => {
    // A broker that stops tells its callers to come by another connection.
    if (!isClosing() && answer(request, response)) return;
    for (const route of routes) route(request, response);
  });
  server.on("request", serve);
}

/** A name that is its own path. */
const CREDS = /^\/v1\/(.+)\/creds\/([\w.-]+)$/;

interface Quick {
  readonly view: TokenView;
  /** As the log names it. */
  readonly route: string;
  readonly headers: readonly string[];
  readonly body: (view: TokenView, id: string, now: number) => string;
}

function quickReads(deps: Deps): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { clock, logger, trace } = deps;
  const find = finder(deps);
  return (request, response) => {
    const from = clock.monotonic();
    const found = request.method === "GET" ? find(request) : undefined;
    if (!found) return false;
    const span = trace?.request("GET", request.headers);
    const id = randomUUID();
    const body = found.body(found.view, id, clock.now());
    const length = Buffer.byteLength(body);
    response.writeHead(200, [
      ...found.headers,
      ...["cache-control", "no-store", "x-request-id", id],
      ...["content-type", "application/json", "content-length", String(length)],
    ]);
    // A text goes out with its head in one write; nobody has to encode what is ASCII.
    response.end(body, length === body.length ? "latin1" : "utf8");
    const milliseconds = Math.round(clock.monotonic() - from);
    endSpan(span, "GET", found.route, 200);
    logger.info("request", { requestId: id, method: "GET", route: found.route, status: 200, milliseconds });
    return true;
  };
}

/** What a request is answered from, if nothing about it is out of the ordinary. */
function finder(deps: Deps): (request: IncomingMessage) => Quick | undefined {
  const { broker, mounts, recognize, allowedOrigins } = deps;
  const [ofSessions = ""] = mounts;
  // An answer to whom pages may ask says that it depends on the page.
  const hasSessions = mounts.length > 0 && !allowedOrigins?.size;
  const credsBody = framed((view, id) => tokenEnvelope({ id }, view));
  const sessionBody = framed(sessionTokenData);
  return (request) => {
    const { url = "" } = request;
    const headers = plainHeaders(request);
    if (!headers || !isNamedHere(deps, headers.host, request.socket.localAddress)) return undefined;
    const { token, bearer } = headers;
    if (url === SESSION_TOKEN) {
      const view = bearer === undefined || !hasSessions ? undefined : broker.sessions.readyToken(ofSessions, bearer);
      return view && { view, route: url, headers: ["pragma", "no-cache"], body: sessionBody };
    }
    const [, mount = "", name = ""] = CREDS.exec(url) ?? [];
    if (!mounts.includes(mount)) return undefined;
    const path = url.slice("/v1/".length);
    const caller = recognize?.(token ?? bearer ?? "");
    if (!caller?.acl.permits("read", path, {}) || caller.token?.boundCidrs) return undefined;
    const view = broker.readyToken(mount, name);
    return view && { view, route: `/v1/${mount}/creds/*`, headers: [], body: credsBody };
  };
}
