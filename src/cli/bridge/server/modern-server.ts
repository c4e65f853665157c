import { isModernError, MODERN_ERRORS } from "../../../mcp/era.ts";
import { CODES, type Fields, isAnswer, isFields, type Message, type Request } from "../../../mcp/message.ts";
import { requestHeaders } from "../../../mcp/request-headers.ts";
import type { Ended, Outcome, Sending } from "./bridge-types.ts";
import type { ToolHeaders } from "./tool-headers.ts";
import { refusalTrouble, type Upstream } from "./upstream.ts";

export const BOTH_TYPES = {
  accept: "application/json, text/event-stream",
  "content-type": "application/json",
} as const;

/** Statuses by which a server says that it does not understand requests of this era at all. */
const NOT_UNDERSTOOD: ReadonlySet<number> = new Set([400, 404, 405, 406, 415, 422]);

/** Pages of a list that are read to find a tool. */
const MOST_PAGES = 20;

/** A server that speaks without `initialize`: one POST for each request. */
export class ModernServer {
  readonly #upstream: Upstream;
  readonly tools: ToolHeaders;
  /** It has answered as one. */
  isSure = false;

  constructor(upstream: Upstream, tools: ToolHeaders) {
    this.#upstream = upstream;
    this.tools = tools;
  }

  async request(sending: Sending): Promise<Ended> {
    const { request, signal } = sending;
    const name = request.method === "tools/call" ? request.params?.name : undefined;
    if (typeof name !== "string") return this.#send(sending, {});
    const send = () => this.#send(sending, this.tools.of(name, request.params?.arguments), mayRepeat);
    let mayRepeat = true;
    if (!this.tools.knows(name)) await this.#list(request, signal);
    const ended = await send();
    if (ended.is !== "headers") return ended;
    // Its schema has changed: the list is read again, and the call is sent once more.
    mayRepeat = false;
    this.tools.forget(name);
    await this.#list(request, signal);
    return send();
  }

  async #send(sending: Sending, more: Readonly<Record<string, string>>, mayRepeat = false): Promise<Ended> {
    const { request, text, sink, signal, onAnswer } = sending;
    let isAnswered = false;
    const outcome = await this.#upstream.send({
      call: { method: "POST", headers: { ...BOTH_TYPES, ...requestHeaders(request), ...more }, body: text, signal },
      sink: async (message, line) => {
        isAnswered ||= isAnswer(message) && message.id === request.id;
        await sink(message, line);
      },
      ...(onAnswer && { onAnswer }),
    });
    if (outcome.is === "refused") return this.#refused(sending, outcome, mayRepeat);
    if (outcome.is !== "done") return outcome;
    return isAnswered ? { is: "answered" } : unanswered(this.#upstream.options.server);
  }

  async #refused(
    { request, sink }: Sending,
    { status, text, body }: Extract<Outcome, { is: "refused" }>,
    mayRepeat: boolean,
  ): Promise<Ended> {
    const error = body?.error;
    if (body && error && isModernError(body)) {
      this.isSure = true;
      if (mayRepeat && error.code === MODERN_ERRORS.headers) return { is: "headers" };
    } else if (!this.isSure && NOT_UNDERSTOOD.has(status) && !(status === 404 && error?.code === CODES.method)) {
      return { is: "other-era" };
    }
    if (!error) return { is: "trouble", trouble: refusalTrouble(this.#upstream.options.server, { status, text }) };
    const answer: Message = { ...body, jsonrpc: "2.0", id: request.id };
    await sink(answer, JSON.stringify(answer));
    return { is: "answered" };
  }

  /** The tools that the agent has not asked for here, with what it says of itself. */
  async #list(call: Request, signal: AbortSignal): Promise<void> {
    const name = String(call.params?.name);
    let cursor: unknown;
    for (let page = 0; page < MOST_PAGES && !this.tools.knows(name); page++) {
      const params: Fields = { _meta: withoutProgress(call), ...(cursor !== undefined && { cursor }) };
      const request: Request = { jsonrpc: "2.0", id: `coatcheck-list-${page + 1}`, method: "tools/list", params };
      let result: Fields | undefined;
      const sink = (message: Message) => {
        if (isAnswer(message) && isFields(message.result)) result = message.result;
      };
      await this.#send({ request, text: JSON.stringify(request), sink, signal }, {});
      if (!result) return;
      this.tools.learn(result);
      cursor = result.nextCursor;
      if (cursor === undefined) break;
    }
    this.tools.learnUnknown(name);
  }
}

function withoutProgress({ params }: Request): Fields {
  const { progressToken: _token, ...meta } = isFields(params?._meta) ? params._meta : {};
  return meta;
}

/** MCP-B9: never repeated silently. */
export function unanswered(server: string): Ended {
  const message = `${server} ended its answer before it was complete: the request may have been carried out or not`;
  return { is: "trouble", trouble: { reason: "stream_broken", message } };
}
