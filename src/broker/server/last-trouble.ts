import { expandProvider, findProvider } from "../../providers/index.ts";
import type { Trouble } from "../process/caches.ts";
import type { Context } from "../process/context.ts";
import type { ServerRecord } from "./server-record.ts";

/** FC-37: of its token endpoint, or of where that is found. */
export function lastTroubleOf({ caches }: Context, record: ServerRecord): Trouble | undefined {
  const provider = findProvider(record.provider, record.providerVersion);
  const { discovery = "" } = provider ? expandProvider(provider, record.providerOptions, {}) : {};
  const origins = [record.tokenOrigin, URL.parse(discovery)?.origin ?? ""];
  const troubles = origins.flatMap((origin) => caches.troubles.get(origin) ?? []);
  return troubles.sort((a, b) => b.at - a.at)[0];
}
