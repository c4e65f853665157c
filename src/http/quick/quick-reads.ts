import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Principal } from "../../access/authenticator.ts";
import type { TokenView } from "../../broker/broker.ts";
import type { Deps } from "../app-types.ts";
import { isNamedHere } from "../gate/hosts.ts";
import { inOrder } from "../gate/in-order.ts";
import { endSpan } from "../gate/trace-requests.ts";
import { MOUNT } from "../input/mounted.ts";
import { SESSION_TOKEN, sessionTokenData } from "../session/token.ts";
import { tokenEnvelope } from "../vault/token.ts";
import { AskedBefore } from "./asked-before.ts";
import { type Body, framed } from "./frames.ts";
import { quickLines } from "./lines.ts";
import { BEARER, type PlainHeaders, plainHeaders } from "./plain-headers.ts";

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

/** What the bytes of a request say by themselves, worked out once where they come again. */
interface Read {
  readonly mount: string;
  /** As the log names it. */
  readonly route: string;
  /** The secret that was brought; whoever keeps this must not keep that. */
  readonly secretIn: (request: IncomingMessage) => string;
  /** It names a trace of its caller's. */
  readonly isTraced: boolean;
  /** Those of the answer. */
  readonly headers: (id: string, length: string) => string[];
  readonly body: (view: TokenView, id: string, now: number) => Body;
  /** Judged anew each time. */
  readonly find: () => Found | undefined;
}

/** What a read is answered with, and by whom it is asked: a caller, or else a session. */
interface Found {
  readonly view: TokenView;
  readonly principal?: Principal;
}

function quickReads(deps: Deps, toRoutes: Listener): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { clock, audit } = deps;
  const readIn = reader(deps);
  const linesOf = quickLines(deps);
  const send = sender(deps);
  return (request, response) => {
    const from = clock.monotonic();
    const read = request.method === "GET" && (!audit.isOn || audit.problem === undefined) ? readIn(request) : undefined;
    const found = read?.find();
    if (!read || !found) return false;
    const id = randomUUID();
    const answer = { read, view: found.view, id, from };
    if (!audit.isOn) {
      send(request, response, answer);
      return true;
    }
    // Both lines at once: nothing is done for a read that could need one before it.
    const told = { ...found, mount: read.mount, secret: read.secretIn(request) };
    audit.record(linesOf(request, told, id), (problem) => {
      if (problem === undefined) send(request, response, answer);
      else toRoutes(request, response);
    });
    return true;
  };
}

/** Those of a request are an object that Node makes when it is asked for. */
const NO_HEADERS = {};

interface Answer {
  readonly read: Read;
  readonly view: TokenView;
  readonly id: string;
  /** Monotonic milliseconds. */
  readonly from: number;
}

function sender({ clock, logger, trace }: Deps) {
  return (request: IncomingMessage, response: ServerResponse, { read, view, id, from }: Answer) => {
    const span = trace?.request("GET", read.isTraced ? request.headers : NO_HEADERS);
    const { text, bytes } = read.body(view, id, clock.now());
    response.writeHead(200, read.headers(id, String(bytes)));
    // A text goes out with its head in one write; nobody has to encode what is ASCII.
    response.end(text, bytes === text.length ? "latin1" : "utf8");
    const milliseconds = Math.round(clock.monotonic() - from);
    endSpan(span, "GET", read.route, 200);
    logger.info("request", { requestId: id, method: "GET", route: read.route, status: 200, milliseconds });
  };
}

/** What a request asks for, if nothing about it is out of the ordinary. */
function reader(deps: Deps): (request: IncomingMessage) => Read | undefined {
  const workOut = readOf(deps);
  const before = new AskedBefore<Read>();
  return ({ url = "", rawHeaders, socket }) => {
    const request = { url, rawHeaders, socket };
    const kept = before.of(request);
    if (kept) return kept;
    const headers = plainHeaders(request);
    const read = headers && isNamedHere(deps, headers.host, socket.localAddress) ? workOut(url, headers) : undefined;
    // Only of those who are given something: strangers fill nothing.
    if (headers && read?.find()) before.keep(request, headers.secretAt, read);
    return read;
  };
}

function readOf(deps: Deps): (url: string, headers: PlainHeaders) => Read | undefined {
  const { broker, mounts, recognizer, allowedOrigins } = deps;
  const ofSessions = mounts.first;
  // An answer to whom pages may ask says that it depends on the page.
  const hasSessions = ofSessions !== "" && !allowedOrigins?.size;
  const ofCreds = { headers: headersOf, body: framed((view, id) => tokenEnvelope({ id }, view)) };
  const ofSession = { headers: sessionHeaders, body: framed(sessionTokenData) };
  return (url, { secret, isBearer, secretAt, isTraced }) => {
    const secretIn = ({ rawHeaders }: IncomingMessage) =>
      (rawHeaders[secretAt] ?? "").slice(isBearer ? BEARER.length : 0);
    if (url === SESSION_TOKEN) {
      if (!isBearer || !hasSessions) return undefined;
      const token = broker.sessions.readyToken(ofSessions, secret);
      const find = () => {
        const view = token();
        return view && { view };
      };
      return { mount: ofSessions, route: url, isTraced, secretIn, ...ofSession, find };
    }
    const [, mount = "", name = ""] = CREDS.exec(url) ?? [];
    const found = mounts.at(mount);
    if (!found || !recognizer) return undefined;
    const token = found.made ? tokenAt(deps, mount, name) : broker.readyToken(found.place, name);
    const find = permitted(recognizer(secret), url.slice("/v1/".length), token);
    return { mount, route: `/v1/${found.made ? MOUNT : mount}/creds/*`, isTraced, secretIn, ...ofCreds, find };
  };
}

/** Below a path where another mount may be by now, or none. */
function tokenAt({ broker, mounts }: Deps, path: string, name: string): () => TokenView | undefined {
  let known: { readonly place: string; readonly token: () => TokenView | undefined } | undefined;
  return () => {
    const place = mounts.at(path)?.place;
    if (place === undefined) return undefined;
    if (known?.place !== place) known = { place, token: broker.readyToken(place, name) };
    return known.token();
  };
}

function permitted(
  caller: () => Principal | undefined,
  path: string,
  token: () => TokenView | undefined,
): () => Found | undefined {
  let judged: Principal | undefined;
  return () => {
    const principal = caller();
    if (!principal) return undefined;
    // Whose policies or token have changed is another object.
    if (principal !== judged) {
      if (!principal.acl.permits("read", path, {}) || principal.token?.boundCidrs) return undefined;
      judged = principal;
    }
    const view = token();
    return view && { view, principal };
  };
}

function headersOf(id: string, length: string): string[] {
  const type = "application/json";
  return ["cache-control", "no-store", "x-request-id", id, "content-type", type, "content-length", length];
}

function sessionHeaders(id: string, length: string): string[] {
  return ["pragma", "no-cache", ...headersOf(id, length)];
}
