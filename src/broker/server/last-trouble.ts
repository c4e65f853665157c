import { expandProvider, findProvider } from "../../providers/index.ts";
import type { Trouble } from "../process/caches.ts";
import type { Context } from "../process/context.ts";
import type { StoredServer } from "./server-record.ts";

/** FC-37: of its token endpoint, or of where that is found; or an endpoint of it has moved (META-08). */
export function lastTroubleOf({ caches }: Context, { id, record }: StoredServer): Trouble | undefined {
  const provider = findProvider(record.provider, record.providerVersion);
  const { discovery = "" } = provider ? expandProvider(provider, record.providerOptions, {}) : {};
  const origins = [record.tokenOrigin, URL.parse(discovery)?.origin ?? ""];
  const troubles = [...origins, id].flatMap((key) => caches.troubles.get(key) ?? []);
  return troubles.sort((a, b) => b.at - a.at)[0];
}
