import { cpSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { FaultyServer } from "../servers/misbehaving.ts";
import { type Coatcheck, type CoatcheckOptions, startCoatcheck } from "./coatcheck.ts";
import { eventually } from "./eventually.ts";
import { FakeClock } from "./fake-clock.ts";
import { dataFolder } from "./temporary-folder.ts";

/** A broker that starts from what is on the disk now, as after kill -9; the other one stands still from here on. */
export async function startAfterCrash(
  t: TestContext,
  broker: Coatcheck,
  server: FaultyServer,
  options: CoatcheckOptions = {},
): Promise<Coatcheck> {
  const data = join(dataFolder(t), "image");
  cpSync(broker.data, data, { recursive: true, filter: (path) => !/(\.lock|-shm)$/.test(path) });
  // A process that is killed holds no connection: what was withheld from it is no longer under way.
  for (const response of server.holding) response.destroy();
  await eventually("its connections end", () => server.holding.size === 0);
  return startCoatcheck(t, { ...options, clock: new FakeClock(broker.clock.now()), data });
}
