import type { TestContext } from "node:test";
import type { Profile } from "../../src/dev/matrix/profile.ts";
import { type QuirkServer, type QuirkServerOptions, startQuirkServer } from "../../src/dev/matrix/quirk-server.ts";
import { watch } from "./coatcheck.ts";

/** A homeserver of one kind for one test; while it withholds an answer a broker's clock may go on. */
export async function quirkServer(
  t: TestContext,
  profile: Profile,
  options: QuirkServerOptions = {},
): Promise<QuirkServer> {
  return watch(t, await startQuirkServer(profile, options));
}
