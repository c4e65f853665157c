import type { TestContext } from "node:test";
import type { Profile } from "../../../src/dev/matrix/profile.ts";
import {
  type QuirkServerOptions,
  type QuirkServer as Simulated,
  startQuirkServer,
} from "../../../src/dev/matrix/quirk-server.ts";
import { startFaultyServer } from "../faulty-server.ts";
import type { FaultyServer } from "../misbehaving.ts";
import { watch } from "../watched.ts";

export type { QuirkServerOptions };

/** A simulated homeserver, faults on top. */
export type QuirkServer = FaultyServer & Simulated;

/** A homeserver of one kind for one test; while it withholds an answer a broker's clock may go on. */
export async function quirkServer(
  t: TestContext,
  profile: Profile,
  options: QuirkServerOptions = {},
): Promise<QuirkServer> {
  const { now = () => performance.timeOrigin + performance.now() } = options;
  return watch(t, await startQuirkServer(profile, (proper) => startFaultyServer(now, proper), options));
}
