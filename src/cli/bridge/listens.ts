import { META } from "../../mcp/era.ts";
import { type Fields, isAnswer, isFields, type Message } from "../../mcp/message.ts";
import { LISTS_CHANGED } from "../../mcp/sign-in-calls.ts";
import { systemClock } from "../../process/clock.ts";
import type { Ended, Sending, Write } from "./server/bridge-types.ts";
import type { ModernServer } from "./server/modern-server.ts";

/** Between two tries; doubled from the first to the second. Milliseconds. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

const ACKNOWLEDGED = "notifications/subscriptions/acknowledged";

/** MCP-B9: subscriptions of a modern agent, which last longer than any connection. */
export class Listens {
  readonly #server: ModernServer;
  readonly #write: Write;
  readonly #open = new Map<unknown, { readonly asked: Fields; readonly wake: () => void }>();

  constructor(server: ModernServer, write: Write) {
    this.#server = server;
    this.#write = write;
  }

  /** Ends with the server's own answer, with its refusal of the first try, or with the reason of the signal. */
  async request(sending: Sending): Promise<Ended> {
    const { request, signal } = sending;
    const asked = isFields(request.params?.notifications) ? request.params.notifications : {};
    let isAcknowledged = false;
    const sink = async (message: Message, line: string) => {
      if (message.method === ACKNOWLEDGED && isAcknowledged) return;
      isAcknowledged ||= message.method === ACKNOWLEDGED || isAnswer(message);
      wait = FIRST_PAUSE_MS;
      await sending.sink(message, line);
    };
    let wait = FIRST_PAUSE_MS;
    for (;;) {
      const ended = await this.#server.request({ ...sending, sink });
      signal.throwIfAborted();
      const isOpen = isAcknowledged && ended.is === "trouble";
      if (!isOpen && ended.is !== "sign-in") return ended;
      if (ended.is === "sign-in" && !isAcknowledged) {
        const told = acknowledged(request.id, asked);
        await sink(told, JSON.stringify(told));
      }
      await this.#pause(request.id, asked, ended.is === "sign-in" ? undefined : wait, signal);
      wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Until it is time for the next try, or somebody has signed in. */
  #pause(id: unknown, asked: Fields, milliseconds: number | undefined, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = milliseconds === undefined ? () => {} : systemClock.after(milliseconds, () => wake());
      const wake = () => {
        cancel();
        this.#open.delete(id);
        resolve();
      };
      this.#open.set(id, { asked, wake });
      signal.addEventListener("abort", () => {
        wake();
        reject(signal.reason);
      });
    });
  }

  /** Somebody has signed in: the lists are other ones, and what waits for that goes on. */
  async signedIn(): Promise<void> {
    for (const [id, { asked, wake }] of this.#open) {
      for (const method of LISTS_CHANGED) {
        const [, list] = method.split("/");
        if (asked[`${list}ListChanged`] !== true) continue;
        await this.#write(JSON.stringify({ jsonrpc: "2.0", method, params: { _meta: { [META.subscription]: id } } }));
      }
      wake();
    }
  }
}

function acknowledged(id: unknown, notifications: Fields): Message {
  const params = { _meta: { [META.subscription]: id }, notifications };
  return { jsonrpc: "2.0", method: ACKNOWLEDGED, params };
}
