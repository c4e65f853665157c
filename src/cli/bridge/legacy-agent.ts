import { isModernVersion, MODERN, versionsIn } from "../../mcp/era.ts";
import { type Fields, isAnswer, isFields, type Message, type Request, resultOf } from "../../mcp/message.ts";
import {
  answeredCall,
  initializeResult,
  type LegacyAgent,
  legacyAgentOf,
  legacyQuestion,
  legacyResult,
  listenRequest,
  mayBeAsked,
  modernRequest,
  type Question,
  questionsIn,
} from "../../mcp/translate/legacy-agent.ts";
import { pause, systemClock } from "../../process/clock.ts";
import type { Ended, Sending, Write } from "./server/bridge-types.ts";
import type { ModernServer } from "./server/modern-server.ts";

/** Times that a server may ask before it answers. */
const MOST_ROUNDS = 10;

/** Between two tries to listen; doubled from the first to the second. Milliseconds. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** MCP-B11: speaks with a modern server for an agent that knows nothing of it. */
export class ForLegacyAgent {
  readonly #server: ModernServer;
  readonly #write: Write;
  readonly #asked = new Map<unknown, (answer: Message) => void>();
  readonly #resources = new Set<string>();
  #agent: LegacyAgent = legacyAgentOf({ jsonrpc: "2.0" });
  #discovered: Fields = {};
  #listening: AbortController | undefined;
  #count = 0;

  constructor(server: ModernServer, write: Write) {
    this.#server = server;
    this.#write = write;
  }

  async request(sending: Sending): Promise<Ended> {
    const { request, sink } = sending;
    const answer = async (result: Fields): Promise<Ended> => {
      const message = resultOf(request.id, result);
      await sink(message, JSON.stringify(message));
      return { is: "answered" };
    };
    const { params = {} } = request;
    if (request.method === "initialize") {
      this.#agent = legacyAgentOf(request);
      const found = await this.#discover(sending);
      return "is" in found ? (found as Ended) : answer(initializeResult(this.#agent, found));
    }
    if (request.method === "ping") return answer({});
    if (request.method === "logging/setLevel") {
      if (typeof params.level === "string") this.#agent = { ...this.#agent, logLevel: params.level };
      return answer({});
    }
    if (request.method === "resources/subscribe" || request.method === "resources/unsubscribe") {
      const uri = String(params.uri);
      if (request.method === "resources/subscribe") this.#resources.add(uri);
      else this.#resources.delete(uri);
      this.listen();
      return answer({});
    }
    return this.#call(sending);
  }

  /** What the agent said in an `initialize` that others answered. */
  meet(initialize: Request): void {
    this.#agent = legacyAgentOf(initialize);
  }

  async #discover({ signal }: Sending): Promise<Fields | Ended> {
    const request = this.#modern({ jsonrpc: "2.0", id: this.#nextId(), method: "server/discover" });
    const { ended, answer } = await this.#ask(request, signal);
    if (ended.is !== "answered") return ended;
    if (isFields(answer?.result)) {
      this.#discovered = answer.result;
      return answer.result;
    }
    const message = `the server refused server/discover: ${answer?.error?.message ?? "no answer"}`;
    return { is: "trouble", trouble: { reason: "not_discovered", message } };
  }

  #modern(request: Request): Request {
    const version = versionsIn(this.#discovered).find(isModernVersion) ?? MODERN;
    return modernRequest(request, this.#agent, version);
  }

  /** One request, whose answer comes back here; what else comes is passed on. */
  async #ask(request: Request, signal: AbortSignal) {
    let answer: Message | undefined;
    const sink = (message: Message, line: string) => {
      if (isAnswer(message)) answer = message;
      return isAnswer(message) ? Promise.resolve() : this.#write(line);
    };
    const ended = await this.#server.request({ request, text: JSON.stringify(request), sink, signal });
    return { ended, answer };
  }

  async #call({ request, sink, signal }: Sending): Promise<Ended> {
    let call = this.#modern(request);
    for (let round = 0; round <= MOST_ROUNDS; round++) {
      const { ended, answer } = await this.#ask(call, signal);
      if (ended.is !== "answered" || !answer) return ended;
      const questions = questionsIn(answer.result);
      if (!questions) {
        const message = answer.error ? answer : { ...answer, result: legacyResult(answer.result) };
        await sink({ ...message, id: request.id }, JSON.stringify({ ...message, id: request.id }));
        return { is: "answered" };
      }
      const answers = await this.#answers(questions, signal);
      if (!answers) return trouble("unanswerable", "the server asks for something that this agent cannot answer");
      call = answeredCall(call, this.#nextId(), answers, answer.result);
    }
    return trouble("too_many_rounds", `the server asked more than ${MOST_ROUNDS} times for one call`);
  }

  async #answers(questions: readonly Question[], signal: AbortSignal): Promise<Fields | undefined> {
    if (!questions.every((question) => mayBeAsked(this.#agent, question))) return undefined;
    const answers = await Promise.all(questions.map((question) => this.#question(question, signal)));
    return Object.fromEntries(
      questions.map(({ key }, index) => {
        const { result } = answers[index] ?? {};
        return [key, result ?? { action: "cancel" }];
      }),
    );
  }

  #question(question: Question, signal: AbortSignal): Promise<Message> {
    const id = this.#nextId();
    return new Promise((resolve, reject) => {
      this.#asked.set(id, resolve);
      signal.addEventListener("abort", () => {
        this.#asked.delete(id);
        reject(signal.reason);
      });
      void this.#write(JSON.stringify(legacyQuestion(this.#agent, question, id)));
    });
  }

  /** Whether this answers a question of ours. */
  answered(message: Message): boolean {
    const done = this.#asked.get(message.id);
    if (!done) return false;
    this.#asked.delete(message.id);
    done(message);
    return true;
  }

  /** What a legacy agent hears by itself. */
  listen(): void {
    this.#listening?.abort();
    const asked = listenRequest(this.#nextId(), this.#discovered, [...this.#resources]);
    if (!asked) return;
    this.#listening = new AbortController();
    void this.#listen(this.#modern(asked), this.#listening.signal).catch(() => {});
  }

  async #listen(request: Request, signal: AbortSignal): Promise<void> {
    const sink = (message: Message) => {
      if (isAnswer(message) || message.method === "notifications/subscriptions/acknowledged") return;
      const { _meta, ...params } = message.params ?? {};
      return this.#write(
        JSON.stringify({ ...message, ...(Object.keys(params).length > 0 ? { params } : { params: undefined }) }),
      );
    };
    for (let wait = FIRST_PAUSE_MS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      const onAnswer = () => {
        wait = FIRST_PAUSE_MS;
      };
      const ended = await this.#server.request({ request, text: JSON.stringify(request), sink, signal, onAnswer });
      if (ended.is === "sign-in" || ended.is === "other-era") return;
      await pause(systemClock, wait);
    }
  }

  end(): void {
    this.#listening?.abort();
  }

  #nextId(): string {
    this.#count += 1;
    return `coatcheck-${this.#count}`;
  }
}

function trouble(reason: string, message: string): Ended {
  return { is: "trouble", trouble: { reason, message } };
}
