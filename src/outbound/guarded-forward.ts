import { Readable } from "node:stream";
import type { SecureContext } from "node:tls";
import type { Dispatcher } from "undici";
import { type Clock, systemClock } from "../process/clock.ts";
import type { Forward, Forwarded, ForwardRequest } from "../protocol/forward.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import { type AddressPolicy, PUBLIC_ONLY } from "./address-policy.ts";
import { Answer } from "./answer.ts";
import { guardedConnector } from "./connector.ts";
import { type Deadline, orAborted, startDeadline } from "./deadline.ts";
import { type Egress, secureContextOf } from "./egress.ts";
import { Held } from "./held.ts";
import { type Connection, createKeptConnections, KEPT_MS, type KeptConnections } from "./kept-connections.ts";
import { type Manner, type MannerName, manners, patient, SAFE } from "./manners.ts";
import { policyFor } from "./reach.ts";
import { systemResolve } from "./resolve.ts";
import { createSlots, type Slots } from "./slots.ts";
import { findTarget, isConnectionAllowed, type Resolve, type Target } from "./target.ts";
import { undici } from "./undici.ts";
import { unpack } from "./unpack.ts";

/** Bytes of an answer's headers. */
const LARGEST_HEADERS = 65_536;

export interface GuardedForwardOptions extends Egress {
  readonly policy: AddressPolicy;
  readonly resolve?: Resolve;
  readonly clock?: Pick<Clock, "after">;
  /** By default `requests`. */
  readonly manner?: MannerName;
}

const BYTES = { objectMode: false };

interface Door extends Omit<GuardedForwardOptions, "manner">, Manner {
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
  const manner: Manner = manners[options.manner ?? "requests"];
  const { perLane, all } = manner.connections;
  const door: Door = {
    ...manner,
    resolve: systemResolve(),
    ...options,
    ...secureContextOf(options),
    clock: patient(options.clock ?? systemClock),
    slots: createSlots(perLane, all),
    kept: createKeptConnections(),
  };
  return (url, request) => pass(door, url, request);
}

async function pass(to: Door, url: string, request: ForwardRequest): Promise<Forwarded> {
  const { stranger = false, reach } = request;
  const door = { ...to, policy: stranger ? PUBLIC_ONLY : policyFor(to.policy, reach, url) };
  const deadline = startDeadline(door.clock, request.signal, door.limits.headers);
  let release = () => {};
  try {
    const { signal } = deadline;
    signal.throwIfAborted();
    release = await door.slots.take({ endpoint: request.lane, stranger: false }, signal);
    deadline.phase(door.limits.connect);
    const target = await orAborted(signal, findTarget(url, door.policy, door.resolve, door));
    const key = `${request.lane}\n${target.url.origin}`;
    const { connection, answer } = await send(door, target, request, { deadline, key });
    const done = limit(door, answer, deadline, request.signal);
    return await forwarded(answer, new Held({ kept: door.kept, key, connection, release, done }));
  } catch (error) {
    deadline.done();
    release();
    if (error instanceof TransportError) throw error;
    const code = deadline.signal.aborted ? deadline.code() : "unreachable";
    throw new TransportError(code, true, { cause: error });
  }
}

/** Each piece that comes gives an answer another while; what is to be called at its end. */
function limit({ limits }: Door, answer: Answer, deadline: Deadline, signal: AbortSignal): (() => void) | undefined {
  if (limits.idle === Number.POSITIVE_INFINITY) {
    // It may last for days, and there may be thousands: nothing is kept for it but who ends it.
    deadline.done();
    answer.follow(signal);
    return undefined;
  }
  answer.onPiece = () => deadline.phase(limits.idle);
  answer.onPiece();
  return deadline.done;
}

interface Exchange {
  readonly deadline: Deadline;
  /** Of the connections that may serve it. */
  readonly key: string;
}

interface Sent {
  readonly connection: Connection;
  readonly answer: Answer;
}

async function send(door: Door, target: Target, request: ForwardRequest, exchange: Exchange): Promise<Sent> {
  const { deadline, key } = exchange;
  // Also after the name has moved to another address.
  const isAllowed = (address = "") =>
    target.addresses.includes(address) && isConnectionAllowed(target, door.policy, address);
  const isStream = request.body !== undefined && !(request.body instanceof Uint8Array);
  const kept = door.reuses(request.method) && !isStream ? door.kept.take(key, isAllowed) : undefined;
  if (kept) {
    deadline.phase(door.limits.headers);
    const sent = await sendOn(door, kept, target, request, deadline).catch((error: unknown) => {
      // It died just then. What may have been carried out is not sent again.
      if (!SAFE.has(request.method)) throw error;
    });
    if (sent) return sent;
    deadline.signal.throwIfAborted();
    deadline.phase(door.limits.connect);
  }
  return sendOn(door, await connectionTo(door, target, deadline), target, request, deadline);
}

async function sendOn(
  door: Door,
  connection: Connection,
  { url }: Target,
  request: ForwardRequest,
  deadline: Deadline,
): Promise<Sent> {
  try {
    const options = requestOf(door, url, request, deadline);
    return { connection, answer: await Answer.to(connection.client, options, deadline.signal) };
  } catch (error) {
    await connection.client.destroy();
    throw error;
  }
}

async function connectionTo(
  { policy, secureContext, limits }: Door,
  target: Target,
  deadline: Deadline,
): Promise<Connection> {
  // Its first request must not end it when that is over.
  const connecting = new AbortController();
  const giveUp = () => connecting.abort(deadline.signal.reason);
  deadline.signal.addEventListener("abort", giveUp, { once: true });
  const connected: { address?: string | undefined } = {};
  const onConnected = (address: string | undefined) => {
    deadline.signal.removeEventListener("abort", giveUp);
    deadline.phase(limits.headers);
    connected.address = address;
  };
  const guard = {
    policy,
    signal: connecting.signal,
    onConnected,
    maySend: () => true,
    ...(secureContext && { secureContext }),
  };
  const { Client } = await undici();
  const client = new Client(target.url.origin, {
    connect: await guardedConnector(target, guard),
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

function requestOf(
  { limits }: Door,
  url: URL,
  { method, headers, body }: ForwardRequest,
  deadline: Deadline,
): Dispatcher.RequestOptions {
  return {
    path: url.pathname + url.search,
    method: method as Dispatcher.HttpMethod,
    headers: { ...headers },
    ...(body && {
      body: body instanceof Uint8Array ? body : Readable.from(moving(body, deadline, limits.headers), BYTES),
    }),
  };
}

/** Rejects where it cannot be read, and holds nothing of it then. */
async function forwarded(answer: Answer, held: Held): Promise<Forwarded> {
  const unpacked = await unpackedOf(answer).catch(async (error: unknown) => {
    await held.end(false);
    throw error;
  });
  const isPlain = unpacked.body === answer;
  if (isPlain) answer.onEnd = (isWhole) => held.end(isWhole);
  return {
    status: answer.status,
    headers: unpacked.headers,
    // A packed body may be over before all was read that came: the rest is the connection's next answer to nobody.
    body: isPlain ? answer : untilEnd(unpacked.body, (isWhole) => held.end(isWhole && answer.isRead)),
    ...(isPlain && { takeWhole: () => answer.takeWhole() }),
    cancel: () => held.end(false),
  };
}

async function unpackedOf(answer: Answer) {
  const given = Object.entries(answer.headers).filter(([, value]) => value !== undefined);
  return unpack({ headers: Object.fromEntries(given) as Forwarded["headers"], body: answer });
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
