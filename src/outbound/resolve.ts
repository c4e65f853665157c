import { lookup } from "node:dns/promises";
import type { Resolve } from "./target.ts";

/**
 * The system's own look-up, one per name at a time: it runs on few threads, and a name server that is silent about one
 * name must not keep the others waiting.
 */
export function systemResolve(): Resolve {
  const asking = new Map<string, Promise<readonly string[]>>();
  return (hostname) => {
    const known = asking.get(hostname);
    if (known !== undefined) return known;
    const asked = lookup(hostname, { all: true })
      .then((found) => found.map(({ address }) => address))
      .finally(() => asking.delete(hostname));
    asking.set(hostname, asked);
    return asked;
  };
}
