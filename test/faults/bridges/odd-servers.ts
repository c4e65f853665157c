import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { serverNameOf } from "../../../src/mcp/server-name.ts";
import type { McpRequest } from "../../servers/mcp/mcp-server.ts";
import { eventOf } from "../../servers/mcp/scripted.ts";
import { BIN } from "../../support/bin.ts";
import { eventually } from "../../support/eventually.ts";
import { mcpServerFor } from "../../support/mcp/mcp-server.ts";
import { person } from "../../support/person/person.ts";
import { Visitor } from "../../support/person/visitor.ts";
import { Agent, callsOf, errorsOf } from "./agents.ts";

export interface OddServers {
  readonly agents: number;
  /** Each calls every tool again and again for so long, and once at least. */
  readonly seconds: number;
  /** Seconds for which a stream, and a call, are silent. */
  readonly idle: number;
  /** Seconds after which the list is answered. */
  readonly list: number;
}

/** The server's streams end after that. Milliseconds. */
const STREAM_MS = 1_000;

/** MCP-B12, with what a busy machine adds. Milliseconds. */
const IN_TIME_MS = 20_000;

/** What is answered however it comes. */
const ANSWERED = ["echo", "cut", "plain", "endless"] as const;

/** What nobody can answer: an error says so. */
const TOLD = ["half", "html", "refused"] as const;

/**
 * Section 10 of mcp.md: one login at a server that is odd. It ends every stream after a second, forgets its session at every fifth
 * request, answers its list late, is silent for long, and answers by halves, in other types, on streams without an end, and with 401
 * to a token that is good. No call may be lost, and nobody has to sign in again.
 */
export async function oddServers(t: TestContext, { agents: count, seconds, idle, list }: OddServers) {
  const odd = new OddAnswers(idle, list);
  const ttl = { AccessToken: 600 };
  const options = { device: false, person: "ada", ttl, scopes: ["tools:read"], eras: ["legacy"] } as const;
  const server = await mcpServerFor(t, { ...options, intercept: odd.answer });
  t.after(() => odd.end());
  let refreshes = 0;
  server.provider.on("grant.success", ({ oidc }) => {
    if (oidc.params?.grant_type === "refresh_token") refreshes += 1;
  });
  const ada = person(t);
  const record = [
    "--provider",
    "mcp",
    "--option",
    `url=${server.url}`,
    "--redirect-uri",
    "http://127.0.0.1:0/callback",
  ];
  const added = await ada.run(["server", "add", serverNameOf(server.url), ...record]);
  assert.equal(added.code, 0, added.err);
  const start = () => new Agent(t, [BIN, "mcp", server.url], ada.env);
  const agents = Array.from({ length: count }, start);
  const [first] = agents;
  assert.ok(first);
  let isOpened = false;
  first.onText = (text) => {
    const [address] = /https?:\/\/[^\s,]+\/auth\?[^\s,]+/.exec(text) ?? [];
    if (address === undefined || isOpened) return;
    isOpened = true;
    new Visitor().open(address).catch(() => {});
  };
  for (const agent of agents) await agent.begin();
  await eventually("somebody has signed in", () => first.call(), IN_TIME_MS);
  for (const agent of agents) {
    Object.assign(agent.calls, { answered: 0, told: 0, lost: 0, slowest: 0 });
    agent.errors.clear();
  }
  odd.isOdd = true;
  const lists = await Promise.all(agents.map((agent) => agent.list()));
  assert.ok(Math.max(...lists) < IN_TIME_MS, `MCP-B12: a list took ${Math.max(...lists)} ms`);
  // Its session is never forgotten: it asks for too little.
  const quiet = start();
  await quiet.begin();
  // What is silent for long is beside all the rest, and is answered at its end.
  const silent = [...agents, quiet].map((agent) => agent.call("silent", (idle + 45) * 1_000));
  const until = performance.now() + seconds * 1_000;
  const rounds = agents.map(async (agent) => {
    do {
      for (const name of ANSWERED) assert.ok(await agent.call(name), `${name}: ${errorsOf(agents)}`);
      for (const name of TOLD) assert.equal(await agent.call(name), false, name);
    } while (performance.now() < until);
  });
  await Promise.all(rounds);
  assert.ok((await Promise.all(silent)).every(Boolean), "a call that is silent for long is answered in the end");
  await eventually("what comes after a silence is heard", () => quiet.heard.includes(HEARD), 45_000);
  agents.push(quiet);
  for (const agent of agents) assert.ok(await agent.call(), "the login is what it was");
  const calls = callsOf(agents);
  assert.equal(calls.lost, 0, "a call got neither an answer nor an error");
  assert.ok(odd.forgotten > 0 && odd.cut > 0, "it was odd");
  assert.ok(refreshes <= odd.refused, "MCP-T2: one refresh at most for a token that was refused");
  return { ...calls, ...odd.figures, refreshes, slowestList: Math.max(...lists), said: errorsOf(agents) };
}

const HEARD = "notifications/message";

/** What the server does in the place of what it should. */
class OddAnswers {
  isOdd = false;
  forgotten = 0;
  cut = 0;
  refused = 0;
  readonly #idle: number;
  readonly #list: number;
  readonly #open = new Set<ServerResponse>();
  readonly #over = new AbortController();
  /** What a stream that was cut has to say yet, by the id of its last event. */
  readonly #owed = new Map<string, object>();
  /** Requests of each session. */
  readonly #posts = new Map<string, number>();

  constructor(idle: number, list: number) {
    this.#idle = idle;
    this.#list = list;
  }

  get figures() {
    const { forgotten, cut, refused } = this;
    return { forgotten, streamsCut: cut, refused };
  }

  end(): void {
    this.#over.abort();
    for (const response of this.#open) response.destroy();
  }

  readonly answer = async ({ method, headers, message }: McpRequest, response: ServerResponse): Promise<boolean> => {
    if (!this.isOdd || headers.authorization === undefined) return false;
    if (method === "GET") return this.#stream(String(headers["last-event-id"] ?? ""), response);
    if (method !== "POST" || message.id === undefined) return false;
    if (message.method !== "initialize" && this.#isForgotten(String(headers["mcp-session-id"] ?? ""))) {
      response.writeHead(404).end();
      return true;
    }
    if (message.method === "tools/list") await this.#wait(this.#list);
    return message.method === "tools/call" && this.#call(message, response);
  };

  /** At every fifth request of a session. */
  #isForgotten(session: string): boolean {
    const count = (this.#posts.get(session) ?? 0) + 1;
    this.#posts.set(session, count);
    if (count % 5 !== 0) return false;
    this.forgotten += 1;
    return true;
  }

  #call({ id, params = {} }: McpRequest["message"], response: ServerResponse): boolean | Promise<boolean> {
    const content = [{ type: "text", text: JSON.stringify(params.arguments) }];
    const answer = { jsonrpc: "2.0", id, result: { content } };
    const text = JSON.stringify(answer);
    const head = (type: string, more = {}) => response.writeHead(200, { "content-type": type, ...more });
    switch (params.name) {
      case "cut":
        return this.#cutShort(answer, response);
      case "plain":
        head("text/plain").end(text);
        return true;
      case "endless":
        head("text/event-stream").write(eventOf(answer));
        this.#keep(response);
        return true;
      case "silent":
        head("text/event-stream").flushHeaders();
        this.#keep(response);
        void this.#wait(this.#idle).then(
          () => response.end(eventOf(answer)),
          () => {},
        );
        return true;
      case "half":
        head("application/json", { "content-length": text.length }).write(text.slice(0, 20), () => response.destroy());
        return true;
      case "html":
        head("text/html").end("<p>It works!</p>");
        return true;
      case "refused":
        this.refused += 1;
        response.writeHead(401, { "www-authenticate": 'Bearer error="invalid_token"' }).end();
        return true;
      default:
        return false;
    }
  }

  /** A stream that ends before its answer, which is had by resuming it. */
  async #cutShort(answer: object, response: ServerResponse): Promise<boolean> {
    const key = String(this.#owed.size + 1);
    this.#owed.set(key, answer);
    response.writeHead(200, { "content-type": "text/event-stream" }).write(`id: ${key}\nretry: 100\ndata:\n\n`);
    await this.#wait(STREAM_MS / 1_000);
    this.cut += 1;
    response.end();
    return true;
  }

  async #stream(last: string, response: ServerResponse): Promise<boolean> {
    const owed = this.#owed.get(last);
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (owed) {
      response.end(eventOf(owed));
      return true;
    }
    response.flushHeaders();
    this.#keep(response);
    void this.#wait(this.#idle).then(
      () => {
        const params = { level: "info", data: "after a long silence" };
        response.write(eventOf({ jsonrpc: "2.0", method: HEARD, params }));
      },
      () => {},
    );
    return true;
  }

  #keep(response: ServerResponse): void {
    this.#open.add(response);
    response.once("close", () => this.#open.delete(response));
  }

  #wait(s: number): Promise<unknown> {
    return setTimeout(s * 1_000, undefined, { signal: this.#over.signal });
  }
}
