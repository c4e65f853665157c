import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A wire between a store and its database that can be cut. */
export interface Relay {
  /** The folder of its Unix socket. */
  readonly socket: string;
  /** The next answer of the database is lost, and with it its connection. */
  loseAnswer(): void;
  /** The next answer of the database waits until it is let go; resolves when it has come. */
  holdAnswer(): Promise<() => void>;
  /** Cuts all connections; what was sent stays sent, and the database works on it. */
  cut(): void;
  /** Bytes that came from the store so far. */
  sent(): number;
}

const NAME = ".s.PGSQL.5432";

export async function startRelay(t: TestContext, database: string): Promise<Relay> {
  const folder = mkdtempSync(join(tmpdir(), "relay-"));
  const near = new Set<Socket>();
  let losing = false;
  let holding: ((letGo: () => void) => void) | undefined;
  let sent = 0;
  const server = createServer((client) => {
    const upstream = createConnection(join(database, NAME));
    near.add(client);
    client.on("data", (data) => {
      sent += data.length;
      upstream.write(data);
    });
    upstream.on("data", (data) => {
      if (holding) {
        holding(() => client.write(data));
        holding = undefined;
        return;
      }
      if (!losing) return client.write(data);
      losing = false;
      return client.destroy();
    });
    upstream.on("close", () => client.destroy());
    for (const socket of [client, upstream]) socket.on("error", () => {});
    client.on("close", () => near.delete(client));
    t.after(() => upstream.destroy());
  });
  await new Promise<void>((done) => server.listen(join(folder, NAME), done));
  const cut = () => {
    for (const client of near) client.destroy();
  };
  t.after(() => {
    cut();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    socket: folder,
    cut,
    sent: () => sent,
    loseAnswer: () => {
      losing = true;
    },
    holdAnswer: () =>
      new Promise((held) => {
        holding = held;
      }),
  };
}
