import { Readable } from "node:stream";
import type { SecureContext } from "node:tls";
import { Client, type Dispatcher } from "undici";
import { type Clock, systemClock } from "../process/clock.ts";
import type { Forward, Forwarded, ForwardRequest } from "../protocol/forward.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import type { AddressPolicy } from "./address-policy.ts";
import { guardedConnector } from "./connector.ts";
import { type Deadline, orAborted, startDeadline } from "./deadline.ts";
import { type Egress, secureContextOf } from "./egress.ts";
import { type Connection, createKeptConnections, KEPT_MS, type KeptConnections } from "./kept-connections.ts";
import { systemResolve } from "./resolve.ts";
import { createSlots, type Slots } from "./slots.ts";
import { findTarget, isConnectionAllowed, type Resolve, type Target } from "./target.ts";
import { unpack } from "./unpack.ts";

/** Milliseconds. An API may think for long, and a body may last as long as bytes keep coming. */
const LIMITS = { connect: 5_000, headers: 300_000, idle: 300_000 };

/** A clock's timer reaches so far. Milliseconds. */
const LONGEST_TIMER = 60_000;

/** Bytes of an answer's headers. */
const LARGEST_HEADERS = 65_536;

/** Open at a time: for one session, and in all. */
const CONNECTIONS = { perLane: 16, all: 256 };

export interface GuardedForwardOptions extends Egress {
  readonly policy: AddressPolicy;
  readonly resolve?: Resolve;
  readonly clock?: Pick<Clock, "after">;
}

const BYTES = { objectMode: false };

interface Door extends GuardedForwardOptions {
  readonly resolve: Resolve;
  readonly clock: Pick<Clock, "after">;
  readonly slots: Slots;
  readonly kept: KeptConnections;
  readonly secureContext?: SecureContext;
}

/**
 * Passes requests on under the same policy as the guarded fetch: checked addresses, no redirect. Only that bodies of any size
 * stream, and end when nothing moves for five minutes; and that a connection may serve another request of its lane, if that
 * is one that may be sent twice: a kept connection can die just then, and is tried again on a new one.
 */
export function createGuardedForward(options: GuardedForwardOptions): Forward {
  const slots = createSlots(CONNECTIONS.perLane, CONNECTIONS.all);
  const door: Door = {
    resolve: systemResolve(),
    ...options,
    ...secureContextOf(options),
    clock: patient(options.clock ?? systemClock),
    slots,
    kept: createKeptConnections(),
  };
  return (url, request) => pass(door, url, request);
}

function patient(clock: Pick<Clock, "after">): Pick<Clock, "after"> {
  return {
    after: (milliseconds, callback) => {
      let cancel = () => {};
      const arm = (left: number) => {
        const more = left - LONGEST_TIMER;
        cancel = more > 0 ? clock.after(LONGEST_TIMER, () => arm(more)) : clock.after(left, callback);
      };
      arm(milliseconds);
      return () => cancel();
    },
  };
}

async function pass(door: Door, url: string, request: ForwardRequest): Promise<Forwarded> {
  const deadline = startDeadline(door.clock, request.signal, LIMITS.headers);
  const ends: (() => unknown)[] = [deadline.done];
  const end = async () => {
    for (const one of ends.splice(0)) await one();
  };
  try {
    const { signal } = deadline;
    signal.throwIfAborted();
    ends.push(await door.slots.take({ endpoint: request.lane, stranger: false }, signal));
    deadline.phase(LIMITS.connect);
    const target = await orAborted(signal, findTarget(url, door.policy, door.resolve, door));
    const key = `${request.lane}\n${target.url.origin}`;
    const { connection, data } = await send(door, target, request, { deadline, key });
    let whole = false;
    ends.push(() => (whole ? door.kept.give(key, connection) : connection.client.destroy()));
    return answerOf(data, deadline, async (isWhole) => {
      whole = isWhole;
      await end();
    });
  } catch (error) {
    await end();
    if (error instanceof TransportError) throw error;
    const code = deadline.signal.aborted ? deadline.code() : "unreachable";
    throw new TransportError(code, true, { cause: error });
  }
}

interface Exchange {
  readonly deadline: Deadline;
  /** Of the connections that may serve it. */
  readonly key: string;
}

interface Sent {
  readonly connection: Connection;
  readonly data: Dispatcher.ResponseData;
}

/** RFC 9110 9.2.1 and 9.3.1: what may be sent twice, because nobody asked for anything to change. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

async function send(door: Door, target: Target, request: ForwardRequest, exchange: Exchange): Promise<Sent> {
  const { deadline, key } = exchange;
  // Also after the name has moved to another address.
  const isAllowed = (address = "") =>
    target.addresses.includes(address) && isConnectionAllowed(target, door.policy, address);
  const kept = SAFE.has(request.method) && !request.body ? door.kept.take(key, isAllowed) : undefined;
  if (kept) {
    deadline.phase(LIMITS.headers);
    const sent = await sendOn(kept, target, request, deadline).catch(() => undefined);
    if (sent) return sent;
    deadline.signal.throwIfAborted();
    deadline.phase(LIMITS.connect);
  }
  return sendOn(connectionTo(door, target, deadline), target, request, deadline);
}

async function sendOn(
  connection: Connection,
  { url }: Target,
  request: ForwardRequest,
  deadline: Deadline,
): Promise<Sent> {
  try {
    const { signal } = deadline;
    return { connection, data: await connection.client.request({ ...requestOf(url, request, deadline), signal }) };
  } catch (error) {
    await connection.client.destroy();
    throw error;
  }
}

function connectionTo({ policy, secureContext }: Door, target: Target, deadline: Deadline): Connection {
  // Its first request must not end it when that is over.
  const connecting = new AbortController();
  const giveUp = () => connecting.abort(deadline.signal.reason);
  deadline.signal.addEventListener("abort", giveUp, { once: true });
  const connected: { address?: string | undefined } = {};
  const onConnected = (address: string | undefined) => {
    deadline.signal.removeEventListener("abort", giveUp);
    deadline.phase(LIMITS.headers);
    connected.address = address;
  };
  const guard = {
    policy,
    signal: connecting.signal,
    onConnected,
    maySend: () => true,
    ...(secureContext && { secureContext }),
  };
  const client = new Client(target.url.origin, {
    connect: guardedConnector(target, guard),
    maxHeaderSize: LARGEST_HEADERS,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEPT_MS,
    keepAliveMaxTimeout: KEPT_MS,
  });
  return {
    client,
    get address() {
      return connected.address;
    },
  };
}

function requestOf(url: URL, { method, headers, body }: ForwardRequest, deadline: Deadline): Dispatcher.RequestOptions {
  return {
    path: url.pathname + url.search,
    method: method as Dispatcher.HttpMethod,
    headers: { ...headers },
    ...(body && {
      body: body instanceof Uint8Array ? body : Readable.from(moving(body, deadline, LIMITS.headers), BYTES),
    }),
  };
}

function answerOf(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  deadline: Deadline,
  end: (isWhole: boolean) => Promise<void>,
) {
  deadline.phase(LIMITS.idle);
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  // A packed body may be over before all was read that came: the rest is the connection's next answer to nobody.
  let isRead = false;
  const sent = async function* () {
    yield* moving(body, deadline, LIMITS.idle);
    isRead = true;
  };
  const unpacked = unpack({ headers: Object.fromEntries(given) as Forwarded["headers"], body: sent() });
  return {
    status: statusCode,
    headers: unpacked.headers,
    body: untilEnd(unpacked.body, (isWhole) => end(isWhole && isRead)),
    cancel: () => end(false),
  };
}

/** Each piece that comes gives the exchange another while. */
async function* moving(body: AsyncIterable<Uint8Array>, deadline: Deadline, milliseconds: number) {
  for await (const chunk of body) {
    deadline.phase(milliseconds);
    yield chunk;
  }
}

async function* untilEnd(body: AsyncIterable<Uint8Array>, end: (isWhole: boolean) => Promise<void>) {
  let isWhole = false;
  try {
    yield* body;
    isWhole = true;
  } finally {
    await end(isWhole);
  }
}
