import { webcrypto } from "node:crypto";
import { createGuardedFetch } from "../outbound/guarded-fetch.ts";
import { userAgentOf } from "../outbound/user-agent.ts";
import type { Clock } from "../process/clock.ts";
import type { Config } from "../process/config.ts";
import { VERSION } from "../process/version.ts";
import type { World } from "../walk/index.ts";
import { allowsHttp } from "./listen.ts";

export * from "../walk/index.ts";

/** The world of a walk in the terminal: the guarded fetch, a clock, the system's CSPRNG. */
export function walkWorld(
  { networks, egress }: Pick<Config, "networks" | "egress">,
  clock: Clock,
  signal?: AbortSignal,
): World {
  const userAgent = userAgentOf(`Coatcheck/${VERSION}`, "guided walk");
  return {
    fetch: createGuardedFetch({ policy: networks, userAgent, ...egress }),
    now: () => clock.now(),
    random: (length) => webcrypto.getRandomValues(new Uint8Array(length)),
    headers: { "user-agent": userAgent, "accept-encoding": "identity" },
    allowHttp: allowsHttp(networks),
    ...(signal && { signal }),
  };
}
