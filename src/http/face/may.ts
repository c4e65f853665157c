import { type Ask, orNothing } from "./api.ts";
import { Facts } from "./facts.ts";

/** Whether the token has a capability at one of the paths that were asked about. */
export type May = (capability: string, path: string) => boolean;

/**
 * What the API says that the token may do at paths, asked once for each screen, with those that every screen wants. A token without the
 * policy `default` may not ask: then each request says for itself what is refused.
 */
export function mayBy(ask: Ask, always: readonly string[]): (...paths: readonly string[]) => Promise<May> {
  const known = new Map<string, readonly string[]>();
  let isTold = true;
  return async (...wanted) => {
    const paths = [...new Set([...always, ...wanted])].filter((path) => !known.has(path));
    if (paths.length > 0 && isTold) {
      const found = await orNothing(ask("POST", "sys/capabilities-self", { paths }), 403);
      isTold = found !== undefined;
      for (const path of paths) known.set(path, (found ?? new Facts({})).texts(path));
    }
    return (capability, path) => {
      const has = known.get(path) ?? [];
      return !isTold || has.includes(capability) || has.includes("root");
    };
  };
}
