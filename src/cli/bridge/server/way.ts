import { Agent, type ClientRequest, type IncomingMessage, type RequestOptions, request } from "node:http";
import { errorCode } from "../../../error-code.ts";

/** One HTTP request. */
export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** Another address of the same server (HTTP+SSE of 2024-11-05). */
  readonly url?: string;
}

/** How requests reach the server: through a broker, which puts the token in, or directly. */
export interface Way {
  send(call: Call): Promise<IncomingMessage>;
  /** A broker stands in between, and is the one who says that somebody must sign in. */
  readonly isBroker: boolean;
  /** MCP-T5: seconds until the login ends that the request went by; undefined: it is renewed, or there is none. */
  endsIn?(answer: IncomingMessage): number | undefined;
  close(): void;
}

/** What a broker says of that beside its answers. */
export function endsInOf({ headers }: IncomingMessage): number | undefined {
  const { "coatcheck-login-ends-in": said } = headers;
  return typeof said === "string" && /^\d{1,10}$/.test(said) ? Number(said) : undefined;
}

/** Nobody was reached: the request has certainly not been seen. */
export class Unreached extends Error {
  override readonly name = "Unreached";
}

/** It may have been seen, and nobody knows what came of it. */
export class Lost extends Error {
  override readonly name = "Lost";
}

const NOT_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
]);

/** What Node's client is given beside the way. */
export type Sent = Required<Pick<RequestOptions, "method" | "headers">>;

/** One request by Node's client. Rejects with `Unreached`, `Lost`, or the signal's reason. */
export async function sendBy(
  begin: (sent: Sent) => ClientRequest | Promise<ClientRequest>,
  { method, headers, body, signal = new AbortController().signal }: Call,
): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  try {
    const request = await begin({ method, headers: { ...headers, ...length } });
    return await new Promise((resolve, reject) => {
      // Not by Node's `signal`: that one destroys a connection which has just become free, and nobody listens to its error.
      const abort = () => request.destroy();
      signal.addEventListener("abort", abort, { once: true });
      const over = () => signal.removeEventListener("abort", abort);
      request.on("error", reject).on("response", (answer) => {
        // Whoever reads it hears of its error; it may come when nobody reads any more.
        answer.on("error", () => {}).on("end", over);
        resolve(answer);
      });
      request.on("close", over);
      // Events of a stream come one by one, and are waited for.
      request.setNoDelay(true);
      request.end(body);
      if (signal.aborted) abort();
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const message = error instanceof Error ? error.message : "unknown";
    const code = errorCode(error) ?? message;
    if (NOT_CONNECTED.has(code)) throw new Unreached(code);
    throw code === "unreachable" ? new Unreached(message) : new Lost(code);
  }
}

/** Through a broker that listens on a Unix socket. `headers`: of every request. */
export function socketWay(socketPath: string, path: string, headers: Readonly<Record<string, string>>): Way {
  const agent = new Agent({ keepAlive: true });
  // No name to check by TLS, or Node makes one of the host's, which is a twentieth of the bridge's start (CPU).
  const options = { socketPath, agent, servername: "" };
  const begin = (sent: Sent, query: string) => request({ ...sent, ...options, path: path + query });
  return {
    isBroker: true,
    endsIn: endsInOf,
    send: async (call) => {
      const { url: query = "" } = call;
      if (query !== "" && !query.startsWith("?")) throw new Lost("the broker names an address that is not its own");
      const all = { ...call.headers, host: "localhost", ...headers };
      return sendBy((sent) => begin(sent, query), { ...call, headers: all });
    },
    close: () => agent.destroy(),
  };
}
