import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Rendering } from "../../audit/audit.ts";
import { type AuditCaller, authOf, lineOf, requestOf } from "../../audit/lines.ts";
import { longestMount } from "../../mount-names.ts";
import { HttpError } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { originForm } from "../input/query.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { outcomeOf } from "./audit-outcome.ts";
import { pathFor, type Sent, sentBy } from "./audit-request.ts";
import { operationOf } from "./door.ts";
import { knownHolder, tokenOf } from "./guard.ts";
import { plainAddress } from "./network.ts";
import { isNowhere, routeOf } from "./offers.ts";
import { placeOf } from "./place.ts";
import { wrapTtlAsked } from "./wrapping.ts";

/** A request of which a line is kept. */
interface Kept {
  readonly sent: Sent;
  /** Its first line has been taken. */
  isBegun: boolean;
  /** There was no record of it, and so nothing was done: its answer says no more. */
  isRefused: boolean;
}

/**
 * Where audit is on, a line before a request is carried out and one before its answer leaves: without the first nothing is done,
 * without the second nothing is handed out (vault-http.md section 9). What is refused before it could be carried out has both
 * at its end. Routes that are the same for everybody are left out (`isOpen`). To be called before what enters a place of its own
 * (`trace-requests`): what goes on when a line was taken does so in another one.
 */
export function auditRequests(app: VaultApp, deps: Deps): void {
  const { audit } = deps;
  const kept = new WeakMap<FastifyRequest, Kept>();
  const keptOf = (request: FastifyRequest) => {
    const found = kept.get(request) ?? {
      sent: sentBy(request, operationOf(request)),
      isBegun: false,
      isRefused: false,
    };
    kept.set(request, found);
    return found;
  };
  app.addHook("preValidation", (request, _reply, done) => {
    // What was sent is another thing when it has been read.
    if (audit.isOn && !isOpen(request)) keptOf(request);
    done();
  });
  app.addHook("preHandler", (request, _reply, done) => {
    if (!audit.isOn || isOpen(request)) {
      done();
      return;
    }
    const one = keptOf(request);
    const line = (device: Rendering) => [requestLine(device, deps, request, one.sent)];
    audit.record(line, (problem) => {
      one.isBegun = problem === undefined;
      one.isRefused = problem !== undefined;
      done(problem === undefined ? undefined : blocked());
    });
  });
  auditAnswers(app, deps, (request) => (audit.isOn && !isOpen(request) ? keptOf(request) : undefined));
}

function auditAnswers(app: VaultApp, deps: Deps, keptOf: (request: FastifyRequest) => Kept | undefined): void {
  app.addHook("onSend", (request, reply, payload, done) => {
    const one = keptOf(request);
    if (!one || one.isRefused) {
      done(null, payload);
      return;
    }
    const lines = (device: Rendering) => [
      ...(one.isBegun ? [] : [requestLine(device, deps, request, one.sent)]),
      responseLine(device, deps, request, reply, { sent: one.sent, payload }),
    ];
    deps.audit.record(lines, (problem) => {
      done(null, problem === undefined ? payload : refusal(request, reply, payload));
    });
  });
}

/** Both lines of a request that is refused before a route could be looked for; calls back with why it may not be answered, if so. */
export function recordRefusal(
  deps: Pick<Deps, "audit" | "clock" | "isTrustedProxy" | "limiter" | "logger">,
  { method = "", url = "", headers, socket }: IncomingMessage,
  { id = randomUUID(), status, error }: { readonly id?: string; readonly status: number; readonly error: string },
  done: (problem: string | undefined) => void,
): void {
  const { audit, clock } = deps;
  if (!audit.isOn) {
    done(undefined);
    return;
  }
  const { address } = placeOf({ id, ip: plainAddress(socket.remoteAddress), headers }, deps);
  const caller = { secret: tokenOf(headers) };
  const operation = operationOf({ method, query: {} });
  const lines = ({ salted }: Rendering) => {
    const told = { id, operation, path: salted.of(url), address, port: socket.remotePort };
    const both = { auth: authOf(salted, caller), request: requestOf(salted, caller, told) };
    const now = clock.now();
    return [lineOf("request", now, both), lineOf("response", now, { ...both, response: { status }, error })];
  };
  audit.record(lines, done);
}

/** Takes the place of an answer that left no record; errors that are on their way as well. */
function refusal(request: FastifyRequest, reply: FastifyReply, payload: unknown): Buffer {
  discard(payload);
  for (const name of Object.keys(reply.getHeaders())) if (!KEPT_HEADERS.has(name)) reply.removeHeader(name);
  const { message } = blocked();
  const body = isVault(request)
    ? { errors: [message] }
    : { error: "temporarily_unavailable", error_description: message };
  reply.code(503).headers({
    "content-type": "application/json",
    "cache-control": "no-store",
    "retry-after": "1",
    "x-request-id": request.id,
  });
  return Buffer.from(`${JSON.stringify(body)}\n`);
}

function isVault(request: FastifyRequest): boolean {
  return (routeOf(request).url ?? originForm(request.raw.url ?? "")).startsWith("/v1/");
}

/** Of an answer that is not given; the others may tell of it. */
const KEPT_HEADERS: ReadonlySet<string> = new Set([
  "vary",
  "access-control-allow-origin",
  "access-control-expose-headers",
]);

export function blocked(): HttpError {
  return new HttpError(503, ["audit log not writable: nothing is answered without a record, see sys/health"]);
}

/** A stream that nobody reads goes on for nobody. */
function discard(payload: unknown): void {
  if (typeof payload !== "object" || payload === null || !("destroy" in payload)) return;
  if (typeof payload.destroy === "function") payload.destroy();
}

/** Without a caller, and the same for everybody: what is published, and what balancers ask. */
const OPEN =
  /^\/(?:|robots\.txt|docs(?:\/\*)?|walk(?:\/\*)?|livez|readyz|\.well-known\/.*|client\/.*|v1\/sys\/(?:health|seal-status|leader|init))$/;

function isOpen(request: FastifyRequest): boolean {
  const { url = "" } = routeOf(request);
  return isNowhere(request) ? !originForm(request.raw.url ?? "").startsWith("/v1/") : OPEN.test(url);
}

function callerIn(request: FastifyRequest, { broker, mounts }: Deps): AuditCaller {
  const { secret: inPath } = textsByName(request.params);
  const { principal, token = inPath ?? tokenOf(request.headers) } = knownHolder(request) ?? {};
  const secret = token;
  const session = secret === "" || principal ? undefined : broker.sessions.idOf(mounts.first, secret);
  return { secret, principal, session };
}

/** `auth` and `request`, which both lines have. */
function partsOf(device: Rendering, deps: Deps, request: FastifyRequest, sent: Sent): object {
  const { salted } = device;
  const caller = callerIn(request, deps);
  const { socket, id } = request;
  const path = pathFor(salted, request);
  const told = {
    ...{ id, operation: sent.operation, path },
    mount: routeOf(request).url?.startsWith("/v1/") ? mountOf(path, deps) : undefined,
    address: placeOf(request, deps).address,
    port: socket.remotePort,
    wrapTtl: wrapTtlAsked(request),
    data: sent.data(salted),
  };
  return { auth: authOf(salted, caller), request: requestOf(salted, caller, told) };
}

/** A method of logging in is a mount, too. */
function mountOf(path: string, { mounts }: Deps): string | undefined {
  const [, way] = /^(auth\/[^/]+\/)/.exec(path) ?? [];
  return way ?? longestMount([...mounts.paths().map((mount) => `${mount}/`), "sys/"], path);
}

function requestLine(device: Rendering, deps: Deps, request: FastifyRequest, sent: Sent): string {
  return lineOf("request", deps.clock.now(), partsOf(device, deps, request, sent));
}

function responseLine(
  device: Rendering,
  deps: Deps,
  request: FastifyRequest,
  { statusCode }: Pick<FastifyReply, "statusCode">,
  { sent, payload }: { readonly sent: Sent; readonly payload: unknown },
): string {
  const isAnything = WRAPPED.has(routeOf(request).url ?? "");
  const outcome = outcomeOf(device, { status: statusCode, payload, isVault: isVault(request), isAnything });
  const { error, ...response } = outcome;
  const path = isNowhere(request) ? [decoded(request.raw.url ?? "")] : [];
  const secrets = [tokenOf(request.headers), ...sent.texts, ...path];
  return lineOf("response", deps.clock.now(), {
    ...partsOf(device, deps, request, sent),
    response,
    ...(error !== undefined && { error: withoutSecrets(device, error, secrets) }),
  });
}

/** Shorter ones are words. Characters. */
const SHORTEST_SECRET = 6;

/** Their answers are whatever somebody has sent. */
const WRAPPED: ReadonlySet<string> = new Set(["/v1/sys/wrapping/wrap", "/v1/sys/wrapping/unwrap"]);

/** An error may name what was sent, or a part of it: one of a list, the beginning of a long text, a name in lower case. */
function withoutSecrets({ salted }: Rendering, text: string, secrets: readonly string[]): string {
  const told = secrets
    .filter((one) => one.length >= SHORTEST_SECRET)
    // One may begin with another, whose rest would be left.
    .toSorted((one, other) => other.length - one.length)
    .reduce((rest, one) => rest.replaceAll(one, salted.of(one)), text);
  const sent = secrets.join("\n").toLowerCase();
  const isSent = (part: string) => part.length >= SHORTEST_SECRET && sent.includes(part.toLowerCase());
  return told
    .replaceAll(/"([^"]+)"/g, (all, part: string) => (isSent(part) ? `"${salted.of(part)}"` : all))
    .replaceAll(/[^\s"'[\](),;]+(?<![.:])/g, (part) => (isSent(part) ? salted.of(part) : part));
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
