import {
  CODES,
  errorOf,
  type Fields,
  type Id,
  isAnswer,
  isFields,
  isRequest,
  type Message,
  parseMessages,
  type Request,
  type Trouble,
  troubleOf,
} from "../../mcp/message.ts";
import type { PendingLogin } from "../../mcp/sign-in-calls.ts";
import { messageProblem, type ToolPolicy, withoutDeniedTools } from "../../mcp/tool-policy.ts";
import type { Clock } from "../../process/clock.ts";
import type { AgentSide } from "./agent-side.ts";
import type { LoginEnd } from "./login-end.ts";
import type { Memory } from "./memory.ts";
import { Order } from "./order.ts";
import type { Router } from "./router.ts";
import type { Ended } from "./server/bridge-types.ts";
import type { ToolHeaders } from "./server/tool-headers.ts";
import { type SignInDesk, urlQuestion } from "./sign-in-desk.ts";
import { messageOf, type StandIns } from "./stand-in.ts";

/** A request of the agent that has no answer yet. */
interface Flight {
  readonly request: Request;
  readonly abort: AbortController;
  isAnswered: boolean;
}

export interface BridgeParts {
  readonly agent: AgentSide;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly policy: ToolPolicy;
  readonly router: Router;
  readonly tools: ToolHeaders;
  readonly standIns: StandIns;
  readonly desk: SignInDesk;
  readonly loginEnd: LoginEnd;
}

/** MCP-B12. Milliseconds. */
const IN_TIME_MS = 3_000;

/** MCP-B1: what comes from the agent goes to the server, and the other way round. */
export class Bridge {
  readonly #parts: BridgeParts;
  readonly #flights = new Map<Id, Flight>();
  /** Ids of questions of ours to the agent. */
  readonly #questions = new Set<unknown>();
  readonly #order: Order;

  constructor(parts: BridgeParts) {
    this.#parts = parts;
    this.#order = new Order(parts.clock);
  }

  /** A line of the agent; undefined: it was too long. */
  receive(line: string | undefined): void {
    const read = line === undefined ? undefined : parseMessages(line);
    if (line === undefined || read === undefined) this.#unreadable(line);
    else if (Array.isArray(read))
      for (const message of read as readonly Message[]) this.#take(message, JSON.stringify(message));
    else this.#take(read as Message, line);
  }

  #unreadable(line: string | undefined): void {
    const [code, text] =
      line === undefined
        ? [CODES.request, "the message is longer than 64 MiB"]
        : [CODES.parse, "the line is no message of JSON-RPC"];
    this.#parts.agent.say(text);
    this.#write(errorOf(undefined, code, text));
  }

  #write(message: Message): void {
    void this.#parts.agent.write(JSON.stringify(message));
  }

  #take(message: Message, text: string): void {
    if (message.method === "notifications/cancelled") this.#cancel(message);
    if (isRequest(message)) {
      const { before, onSent } = this.#order.request();
      void this.#request(message, text, before, onSent);
      return;
    }
    const { router, policy, agent, desk } = this.#parts;
    if (isAnswer(message) && this.#questions.delete(message.id)) return void desk.answered(message);
    const problem = messageProblem([policy], message, text);
    if (problem !== undefined) return void agent.say(problem);
    this.#order.pass(() => (isAnswer(message) ? router.answer(message, text) : router.notify(message, text)));
  }

  #cancel({ params }: Message): void {
    const { requestId } = params ?? {};
    const flight = this.#flights.get(requestId as Id);
    if (!flight) return;
    flight.isAnswered = true;
    flight.abort.abort(new DOMException("the agent cancelled it", "AbortError"));
  }

  /** `onSent`: whatever comes next may go. */
  async #request(message: Request, text: string, before: Promise<void>, onSent: () => void): Promise<void> {
    const flight: Flight = { request: message, abort: new AbortController(), isAnswered: false };
    this.#flights.set(message.id, flight);
    const stop = this.#answerInTime(flight);
    this.#parts.loginEnd.heard(message);
    try {
      await before;
      await this.#serve(flight, text, onSent);
    } catch (error) {
      if (!flight.abort.signal.aborted) this.#settle(flight, { reason: "failure", message: String(error) });
    } finally {
      onSent();
      stop();
      if (this.#flights.get(message.id) === flight) this.#flights.delete(message.id);
    }
  }

  async #serve(flight: Flight, text: string, onSent: () => void): Promise<void> {
    const { router, desk, policy, standIns } = this.#parts;
    const { signal } = flight.abort;
    let { request } = flight;
    if (request.method === "initialize") standIns.meet(request);
    if (desk.isSignInTool(request) && request.params?.requestState === undefined) {
      onSent();
      return this.#answer(flight, messageOf(request, await desk.signIn(request, signal, this.#ask)));
    }
    if (desk.isRetry(request)) onSent();
    const retried = desk.isRetry(request) ? await desk.retried(request, signal) : undefined;
    if (retried && !("method" in retried)) return this.#answer(flight, messageOf(request, retried));
    if (retried) request = retried;
    const sink = (message: Message, line: string) => this.#come(flight, message, line);
    const sent = retried ? JSON.stringify(request) : text;
    const problem = messageProblem([policy], request, sent);
    if (problem !== undefined) return this.#answer(flight, errorOf(request.id, CODES.params, problem));
    const ended = router.request({ request, text: sent, sink, signal });
    onSent();
    await this.#end(flight, await ended);
  }

  async #end(flight: Flight, ended: Ended): Promise<void> {
    if (flight.isAnswered) return;
    const { request } = flight;
    if (ended.is === "answered") return this.#settle(flight, { reason: "unreadable_answer", message: UNREADABLE });
    if (ended.is === "sign-in") {
      if (request.method === "initialize") this.#parts.router.prepare(request);
      return this.#answer(flight, messageOf(request, await this.#parts.desk.answer(request, ended.needed)));
    }
    if (ended.is === "trouble") this.#settle(flight, ended.trouble);
  }

  /** An answer in any case. */
  #settle(flight: Flight, trouble: Trouble): void {
    const { standIns, router, agent } = this.#parts;
    const { request } = flight;
    const outcome = standIns.isInTime(request) ? standIns.away(request, trouble) : undefined;
    agent.say(trouble.message);
    if (outcome && request.method === "initialize") router.prepare(request);
    this.#answer(flight, outcome ? messageOf(request, outcome) : troubleOf(request.id, trouble));
  }

  /** MCP-B12: a server that is silent is answered for; what it says later counts all the same. */
  #answerInTime(flight: Flight): () => void {
    const { standIns, clock } = this.#parts;
    if (!standIns.isInTime(flight.request)) return () => {};
    return clock.after(IN_TIME_MS, () => {
      if (!flight.isAnswered) this.#settle(flight, { reason: "no_answer", message: SILENT });
    });
  }

  #answer(flight: Flight, message: Message): void {
    if (flight.isAnswered) return;
    flight.isAnswered = true;
    this.#write(message);
  }

  /** What the server says while a request is under way. */
  async #come(flight: Flight, message: Message, line: string): Promise<void> {
    const { request } = flight;
    const { agent, router } = this.#parts;
    if (!isAnswer(message) || message.id !== request.id) return agent.write(line);
    router.learn(request, message);
    const fit = isFields(message.result) ? this.#fit(request, message.result) : message.result;
    if (flight.isAnswered) return this.#late(flight);
    flight.isAnswered = true;
    await agent.write(fit === message.result ? line : JSON.stringify({ ...message, result: fit }));
  }

  /** A result as the agent may see it; what it says is remembered. */
  #fit({ method, params }: Request, result: Fields): Fields {
    const { memory, tools, policy, router } = this.#parts;
    const isList = method === "tools/list";
    const usable = isList && router.isServerModern ? tools.learn(result) : result;
    const fit = isList ? withoutDeniedTools([policy], usable) : usable;
    if (REMEMBERED.has(method) && params?.cursor === undefined) memory.learn(method, usable);
    return fit;
  }

  /** A list that was answered for the server has come after all. */
  #late({ request, abort }: Flight): void {
    const changed = CHANGED[request.method];
    const { router } = this.#parts;
    if (abort.signal.aborted || changed === undefined) return;
    if (router.agent === "legacy") this.#write({ jsonrpc: "2.0", method: changed });
  }

  readonly #ask = (question: Fields, id: string): void => {
    this.#questions.add(id);
    this.#write(urlQuestion(id, question));
  };

  async signedIn(login: PendingLogin | undefined): Promise<void> {
    const { desk, router } = this.#parts;
    await desk.signedIn(login, router.agent !== "modern");
    await router.signedIn();
  }

  get isBusy(): boolean {
    return this.#flights.size > 0;
  }

  async end(): Promise<void> {
    for (const { abort } of this.#flights.values()) abort.abort(new DOMException("the bridge ends", "AbortError"));
    this.#parts.desk.end();
    this.#parts.loginEnd.end();
    this.#parts.memory.write();
    await this.#parts.router.end();
  }
}

const UNREADABLE = "the server's answer cannot be read";
const SILENT = "the server has not answered yet";

const REMEMBERED: ReadonlySet<string> = new Set(["initialize", "server/discover", "tools/list"]);

const CHANGED: Readonly<Record<string, string>> = {
  "tools/list": "notifications/tools/list_changed",
  "prompts/list": "notifications/prompts/list_changed",
  "resources/list": "notifications/resources/list_changed",
};
