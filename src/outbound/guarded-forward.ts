import { Readable } from "node:stream";
import { Client, type Dispatcher } from "undici";
import { type Clock, systemClock } from "../clock.ts";
import type { Forward, Forwarded, ForwardRequest } from "../protocol/forward.ts";
import { TransportError } from "../protocol/transport-error.ts";
import type { AddressPolicy } from "./address-policy.ts";
import { guardedConnector } from "./connector.ts";
import { type Deadline, orAborted, startDeadline } from "./deadline.ts";
import { systemResolve } from "./resolve.ts";
import { createSlots, type Slots } from "./slots.ts";
import { findTarget, type Resolve, type Target } from "./target.ts";

/** Milliseconds. An API may think for long, and a body may last as long as bytes keep coming. */
const LIMITS = { connect: 5_000, headers: 300_000, idle: 300_000 };

/** A clock's timer reaches so far. Milliseconds. */
const LONGEST_TIMER = 60_000;

/** Bytes of an answer's headers. */
const LARGEST_HEADERS = 65_536;

/** Open at a time: for one session, and in all. */
const CONNECTIONS = { perLane: 16, all: 256 };

export interface GuardedForwardOptions {
  readonly policy: AddressPolicy;
  readonly resolve?: Resolve;
  readonly clock?: Pick<Clock, "after">;
  /** Roots in PEM instead of the system's. */
  readonly ca?: string;
}

const BYTES = { objectMode: false };

interface Door extends GuardedForwardOptions {
  readonly resolve: Resolve;
  readonly clock: Pick<Clock, "after">;
  readonly slots: Slots;
}

/**
 * Passes requests on under the same policy as the guarded fetch: checked addresses, no redirect, no retry, a connection each.
 * Only that bodies of any size stream, and end when nothing moves for five minutes.
 */
export function createGuardedForward(options: GuardedForwardOptions): Forward {
  const slots = createSlots(CONNECTIONS.perLane, CONNECTIONS.all);
  const door: Door = { resolve: systemResolve(), ...options, clock: patient(options.clock ?? systemClock), slots };
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
    ends.push(await door.slots.take(request.lane, signal));
    deadline.phase(LIMITS.connect);
    const target = await orAborted(signal, findTarget(url, door.policy, door.resolve));
    const client = clientFor(door, target, deadline);
    ends.push(() => client.destroy());
    const data = await client.request({ ...requestOf(target.url, request, deadline), signal });
    return answerOf(data, deadline, end);
  } catch (error) {
    await end();
    if (error instanceof TransportError) throw error;
    const code = deadline.signal.aborted ? deadline.code() : "unreachable";
    throw new TransportError(code, true, { cause: error });
  }
}

function clientFor({ policy, ca }: Door, target: Target, deadline: Deadline): Client {
  const { signal } = deadline;
  const onConnected = () => deadline.phase(LIMITS.headers);
  const guard = { policy, signal, onConnected, maySend: () => true, ...(ca !== undefined && { ca }) };
  return new Client(target.url.origin, {
    connect: guardedConnector(target, guard),
    maxHeaderSize: LARGEST_HEADERS,
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 0,
  });
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
  end: () => Promise<void>,
) {
  deadline.phase(LIMITS.idle);
  return {
    status: statusCode,
    headers: Object.fromEntries(
      Object.entries(headers).filter(([, value]) => value !== undefined),
    ) as Forwarded["headers"],
    body: untilEnd(moving(body, deadline, LIMITS.idle), end),
    cancel: end,
  };
}

/** Each piece that comes gives the exchange another while. */
async function* moving(body: AsyncIterable<Uint8Array>, deadline: Deadline, milliseconds: number) {
  for await (const chunk of body) {
    deadline.phase(milliseconds);
    yield chunk;
  }
}

async function* untilEnd(body: AsyncIterable<Uint8Array>, end: () => Promise<void>) {
  try {
    yield* body;
  } finally {
    await end();
  }
}
