import type { IncomingMessage } from "node:http";
import { isFields, type Message, parseMessages, type Trouble } from "../../../mcp/message.ts";
import { failureOf } from "../../frame/fail.ts";
import { shellWords } from "../../frame/output.ts";
import type { Outcome, SignInNeeded } from "./bridge-types.ts";
import type { Door, Place } from "./door.ts";
import { type Exchange, exchange, type Reply } from "./exchange.ts";
import { type Call, Lost, Unreached } from "./way.ts";

export interface UpstreamOptions {
  /** How people call the server: its host. */
  readonly server: string;
  /** Of every request (`--header`). */
  readonly headers: Readonly<Record<string, string>>;
  readonly silence: NonNullable<Exchange["silence"]>;
  /** MCP-T5: told with each answer. */
  readonly onLoginEnd?: (seconds: number | undefined) => void;
}

type Asked = Omit<Exchange, "call" | "silence"> & { readonly call: Call };

/** The server, as it is reached now: what stands between it and the agent is found, woken and looked up again here. */
export class Upstream {
  readonly #door: Door;
  readonly options: UpstreamOptions;

  constructor(door: Door, options: UpstreamOptions) {
    this.#door = door;
    this.options = options;
  }

  /** Sends a request; rejects with the reason of its signal alone. */
  async send(asked: Asked): Promise<Outcome> {
    const { call } = asked;
    for (let isSecond = false; ; isSecond = true) {
      try {
        const place = await this.#door.place();
        const headers = { ...this.options.headers, ...call.headers };
        const reply = await exchange(place.way, {
          ...asked,
          call: { ...call, headers },
          silence: this.options.silence,
          onAnswer: (answer) => {
            this.options.onLoginEnd?.(place.way.endsIn?.(answer));
            asked.onAnswer?.(answer);
          },
        });
        const outcome = await this.#outcomeOf(reply, place);
        if (outcome !== "again") return outcome;
        if (isSecond) return { is: "sign-in", needed: { reason: "invalid_session" } };
      } catch (error) {
        if (call.signal?.aborted) throw call.signal.reason;
        if (!(error instanceof Unreached) || isSecond) return { is: "trouble", trouble: this.#troubleOf(error) };
        await this.#door.wakeBroker().catch(() => {});
      }
    }
  }

  async #outcomeOf(reply: Reply, { way }: Place): Promise<Outcome | "again"> {
    if (reply.is !== "refused") {
      return { is: "done", answer: reply.answer, position: reply.is === "stream" ? reply.position : {} };
    }
    const { status, text, answer } = reply;
    const needed = way.isBroker ? brokersNeed(status, text) : challengeNeed(status, answer);
    // Somebody may have signed in meanwhile, in another process.
    if (needed) return needed.scopes === undefined && this.#door.lookAgain() ? "again" : { is: "sign-in", needed };
    const body = parseMessages(text);
    return { is: "refused", status, text, body: Array.isArray(body) ? undefined : (body as Message | undefined) };
  }

  #troubleOf(error: unknown): Trouble {
    const { server } = this.options;
    if (error instanceof Lost) {
      const message = `the connection to ${server} was lost (${error.message}): the request may have been carried out or not`;
      return { reason: "connection_lost", message };
    }
    const isBroker = this.#door.held() !== undefined;
    if (error instanceof Unreached && isBroker) {
      const message = `the broker cannot be reached (${error.message})`;
      return { reason: "broker_unreachable", message, next: "coatcheck doctor" };
    }
    if (error instanceof Unreached)
      return { reason: "server_unreachable", message: `${server} cannot be reached (${error.message})` };
    const { code, message, next } = failureOf(error);
    return { reason: code, message, ...(next && { next: shellWords(next) }) };
  }
}

/** The broker's own word for a person who is needed (section 8): an error of the session API with the code `sign_in_required`. */
function brokersNeed(status: number, text: string): SignInNeeded | undefined {
  const { error, scope, reason } = fieldsIn(text);
  if (status === 401 && error === "sign_in_required") {
    const scopes = typeof scope === "string" ? scope.split(" ").filter((one) => one !== "") : [];
    return { ...(scopes.length > 0 && { scopes }), reason: typeof reason === "string" ? reason : error };
  }
  return status === 401 ? { reason: "invalid_session" } : undefined;
}

/** A server's own: 401, or 403 that names the scopes it wants (RFC 6750 3.1). */
function challengeNeed(status: number, answer: IncomingMessage): SignInNeeded | undefined {
  const challenge = answer.headers["www-authenticate"] ?? "";
  const [, scope = ""] = /\bscope="([^"]*)"/i.exec(challenge) ?? [];
  const scopes = scope.split(" ").filter((one) => one !== "");
  const isMore = status === 403 && /\binsufficient_scope\b/.test(challenge);
  if (status !== 401 && !isMore) return undefined;
  return { ...(isMore && scopes.length > 0 && { scopes }), reason: isMore ? "insufficient_scope" : "sign_in_required" };
}

function fieldsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}

/** MCP-B1: an HTTP error without a message of its own. */
export function refusalTrouble(server: string, { status, text }: { status: number; text: string }): Trouble {
  const { error, error_description } = fieldsIn(text);
  const said = isFields(error) ? error.message : error_description;
  const words = typeof said === "string" ? `: ${said}` : "";
  return { reason: "http_error", message: `${server} answered with HTTP status ${status}${words}` };
}
