import { META } from "../../mcp/era.ts";
import {
  CODES,
  errorOf,
  type Fields,
  type Id,
  isAnswer,
  isFields,
  type Message,
  metaOf,
  type Request,
  resultOf,
} from "../../mcp/message.ts";
import {
  discoverResult,
  initializeRequest,
  inputRequired,
  legacyRequest,
  modernError,
  modernResult,
  takesQuestion,
  urlQuestions,
} from "../../mcp/translate/modern-agent.ts";
import type { Ended, Sending, Write } from "./server/bridge-types.ts";
import type { LegacySession } from "./server/legacy-session.ts";

/** A call that a server asks about: its exchange stays open until the agent has answered. */
interface OpenCall {
  sending: Sending;
  /** How the request of the agent that is under way for it ends. */
  settle: (ended: Ended) => void;
  question: Message | undefined;
  readonly abort: AbortController;
}

/** Of `inputRequests` that are made of a legacy server's question. */
const KEY = "question";
const STATE = "coatcheck-question-";

/** MCP-B11: speaks with a legacy server for an agent that stays modern. */
export class ForModernAgent {
  readonly #session: LegacySession;
  readonly #write: Write;
  readonly #open = new Map<string, OpenCall>();
  readonly #listens = new Map<Id, Fields>();
  #isKnown = false;
  #logLevel: unknown;
  #count = 0;

  constructor(session: LegacySession, write: Write) {
    this.#session = session;
    this.#write = write;
  }

  async request(sending: Sending): Promise<Ended> {
    const { request, sink } = sending;
    const answer = async (message: Message): Promise<Ended> => {
      await sink(message, JSON.stringify(message));
      return { is: "answered" };
    };
    const { requestState, inputResponses } = request.params ?? {};
    if (request.method === "server/discover" && !this.#isKnown) {
      // An agent of both eras falls back by itself then.
      this.#isKnown = true;
      return answer(errorOf(request.id, CODES.method, "this server speaks with initialize (2025-11-25 and earlier)"));
    }
    if (typeof requestState === "string" && requestState.startsWith(STATE)) {
      return this.#goOn(sending, requestState, isFields(inputResponses) ? inputResponses : {});
    }
    this.#session.prepare(initializeRequest(this.#nextId(), request));
    if (request.method === "server/discover") return this.#discover(sending);
    if (request.method === "subscriptions/listen") return this.#listen(sending);
    await this.#setLogLevel(sending);
    return this.#call(sending);
  }

  async #discover(sending: Sending): Promise<Ended> {
    const ping: Request = { jsonrpc: "2.0", id: this.#nextId(), method: "ping" };
    const ended = await this.#session.request({
      ...sending,
      request: ping,
      text: JSON.stringify(ping),
      sink: () => {},
    });
    const result = await this.#session.result();
    if (!result) return ended;
    const answer = resultOf(sending.request.id, discoverResult(result));
    await sending.sink(answer, JSON.stringify(answer));
    return { is: "answered" };
  }

  /** Its level comes with each request, a legacy server wants to be told once. */
  async #setLogLevel({ request, signal }: Sending): Promise<void> {
    const level = metaOf(request)[META.logLevel];
    if (typeof level !== "string" || level === this.#logLevel) return;
    this.#logLevel = level;
    const set: Request = { jsonrpc: "2.0", id: this.#nextId(), method: "logging/setLevel", params: { level } };
    await this.#session.request({ request: set, text: JSON.stringify(set), sink: () => {}, signal });
  }

  #call(sending: Sending): Promise<Ended> {
    const id = this.#nextId();
    const abort = new AbortController();
    const { promise, resolve } = Promise.withResolvers<Ended>();
    const call: OpenCall = { sending, settle: resolve, question: undefined, abort };
    const passOn = () => abort.abort(call.sending.signal.reason);
    sending.signal.addEventListener("abort", passOn, { once: true });
    const request = legacyRequest(sending.request, id);
    const sink = (message: Message, line: string) => this.#come(call, id, message, line);
    this.#session.request({ request, text: JSON.stringify(request), sink, signal: abort.signal }).then(
      (ended) => call.settle(ended),
      (error) => call.settle(trouble("cancelled", String(error))),
    );
    return promise.finally(() => sending.signal.removeEventListener("abort", passOn));
  }

  async #come(call: OpenCall, id: string, message: Message, line: string): Promise<void> {
    const { request, sink } = call.sending;
    if (isAnswer(message) && message.id === id) {
      const info = (await this.#session.result())?.serverInfo;
      const urls = urlQuestions(message);
      const answer: Message = urls
        ? resultOf(request.id, urls)
        : message.error
          ? { ...message, id: request.id, error: modernError(message.error) }
          : { ...message, id: request.id, result: modernResult(request.method, message.result, info) };
      return sink(answer, JSON.stringify(answer));
    }
    if (message.method === undefined || message.id == null) return void (await sink(message, line));
    if (call.question || !takesQuestion(request, message)) return this.#decline(message);
    this.#count += 1;
    const state = STATE + String(this.#count);
    call.question = message;
    this.#open.set(state, call);
    const answer = resultOf(request.id, inputRequired(state, KEY, message));
    // Of this request: the agent may come again before its line is written.
    const { settle } = call;
    await sink(answer, JSON.stringify(answer));
    settle({ is: "answered" });
  }

  #decline(question: Message): Promise<void> {
    const said = errorOf(question.id ?? undefined, CODES.method, "the agent does not answer this");
    return this.#session.post(JSON.stringify(said));
  }

  /** The call comes again with the answer to the server's question. */
  #goOn(sending: Sending, state: string, answers: Fields): Promise<Ended> {
    const call = this.#open.get(state);
    const question = call?.question;
    if (!call || !question) {
      return Promise.resolve(
        trouble(
          "unknown_state",
          "this question has been answered before, or was asked by another process: call the tool again",
        ),
      );
    }
    this.#open.delete(state);
    const { promise, resolve } = Promise.withResolvers<Ended>();
    Object.assign(call, { sending, settle: resolve, question: undefined });
    sending.signal.addEventListener("abort", () => call.abort.abort(sending.signal.reason), { once: true });
    const { [KEY]: result = { action: "cancel" } } = answers;
    this.#session.post(JSON.stringify({ jsonrpc: "2.0", id: question.id, result })).catch(() => {});
    return promise;
  }

  /** Lasts until the agent takes it back; what the server tells by itself is passed on under its id. */
  async #listen({ request, sink, signal }: Sending): Promise<Ended> {
    const asked = isFields(request.params?.notifications) ? request.params.notifications : {};
    const _meta = { [META.subscription]: request.id };
    const told = {
      jsonrpc: "2.0",
      method: "notifications/subscriptions/acknowledged",
      params: { _meta, notifications: asked },
    } as const;
    await sink(told, JSON.stringify(told));
    this.#listens.set(request.id, asked);
    const uris = Array.isArray(asked.resourceSubscriptions) ? asked.resourceSubscriptions : [];
    const change = async (method: string) => {
      for (const uri of uris) {
        const sent: Request = { jsonrpc: "2.0", id: this.#nextId(), method, params: { uri } };
        const quiet = {
          request: sent,
          text: JSON.stringify(sent),
          sink: () => {},
          signal: new AbortController().signal,
        };
        await this.#session.request(quiet);
      }
    };
    await change("resources/subscribe");
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    this.#listens.delete(request.id);
    void change("resources/unsubscribe").catch(() => {});
    throw signal.reason;
  }

  /** What comes of the server without belonging to a request. */
  async outside(message: Message, line: string): Promise<void> {
    if (message.method !== undefined && message.id != null) return this.#decline(message);
    const wanted = FILTERS[message.method ?? ""];
    if (wanted === undefined) return this.#write(line);
    for (const [id, asked] of this.#listens) {
      const { [wanted]: filter } = asked;
      const isWanted = Array.isArray(filter) ? filter.includes(message.params?.uri) : filter === true;
      if (!isWanted) continue;
      const params = { ...message.params, _meta: { ...metaOf(message), [META.subscription]: id } };
      await this.#write(JSON.stringify({ ...message, params }));
    }
  }

  #nextId(): string {
    this.#count += 1;
    return `coatcheck-${this.#count}`;
  }
}

/** Member of the filter that asks for it. */
const FILTERS: Readonly<Record<string, string>> = {
  "notifications/tools/list_changed": "toolsListChanged",
  "notifications/prompts/list_changed": "promptsListChanged",
  "notifications/resources/list_changed": "resourcesListChanged",
  "notifications/resources/updated": "resourceSubscriptions",
};

function trouble(reason: string, message: string): Ended {
  return { is: "trouble", trouble: { reason, message } };
}
