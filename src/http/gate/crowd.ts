import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyRequest } from "fastify";
import { BrokerError, limited } from "../../broker/errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../../process/limits.ts";
import type { AppOptions } from "../app-types.ts";
import type { BodyAccount } from "../input/read-body.ts";
import { hasBody, swallow, whenOver } from "./exchange.ts";
import { networkOf, plainAddress, SOCKET } from "./network.ts";
import { routeOf } from "./offers.ts";
import { placeOf } from "./place.ts";
import { Tally } from "./tally.ts";
import { sendAway, streamsOn } from "./transport.ts";

/** An answer that its reader does not take is given up. Milliseconds. */
const UNREAD_MS = 30_000;

/** Refused connections that are told why, at once. */
const MOST_LEAVING = 256;

/** Whoever watches the broker is answered in a crowd too, or would start it again. */
const ALWAYS: ReadonlySet<string> = new Set(["/v1/sys/health", "/livez", "/readyz"]);

interface Connection {
  readonly socket: Duplex;
  /** Undefined where it says nothing of who is there: a socket of this machine, a trusted proxy. */
  readonly network: string | undefined;
  /** Requests that are not answered yet. */
  working: number;
  /** Frees what is counted of its body. */
  giveBack?: () => void;
}

const MIB = 1_048_576;

/**
 * How many are here at once, in all and of one address. Whoever is idle makes room for whoever comes, the longest first, and so
 * does a body that is late: a stranger who holds many connections open, begins headers or sends no body keeps nobody out.
 * Behind a trusted proxy requests and bodies count by the client's address, and the proxy's connections only in all.
 */
export class Crowd {
  readonly #deps: AppOptions;
  readonly #limits: Limits;
  readonly #connections = new Map<Duplex, Connection>();
  /** Without a request at work, since the longest first. */
  readonly #idle = new Set<Connection>();
  /** With a body that has not come, the oldest first. */
  readonly #late = new Set<Connection>();
  readonly #byNetwork = { connections: new Tally(), requests: new Tally(), bodies: new Tally() };
  /** Answered when something happens, the oldest first. */
  readonly #waiting = new Set<Connection>();
  /** Refused connections that are read out to their end. */
  #leaving = 0;
  #requests = 0;
  #bodies = 0;

  constructor(deps: AppOptions) {
    this.#deps = deps;
    this.#limits = deps.limits ?? DEFAULT_LIMITS;
  }

  attach(server: Server): void {
    server.on("connection", (socket) => this.#enter(socket));
    server.on("request", (request, response) => this.#begin(request, response));
  }

  /** Hook: a request is let in, or told when to come again. Throws `BrokerError`. */
  async admit(request: FastifyRequest, { raw }: { readonly raw: ServerResponse }): Promise<void> {
    if (ALWAYS.has(routeOf(request).url ?? "")) return;
    const network = this.#networkOf(request);
    const { requests } = this.#byNetwork;
    if (requests.count(network) >= this.#limits["address-requests"]) throw this.#crowded("address-requests", network);
    const { socket } = request.raw;
    const isFull = this.#requests >= this.#limits.requests;
    if (isFull && !this.#cut(this.#late, socket) && !this.#cut(this.#waiting, socket)) throw this.#crowded("requests");
    this.#requests += 1;
    requests.add(network, 1);
    whenOver(raw, () => {
      this.#requests -= 1;
      requests.add(network, -1);
    });
  }

  givesWay(response: ServerResponse): void {
    const connection = this.#connections.get(response.req.socket);
    if (!connection) return;
    this.#waiting.add(connection);
    whenOver(response, () => this.#waiting.delete(connection));
  }

  accountOf(request: FastifyRequest, { isKnown } = { isKnown: false }): BodyAccount {
    const network = isKnown ? undefined : this.#networkOf(request);
    const { bodies } = this.#byNetwork;
    let taken = 0;
    const change = (bytes: number) => {
      taken += bytes;
      this.#bodies += bytes;
      bodies.add(network, bytes);
    };
    const giveBack = () => change(-taken);
    const connection = this.#connections.get(request.raw.socket);
    if (connection) connection.giveBack = giveBack;
    return {
      giveBack,
      take: (bytes) => {
        if (bodies.count(network) + bytes > this.#limits["address-bodies"] * MIB)
          throw this.#crowded("address-bodies", network);
        const isFull = this.#bodies + bytes > this.#limits.bodies * MIB;
        if (isFull && !this.#cut(this.#late, request.raw.socket)) throw this.#crowded("bodies");
        change(bytes);
      },
    };
  }

  #enter(socket: Duplex & { readonly remoteAddress?: string | undefined }): void {
    // A parser of its own for the same socket: see transport.
    if (this.#connections.has(socket)) return;
    const address = plainAddress(socket.remoteAddress);
    const network = this.#isSomebody(address) ? networkOf(address) : undefined;
    const refused = this.#makeRoom(network);
    if (refused !== undefined) {
      this.#sendAway(socket, refused);
      return;
    }
    const connection: Connection = { socket, network, working: 0 };
    this.#connections.set(socket, connection);
    this.#idle.add(connection);
    this.#byNetwork.connections.add(network, 1);
    socket.once("close", () => this.#leave(connection));
  }

  /** Politely, unless too many are on their way out as well. */
  #sendAway(socket: Duplex, refused: "TOO_MANY_OF_ADDRESS" | "TOO_MANY"): void {
    if (this.#leaving >= MOST_LEAVING) {
      socket.destroy();
      return;
    }
    this.#leaving += 1;
    socket.once("close", () => {
      this.#leaving -= 1;
    });
    sendAway(socket, this.#deps.clock, refused);
  }

  #leave(connection: Connection): void {
    if (!this.#connections.delete(connection.socket)) return;
    this.#idle.delete(connection);
    this.#late.delete(connection);
    this.#waiting.delete(connection);
    this.#byNetwork.connections.add(connection.network, -1);
  }

  /** For one more connection; undefined, or why there is none. */
  #makeRoom(network: string | undefined): "TOO_MANY_OF_ADDRESS" | "TOO_MANY" | undefined {
    const { connections } = this.#byNetwork;
    if (connections.count(network) >= this.#limits["address-connections"]) {
      const idle = this.#longestIdle(network);
      if (!idle) {
        this.#crowded("address-connections", network);
        return "TOO_MANY_OF_ADDRESS";
      }
      this.#close(idle);
    }
    if (this.#connections.size < this.#limits.connections) return undefined;
    const [longest] = this.#idle;
    if (longest) this.#close(longest);
    else if (!this.#cut(this.#late)) {
      this.#crowded("connections");
      return "TOO_MANY";
    }
    return undefined;
  }

  #longestIdle(network: string | undefined): Connection | undefined {
    for (const connection of this.#idle) if (connection.network === network) return connection;
    return undefined;
  }

  /** Of those whose body is late, or who only wait, the oldest. */
  #cut(some: ReadonlySet<Connection>, own?: Duplex): boolean {
    for (const connection of some) {
      if (connection.socket === own) continue;
      this.#close(connection);
      return true;
    }
    return false;
  }

  /** Counted no more at once: its end comes later. */
  #close(connection: Connection): void {
    this.#leave(connection);
    connection.giveBack?.();
    connection.socket.destroy();
  }

  #begin(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket);
    if (!connection) return;
    this.#idle.delete(connection);
    // In the moment it came: see quick/.
    if (response.writableEnded) return void this.#answered(response, connection);
    connection.working += 1;
    if (hasBody(request) && !streamsOn(request)) {
      this.#late.add(connection);
      request.once("end", () => this.#late.delete(connection));
    }
    // When all is said; whether it is read is the reader's affair, for a while.
    whenOver(response, () => {
      swallow(request);
      connection.working -= 1;
      this.#late.delete(connection);
      this.#answered(response, connection);
    });
  }

  /** What is still being written is no idle connection yet. */
  #answered(response: ServerResponse, connection: Connection): void {
    if (connection.socket.writableLength === 0) {
      this.#rest(connection);
      return;
    }
    const cancel = this.#deps.clock.after(UNREAD_MS, () => connection.socket.destroy());
    response.once("close", () => {
      cancel();
      this.#rest(connection);
    });
  }

  #rest(connection: Connection): void {
    if (connection.working === 0 && this.#connections.has(connection.socket)) this.#idle.add(connection);
  }

  #isSomebody(address: string): boolean {
    return address !== SOCKET && !this.#deps.isTrustedProxy?.(address);
  }

  #networkOf(request: FastifyRequest): string | undefined {
    const { address, network } = placeOf(request, this.#deps);
    return this.#isSomebody(address) ? network : undefined;
  }

  /** Told in the log once a minute. */
  #crowded(limit: keyof Limits, network?: string): BrokerError {
    const isNews = this.#deps.limiter.take("crowded", limit, 1) === 0;
    if (isNews) this.#deps.logger.warn("crowded", { limit, most: this.#limits[limit], ...(network && { network }) });
    const text = `too much is under way${network === undefined ? "" : " from your address"}: try again in a moment`;
    if (network !== undefined) return limited("rate_limited", text, 1);
    return new BrokerError("wait", text, { reason: "temporarily_unavailable", retryAfter: 1 });
  }
}
