/**
 * The one door to the outside: deadline, address policy, size caps, no redirect, no retry. Owns how a request leaves and
 * how an answer is read; not what it says (protocol/).
 */
import type { SecureContext } from "node:tls";
import type { Dispatcher } from "undici";
import { errorCode } from "../error-code.ts";
import { type Clock, systemClock } from "../process/clock.ts";
import type { Fetch, FetchInit } from "../protocol/client.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import { type AddressPolicy, PUBLIC_ONLY } from "./address-policy.ts";
import { Answer } from "./answer.ts";
import { readResponse } from "./body.ts";
import { guardedConnector } from "./connector.ts";
import { type Deadline, orAborted, startDeadline } from "./deadline.ts";
import { type Egress, secureContextOf } from "./egress.ts";
import { policyFor } from "./reach.ts";
import { systemResolve } from "./resolve.ts";
import { createSlots, type Slots } from "./slots.ts";
import { findTarget, type Resolve, type Target } from "./target.ts";
import { undici } from "./undici.ts";
import { userAgentOf } from "./user-agent.ts";

/** requirements.md section 3. */
interface Limits {
  /** Milliseconds for the look-up, the connection and TLS. */
  readonly connect: number;
  /** Milliseconds from the connection to the end of the headers of the answer to a GET. */
  readonly headers: number;
  /** Milliseconds for everything, when the caller sets no signal. */
  readonly whole: number;
  /** Bytes of a body, as sent and decoded: for a GET (metadata, key sets) and for everything else. */
  readonly getBody: number;
  readonly postBody: number;
  /** By origin and path: tenants of one provider share its origin, and one that hangs must not delay the others (A16). */
  readonly connectionsPerEndpoint: number;
  readonly connections: number;
}

const LIMITS: Limits = {
  connect: 5_000,
  headers: 10_000,
  whole: 15_000,
  getBody: 1_048_576,
  postBody: 262_144,
  connectionsPerEndpoint: 6,
  connections: 512,
};

/** So long a request to a stranger's host waits for a connection: it holds a place of the queue, which others want too. */
const STRANGERS_WAIT_MS = 1_000;

/** Bytes of an answer's headers: policies and cookies of a login page's host can be 20 KB, beside the only copy of a token. */
const LARGEST_HEADERS = 65_536;

/** Why a connection ends when its answer is read; undici would make an exception with its stack each time. */
const OVER = new Error("the answer is read");

export interface GuardedFetchOptions extends Egress {
  readonly policy: AddressPolicy;
  readonly userAgent: string;
  readonly resolve?: Resolve;
  readonly clock?: Pick<Clock, "after">;
  readonly limits?: Partial<Limits>;
}

interface Door extends GuardedFetchOptions {
  readonly resolve: Resolve;
  readonly clock: Pick<Clock, "after">;
  readonly limits: Limits;
  readonly slots: Slots;
  readonly secureContext?: SecureContext;
}

/**
 * A `fetch` that reaches only what the policy allows and reads every answer to its end before it resolves; so a body that
 * breaks off is a failure, never a short answer. Every request has a connection of its own: an idle one may die just as a
 * one-time token is written to it. What strangers name is public, whatever the policy. Rejects with `TransportError` only; nothing stays open, so there is nothing to close.
 */
export function createGuardedFetch(options: GuardedFetchOptions): Fetch {
  const limits = { ...LIMITS, ...options.limits };
  const slots = createSlots(limits.connectionsPerEndpoint, limits.connections);
  const door: Door = {
    resolve: systemResolve(),
    clock: systemClock,
    ...options,
    ...secureContextOf(options),
    limits,
    slots,
  };
  return (input, init = {}) => pass(door, input, init);
}

async function pass(to: Door, input: string, init: FetchInit): Promise<Response> {
  const { stranger = false, reach } = init;
  const door = { ...to, policy: stranger ? PUBLIC_ONLY : policyFor(to.policy, reach, input) };
  const deadline = startDeadline(door.clock, init.signal ?? undefined, door.limits.whole);
  const progress = { connected: false };
  let release: (() => void) | undefined;
  try {
    deadline.signal.throwIfAborted();
    deadline.phase(door.limits.connect);
    const target = await orAborted(deadline.signal, findTarget(input, door.policy, door.resolve, door));
    deadline.lastPhase();
    const endpoint = target.url.origin + target.url.pathname;
    if (stranger) deadline.phase(STRANGERS_WAIT_MS);
    release = await door.slots.take({ endpoint, stranger }, deadline.signal);
    return await answer(door, target, init, deadline, progress);
  } catch (error) {
    throw asTransportError(error, progress.connected, deadline);
  } finally {
    release?.();
    deadline.done();
  }
}

async function answer(
  door: Door,
  target: Target,
  init: FetchInit,
  deadline: Deadline,
  progress: { connected: boolean },
): Promise<Response> {
  const request = requestOf(target.url, init, door.userAgent);
  const { policy, secureContext, limits } = door;
  const { signal } = deadline;
  const { maySend = () => true } = init;
  const onConnected = () => {
    progress.connected = true;
    // What may change something at the provider is waited for as long as its operation lasts: cut short it is in doubt.
    if (request.method === "GET") deadline.phase(limits.headers);
    else deadline.lastPhase();
  };
  const { Client } = await undici();
  deadline.phase(limits.connect);
  const guard = { policy, signal, maySend, onConnected, ...(secureContext && { secureContext }) };
  const client = new Client(target.url.origin, {
    connect: await guardedConnector(target, guard),
    maxHeaderSize: LARGEST_HEADERS,
    // Our own deadlines: undici's start again with every byte.
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 0,
  });
  try {
    const data = await Answer.to(client, request, signal, () => void client.destroy(OVER));
    deadline.lastPhase();
    return await readResponse(data, request.method === "GET" ? limits.getBody : limits.postBody, request.method);
  } finally {
    await client.destroy(OVER);
  }
}

function requestOf(url: URL, init: FetchInit, userAgent: string): Dispatcher.RequestOptions {
  const headers = new Headers(init.headers);
  headers.set("user-agent", userAgentOf(userAgent, init.label));
  headers.set("accept-encoding", "identity");
  const { body } = init;
  if (body instanceof URLSearchParams && !headers.has("content-type")) {
    headers.set("content-type", "application/x-www-form-urlencoded");
  }
  return {
    path: url.pathname + url.search,
    method: (init.method ?? "GET").toUpperCase() as Dispatcher.HttpMethod,
    headers: Object.fromEntries(headers),
    ...(body !== undefined && body !== null && { body: bytesOf(body) }),
  };
}

function bytesOf(body: NonNullable<RequestInit["body"]>): string | Uint8Array {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TransportError("url_refused", false, { cause: new TypeError("only text and bytes are sent") });
}

/** Before the connection stands nothing can have been written; after it, everything may have been. */
function asTransportError(error: unknown, connected: boolean, deadline: Deadline): TransportError {
  if (deadline.signal.aborted) return new TransportError(deadline.code(), connected, { cause: error });
  if (error instanceof TransportError) return error;
  if (errorCode(error) === "UND_ERR_HEADERS_OVERFLOW")
    return new TransportError("headers_too_large", true, { cause: error });
  return new TransportError(connected ? "reset" : "unreachable", connected, { cause: error });
}
