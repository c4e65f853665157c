import type { Client } from "undici";

/** A connection that stands, and what it is connected to. */
export interface Connection {
  readonly client: Client;
  readonly address: string | undefined;
}

/** Idle for longer a connection is not worth its socket; many servers close theirs after five seconds. Milliseconds. */
export const KEPT_MS = 4_000;

/** Idle in all. */
const MOST = 128;

/** Connections whose last answer was read to its end, for the next request of the same lane to the same origin. */
export interface KeptConnections {
  /** One that is still connected to an allowed address, or none. */
  take(key: string, isAllowed: (address: string | undefined) => boolean): Connection | undefined;
  give(key: string, connection: Connection): void;
}

export function createKeptConnections(): KeptConnections {
  const kept = new Map<Connection, string>();
  /** One is given back after each of its answers. */
  const watched = new WeakSet<Connection>();
  return {
    take: (key, isAllowed) => {
      const [found] = [...kept].find(([, of]) => of === key) ?? [];
      if (!found) return undefined;
      kept.delete(found);
      if (isAllowed(found.address)) return found;
      void found.client.destroy();
      return undefined;
    },
    give: (key, connection) => {
      const { client } = connection;
      if (client.destroyed || kept.size >= MOST) return void client.destroy();
      kept.set(connection, key);
      if (watched.has(connection)) return;
      watched.add(connection);
      // By its server, or by undici when it was idle for too long.
      client.on("disconnect", () => {
        if (kept.delete(connection)) void client.destroy();
      });
    },
  };
}
