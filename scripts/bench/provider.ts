import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { portOf } from "../../test/servers/free-port.ts";

/**
 * The instant provider of the benchmarks, a process of its own: device grant, refresh with strict rotation, and an API behind it.
 * It counts what is asked of it, and how late polls come, by its own clock.
 */
export interface Wish {
  /** Seconds of access tokens, and between two polls. */
  readonly life?: number;
  readonly interval?: number;
  readonly approved?: boolean;
}

export interface Told {
  readonly issuer: string;
  readonly refreshes: number;
  /** Refresh tokens that were presented twice. */
  readonly doubled: number;
  readonly polls: number;
  /** Since they were asked for last: milliseconds from the end of the interval to the poll; below 0 it came too early. */
  readonly lateness: readonly number[];
}

const state = { life: 3_600, interval: 5, approved: false, count: 0, refreshes: 0, doubled: 0, polls: 0 };
const used = new Set<string>();
/** When the last answer to each device code was sent. */
const answered = new Map<string, number>();
let lateness: number[] = [];

const LARGE = Buffer.alloc(2 ** 20, "x");
const PIECE = LARGE.subarray(0, 2 ** 16);

function tokens(): object {
  state.count += 1;
  const refresh_token = `rt-${process.pid}-${state.count}`;
  return { access_token: `at-${state.count}`, token_type: "Bearer", expires_in: state.life, refresh_token };
}

function poll(code: string): object {
  state.polls += 1;
  const before = answered.get(code);
  if (before !== undefined) lateness.push(performance.now() - before - state.interval * 1_000);
  if (state.approved) return tokens();
  answered.set(code, performance.now());
  return { error: "authorization_pending" };
}

function refresh(token: string): object {
  state.refreshes += 1;
  if (used.has(token)) state.doubled += 1;
  used.add(token);
  return tokens();
}

function device(): object {
  state.count += 1;
  const code = `dc-${state.count}`;
  answered.set(code, performance.now());
  const verification_uri = `${issuer}/activate`;
  return {
    device_code: code,
    user_code: `U${state.count}`,
    verification_uri,
    expires_in: 3_600,
    interval: state.interval,
  };
}

function answer(path: string, form: URLSearchParams): object {
  if (path === "/device") return device();
  if (path !== "/token") return { login: "octocat" };
  const code = form.get("device_code");
  return code === null ? refresh(form.get("refresh_token") ?? "") : poll(code);
}

async function send(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? "";
  if (path === "/api/large") return void response.end(LARGE);
  if (path === "/api/streamed") {
    for (let pieces = 0; pieces < 16; pieces++) response.write(PIECE);
    return void response.end();
  }
  let text = "";
  for await (const chunk of request.setEncoding("latin1")) text += chunk;
  const body = JSON.stringify(answer(path, new URLSearchParams(text)));
  response.writeHead(body.startsWith('{"error"') ? 400 : 200, { "content-type": "application/json" }).end(body);
}

const server = createServer((request, response) => void send(request, response).catch(() => response.destroy()));
server.keepAliveTimeout = 60_000;
await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${portOf(server)}`;
process.on("message", (wish: Wish) => {
  Object.assign(state, wish);
  const { refreshes, doubled, polls } = state;
  process.send?.({ issuer, refreshes, doubled, polls, lateness } satisfies Told);
  lateness = [];
});
