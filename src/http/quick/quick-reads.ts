import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Principal } from "../../access/authenticator.ts";
import type { TokenView } from "../../broker/broker.ts";
import type { Deps } from "../app-types.ts";
import { isNamedHere } from "../gate/hosts.ts";
import { inOrder } from "../gate/in-order.ts";
import { endSpan } from "../gate/trace-requests.ts";
import { SESSION_TOKEN, sessionTokenData } from "../session/token.ts";
import { tokenEnvelope } from "../vault/token.ts";
import { framed } from "./frames.ts";
import { quickLines } from "./lines.ts";
import { plainHeaders } from "./plain-headers.ts";

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Reads of valid tokens, which are most of what a broker is asked for, answered in the moment they come, without a promise: a plain
 * request with a token that is known, for what was read before and has not changed since. Whatever is out of the ordinary (a query,
 * a header that means something, an error of any kind) is left to the routes, which answer these requests with the same bytes.
 */
export function attachQuickReads(server: Server, deps: Deps, isClosing: () => boolean): void {
  const routes = server.listeners("request") as Listener[];
  const toRoutes: Listener = (request, response) => {
    for (const route of routes) route(request, response);
  };
  const answer = quickReads(deps, toRoutes);
  server.removeAllListeners("request");
  const serve = inOrder((request, response) => {
    // A broker that stops tells its callers to come by another connection.
    if (!isClosing() && answer(request, response)) return;
    toRoutes(request, response);
  });
  server.on("request", serve);
}

/** A name that is its own path. */
const CREDS = /^\/v1\/(.+)\/creds\/([\w.-]+)$/;

/** What a read is answered with, and by whom it is asked. */
interface Quick {
  readonly view: TokenView;
  /** The secret that was brought. */
  readonly secret: string;
  /** Its caller, or else a session's. */
  readonly principal?: Principal;
  readonly mount: string;
  /** As the log names it. */
  readonly route: string;
  readonly headers: readonly string[];
  readonly body: (view: TokenView, id: string, now: number) => string;
}

function quickReads(deps: Deps, toRoutes: Listener): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { clock, audit } = deps;
  const find = finder(deps);
  const linesOf = quickLines(deps);
  const send = sender(deps);
  return (request, response) => {
    const from = clock.monotonic();
    const found = request.method === "GET" && (!audit.isOn || audit.problem === undefined) ? find(request) : undefined;
    if (!found) return false;
    const id = randomUUID();
    if (!audit.isOn) {
      send(request, response, { found, id, from });
      return true;
    }
    // Both lines at once: nothing is done for a read that could need one before it.
    audit.record(linesOf(request, found, id), (problem) => {
      if (problem === undefined) send(request, response, { found, id, from });
      else toRoutes(request, response);
    });
    return true;
  };
}

interface Answer {
  readonly found: Quick;
  readonly id: string;
  /** Monotonic milliseconds. */
  readonly from: number;
}

function sender({ clock, logger, trace }: Deps) {
  return (request: IncomingMessage, response: ServerResponse, { found, id, from }: Answer) => {
    const span = trace?.request("GET", request.headers);
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
      const about = { secret: bearer ?? "", mount: ofSessions, route: url };
      return view && { ...about, view, headers: ["pragma", "no-cache"], body: sessionBody };
    }
    const [, mount = "", name = ""] = CREDS.exec(url) ?? [];
    if (!mounts.includes(mount)) return undefined;
    const path = url.slice("/v1/".length);
    const secret = token ?? bearer ?? "";
    const principal = recognize?.(secret);
    if (!principal?.acl.permits("read", path, {}) || principal.token?.boundCidrs) return undefined;
    const view = broker.readyToken(mount, name);
    return view && { view, secret, principal, mount, route: `/v1/${mount}/creds/*`, headers: [], body: credsBody };
  };
}
