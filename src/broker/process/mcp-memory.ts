import type { LRUCache } from "lru-cache";
import { bounded } from "./bounded.ts";
import { HeldBytes } from "./held-bytes.ts";

/** What this process remembers of MCP servers and their callers; all of it may be lost. Keys begin with a session's public id. */
export interface McpMemory {
  /** Cookies by session and upstream origin, by their names (MCP-G6). */
  readonly cookies: LRUCache<string, ReadonlyMap<string, string>>;
  /** What a server has last said of itself, by session. */
  readonly servers: LRUCache<string, RememberedServer>;
  /** The params of `initialize`, by session and `Mcp-Session-Id`. */
  readonly handshakes: LRUCache<string, Fields>;
  /** Of legacy sessions that the broker itself has begun: what they are called at the server, once they are. */
  readonly begun: LRUCache<string, Promise<Begun>>;
  /** Of streams of 2024-11-05: where their messages are posted, by session and a name of ours (MCP-B10). */
  readonly endpoints: LRUCache<string, URL>;
  /** Logins whose code an agent was told. */
  readonly told: LRUCache<string, number>;
  /** Bytes of messages that wait for an answer. */
  readonly held: HeldBytes;
}

type Fields = Readonly<Record<string, unknown>>;

/** The server's session, where it has any, and the version that it speaks. */
interface Begun {
  readonly session?: string;
  readonly version: unknown;
}

interface RememberedServer {
  readonly capabilities?: Fields;
  readonly instructions?: string;
  readonly tools?: readonly Fields[];
}

export function createMcpMemory(): McpMemory {
  return {
    cookies: bounded(10_000),
    servers: bounded(200),
    handshakes: bounded(10_000),
    begun: bounded(10_000),
    endpoints: bounded(10_000),
    told: bounded(10_000),
    held: new HeldBytes(),
  };
}
