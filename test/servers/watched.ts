import type { TestContext } from "node:test";
import type { FaultyServer, Misbehaving } from "./misbehaving.ts";
import { startMisbehavingServer } from "./misbehaving-server.ts";

const servers = new Set<FaultyServer>();

/** What else is withheld on purpose, and not waited for. */
export const withheld = new Set<object>();

/** Closes a server after the test; while it withholds an answer the clock may go on. */
export function watch<T extends FaultyServer>(t: TestContext, server: T): T {
  servers.add(server);
  t.after(() => {
    servers.delete(server);
    return server.close();
  });
  return server;
}

/** How many answers are withheld. */
export function countWithheld(): number {
  return [...servers].reduce((sum, { holding }) => sum + holding.size, withheld.size);
}

/** A misbehaving server for one test. */
export async function startServer(t: TestContext, now?: () => number): Promise<Misbehaving> {
  return watch(t, await startMisbehavingServer(now));
}
