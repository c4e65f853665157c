import { findProvider } from "../../providers/index.ts";
import type { ServerRecord } from "./server-record.ts";

/**
 * What the store may be asked for where a server's logins are looked for, each of which is then told by `isLaneOf`: one lane; or
 * all, where each login has a lane by its API server, and where the record is gone and nobody knows.
 */
export function lanesOf(
  server: string,
  record: Pick<ServerRecord, "provider" | "providerVersion"> | undefined,
): { readonly server?: string } {
  const provider = record && findProvider(record.provider, record.providerVersion);
  return record && !provider?.apiServer ? { server } : {};
}
