import type { Operator } from "../../client/index.ts";
import { didYouMean } from "../../providers/nearest.ts";
import { usage } from "../frame/fail.ts";

/** Where a filter by server finds nothing: throws usage if the broker has no such server, with the nearest name. */
export async function requireKnownServer({ servers }: Operator, name: string | undefined): Promise<void> {
  if (name === undefined) return;
  const known = await servers.list();
  if (!known.includes(name)) throw usage(`there is no server "${name}"${didYouMean(name, known)}`);
}
