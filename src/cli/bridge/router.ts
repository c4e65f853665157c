import { type Era, eraOf } from "../../mcp/era.ts";
import { isFields, type Message, type Request } from "../../mcp/message.ts";
import { ForLegacyAgent } from "./legacy-agent.ts";
import { Listens } from "./listens.ts";
import type { Memory } from "./memory.ts";
import { ForModernAgent } from "./modern-agent.ts";
import type { Ended, Sending, Write } from "./server/bridge-types.ts";
import { LegacySession } from "./server/legacy-session.ts";
import { ModernServer } from "./server/modern-server.ts";
import type { ToolHeaders } from "./server/tool-headers.ts";
import type { Upstream } from "./server/upstream.ts";

/** Leads each message the way that its eras ask for; nothing is translated, and nothing asked first, where both are the same. */
export class Router {
  readonly #memory: Memory;
  readonly #modern: ModernServer;
  readonly #legacy: LegacySession;
  readonly #forLegacy: ForLegacyAgent;
  readonly #forModern: ForModernAgent;
  readonly #listens: Listens;
  readonly #write: Write;
  #agent: Era | undefined;

  constructor(upstream: Upstream, memory: Memory, tools: ToolHeaders, write: Write) {
    this.#memory = memory;
    this.#write = write;
    this.#modern = new ModernServer(upstream, tools);
    this.#legacy = new LegacySession(upstream, (message, line) => this.#outside(message, line));
    this.#forLegacy = new ForLegacyAgent(this.#modern, write);
    this.#forModern = new ForModernAgent(this.#legacy, write);
    this.#listens = new Listens(this.#modern, write);
  }

  /** The era that the agent speaks; undefined: it has not said anything that shows it. */
  get agent(): Era | undefined {
    return this.#agent;
  }

  /** Whether what is listed has to be fit for headers (MCP-B8). */
  get isServerModern(): boolean {
    return !this.#memory.lacks("modern") && (this.#agent === "modern" || this.#memory.lacks("legacy"));
  }

  async request(sending: Sending): Promise<Ended> {
    const { request } = sending;
    this.#agent = eraOf(request) ?? this.#agent;
    return this.#agent === "modern" ? this.#fromModern(sending) : this.#fromLegacy(sending);
  }

  async #fromModern(sending: Sending): Promise<Ended> {
    const { request } = sending;
    if (this.#memory.lacks("modern")) {
      const ended = await this.#forModern.request(sending);
      if (ended.is !== "other-era") return ended;
      this.#memory.learnEra("modern", true);
    }
    const isListen = request.method === "subscriptions/listen";
    const ended = await (isListen ? this.#listens : this.#modern).request(sending);
    if (ended.is !== "other-era") return ended;
    this.#memory.learnEra("modern", false);
    const other = await this.#forModern.request(sending);
    return other.is === "other-era" ? NEITHER : other;
  }

  async #fromLegacy(sending: Sending): Promise<Ended> {
    const { request } = sending;
    const isFirst = request.method === "initialize";
    if (isFirst) this.#forLegacy.meet(request);
    if (this.#memory.lacks("legacy")) {
      const ended = await this.#forLegacy.request(sending);
      if (ended.is !== "other-era") return ended;
      this.#memory.learnEra("legacy", true);
    }
    const ended = await (isFirst ? this.#legacy.initialize(sending) : this.#legacy.request(sending));
    if (ended.is !== "other-era") return ended;
    // Before the answer: the agent's next message may come at once.
    this.#memory.learnEra("legacy", false);
    const other = await this.#forLegacy.request(sending);
    if (other.is !== "other-era") return other;
    this.#memory.learnEra("legacy", true);
    return NEITHER;
  }

  /** What an answer to the agent says of the server. */
  learn({ method }: Request, message: Message): void {
    const isRefused = message.error !== undefined;
    if (method === "server/discover" && this.#agent === "modern") {
      if (isFields(message.result)) this.#memory.learnEra("modern", true);
      else if (isRefused && !isModern(message)) this.#memory.learnEra("modern", false);
    }
  }

  /** `initialize` of an agent that was answered here: the server hears it when it can be asked. */
  prepare(request: Request): void {
    this.#agent = "legacy";
    this.#legacy.prepare(request);
    this.#forLegacy.meet(request);
  }

  /** A notification of the agent. */
  async notify({ method }: Message, text: string): Promise<void> {
    if (this.#agent === "modern") return;
    if (this.#memory.lacks("legacy")) {
      if (method === "notifications/initialized") this.#forLegacy.listen();
      return;
    }
    await (method === "notifications/initialized" ? this.#legacy.announced(text) : this.#legacy.post(text));
  }

  /** An answer of the agent to a question of the server. */
  async answer(message: Message, text: string): Promise<void> {
    if (this.#forLegacy.answered(message)) return;
    if (this.#agent !== "modern") await this.#legacy.post(text);
  }

  #outside(message: Message, line: string): Promise<void> {
    return this.#agent === "modern" ? this.#forModern.outside(message, line) : this.#write(line);
  }

  async signedIn(): Promise<void> {
    await this.#listens.signedIn();
  }

  async end(): Promise<void> {
    this.#forLegacy.end();
    await this.#legacy.end();
  }
}

const NEITHER: Ended = {
  is: "trouble",
  trouble: {
    reason: "not_mcp",
    message: "the address does not answer as an MCP server, neither with initialize nor without",
  },
};

function isModern({ error }: Message): boolean {
  return error !== undefined && error.code <= -32020 && error.code >= -32099;
}
