import type { IncomingMessage } from "node:http";
import { isModernError } from "../../../mcp/era.ts";
import { isAnswer, isFields, type Message, type Request } from "../../../mcp/message.ts";
import { pause, systemClock } from "../../../process/clock.ts";
import type { Ended, Outcome, Sending } from "./bridge-types.ts";
import type { Position, Sink } from "./exchange.ts";
import { BOTH_TYPES, unanswered } from "./modern-server.ts";
import { OldTransport } from "./old-transport.ts";
import { headersOf, listenTo, resuming, retryPause, type Session, sessionOf, USUAL_RETRY_MS } from "./session.ts";
import { refusalTrouble, type Upstream } from "./upstream.ts";

/** Times that a stream is resumed without anything having come of it. */
const MOST_RESUMES = 10;

/** Nobody waits longer to take leave. Milliseconds. */
const LEAVE_MS = 500;

/** MCP-B10: a server that speaks with `initialize`, by streamable HTTP or by HTTP+SSE of 2024-11-05. */
export class LegacySession {
  readonly #upstream: Upstream;
  /** What belongs to no request of the agent. */
  readonly #outside: Sink;
  readonly #over = new AbortController();
  #initialize: Request | undefined;
  #session: Promise<Session | Ended> | undefined;
  #old: OldTransport | undefined;
  #listening: AbortController | undefined;
  #count = 0;

  constructor(upstream: Upstream, outside: Sink) {
    this.#upstream = upstream;
    this.#outside = outside;
  }

  /** What the server says of itself; undefined before it has. */
  async result(): Promise<Session["result"] | undefined> {
    const session = await this.#session;
    return session && "result" in session ? session.result : undefined;
  }

  /** The agent's own `initialize`, whose answer goes to `sink`. */
  async initialize(sending: Sending): Promise<Ended> {
    this.#initialize = sending.request;
    this.#session = this.#handshake(sending);
    const session = await this.#session;
    if ("result" in session) return { is: "answered" };
    this.#session = undefined;
    return session;
  }

  /** The same for an agent that has none, or whose one was answered for the server. */
  prepare(initialize: Request): void {
    this.#initialize ??= initialize;
  }

  get isPrepared(): boolean {
    return this.#initialize !== undefined;
  }

  async #handshake({ request, text, sink, signal }: Sending): Promise<Session | Ended> {
    let result: Session["result"] | undefined;
    const keep: Sink = async (message, line) => {
      if (isAnswer(message) && message.id === request.id && isFields(message.result)) result = message.result;
      await sink(message, line);
    };
    const call = { method: "POST", headers: BOTH_TYPES, body: text, signal } as const;
    let answered: IncomingMessage | undefined;
    let isAnswered = false;
    const outcome = await this.#upstream.send({
      call,
      sink: (message, line) => {
        isAnswered ||= isAnswer(message);
        return keep(message, line);
      },
      onAnswer: (answer) => {
        answered = answer;
      },
    });
    if (outcome.is === "refused")
      return this.#oldHandshake({ request, text, sink: keep, signal }, outcome, () => result);
    if (outcome.is !== "done") return outcome;
    const id = answered?.headers["mcp-session-id"];
    if (result) return sessionOf(typeof id === "string" ? id : undefined, result);
    return isAnswered ? { is: "answered" } : unanswered(this.#upstream.options.server);
  }

  /** A server that knows no POST here may have the transport of 2024-11-05. */
  async #oldHandshake(
    sending: Sending,
    refused: Extract<Outcome, { is: "refused" }>,
    result: () => Session["result"] | undefined,
  ): Promise<Session | Ended> {
    const { status, body } = refused;
    if (body && isModernError(body)) return { is: "other-era" };
    if (status === 400 || status === 404 || status === 405) {
      const old = new OldTransport(this.#upstream, this.#outside);
      if (await old.open(sending.signal)) {
        this.#old = old;
        const ended = await old.request(sending);
        const found = result();
        return found ? sessionOf(undefined, found) : ended;
      }
      return { is: "other-era" };
    }
    return this.#refused(sending, refused);
  }

  /** The session, made anew where there is none; what stands in the way otherwise. */
  async #ensure(signal: AbortSignal): Promise<Session | Ended> {
    const found = await this.#session;
    if (found && "result" in found) return found;
    const { server } = this.#upstream.options;
    if (!this.#initialize) return { is: "trouble", trouble: { reason: "not_initialized", message: NOT_BEGUN } };
    this.#count += 1;
    const request: Request = { ...this.#initialize, id: `coatcheck-initialize-${this.#count}` };
    const made = this.#handshake({ request, text: JSON.stringify(request), sink: () => {}, signal });
    this.#session = made;
    const session = await made;
    if (!("result" in session)) {
      this.#session = undefined;
      return session.is === "answered" ? unanswered(server) : session;
    }
    await this.#announce(INITIALIZED, signal);
    return session;
  }

  async request(sending: Sending): Promise<Ended> {
    const session = await this.#ensure(sending.signal);
    if (!("result" in session)) return session;
    if (this.#old) return this.#old.request(sending);
    const ended = await this.#send(sending, session);
    if (ended !== "forgotten") return ended;
    this.#forget(session);
    const next = await this.#ensure(sending.signal);
    if (!("result" in next)) return next;
    const again = await this.#send(sending, next);
    return again === "forgotten" ? unanswered(this.#upstream.options.server) : again;
  }

  #forget(session: Session): void {
    const current = this.#session;
    void current?.then((now) => {
      if (now === session && this.#session === current) this.#session = undefined;
    });
    this.#session = undefined;
  }

  async #send(sending: Sending, session: Session): Promise<Ended | "forgotten"> {
    const { request, text, signal } = sending;
    let isAnswered = false;
    const sink: Sink = (message, line) => {
      isAnswered ||= isAnswer(message) && message.id === request.id;
      return sending.sink(message, line);
    };
    const headers = { ...BOTH_TYPES, ...headersOf(session) };
    let outcome = await this.#upstream.send({ call: { method: "POST", headers, body: text, signal }, sink });
    if (outcome.is === "refused" && outcome.status === 404 && session.id !== undefined) return "forgotten";
    let position: Position = {};
    for (let tries = 0; outcome.is === "done" && !isAnswered && tries < MOST_RESUMES; tries++) {
      position = { ...position, ...outcome.position };
      if (position.id === undefined) break;
      if (outcome.position.id !== undefined) tries = 0;
      await pause(systemClock, retryPause(position, USUAL_RETRY_MS));
      signal.throwIfAborted();
      outcome = await this.#upstream.send({ call: resuming(session, position, signal), sink });
    }
    if (isAnswered) return { is: "answered" };
    if (outcome.is === "refused") return this.#refused({ ...sending, sink }, outcome);
    return outcome.is === "done" ? unanswered(this.#upstream.options.server) : outcome;
  }

  async #refused({ request, sink }: Sending, { status, text, body }: Extract<Outcome, { is: "refused" }>) {
    if (!body?.error)
      return { is: "trouble", trouble: refusalTrouble(this.#upstream.options.server, { status, text }) } as const;
    const answer: Message = { ...body, jsonrpc: "2.0", id: request.id };
    await sink(answer, JSON.stringify(answer));
    return { is: "answered" } as const;
  }

  /** A notification or an answer of the agent. Nobody is told that it did not arrive: it has no answer. */
  async post(text: string): Promise<void> {
    const { signal } = this.#over;
    const session = await this.#ensure(signal);
    if (!("result" in session)) return;
    if (this.#old) return this.#old.post(text);
    const call = { method: "POST", headers: { ...BOTH_TYPES, ...headersOf(session) }, body: text, signal } as const;
    await this.#upstream.send({ call, sink: this.#outside });
  }

  /** `notifications/initialized` of the agent: from now on the server may speak by itself. */
  async announced(text: string): Promise<void> {
    const session = await this.#session;
    if (session && "result" in session) await this.#announce(text, this.#over.signal);
  }

  async #announce(text: string, signal: AbortSignal): Promise<void> {
    const session = await this.#session;
    if (!session || !("result" in session)) return;
    if (this.#old) return this.#old.post(text);
    const call = { method: "POST", headers: { ...BOTH_TYPES, ...headersOf(session) }, body: text, signal } as const;
    await this.#upstream.send({ call, sink: this.#outside });
    this.#listening?.abort();
    this.#listening = new AbortController();
    const ended = AbortSignal.any([this.#listening.signal, this.#over.signal]);
    void listenTo(this.#upstream, session, this.#outside, ended).catch(() => {});
  }

  /** MCP-B10: takes leave of the server, for half a second at most. */
  async end(): Promise<void> {
    this.#over.abort();
    this.#old?.close();
    const session = await this.#session;
    if (!session || !("result" in session) || session.id === undefined) return;
    const call = { method: "DELETE", headers: headersOf(session), signal: AbortSignal.timeout(LEAVE_MS) } as const;
    await this.#upstream.send({ call, sink: () => {} }).catch(() => {});
  }
}

const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

const NOT_BEGUN = "the agent has not sent initialize";
