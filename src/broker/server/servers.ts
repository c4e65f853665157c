import type { Page, ServerView } from "../broker.ts";
import type { Context } from "../process/context.ts";
import { rowsOf } from "../record/rows.ts";
import { replanServer } from "./replan.ts";
import { missingServer } from "./resolve-server.ts";
import { findServer, NO_SESSION_ACCESS } from "./server-record.ts";

/** The record without secrets and keys, and without their number; no upstream call. */
export async function readServer(context: Context, mount: string, name: string): Promise<ServerView | undefined> {
  const stored = await findServer(context, mount, name);
  if (!stored) return undefined;
  const { record } = stored;
  const { sessions = NO_SESSION_ACCESS } = record;
  return {
    clientId: record.clientId,
    authUrlParams: record.authUrlParams,
    provider: record.provider,
    providerVersion: record.providerVersion,
    providerOptions: record.providerOptions,
    tokenEndpointAuthMethod: record.authMethod,
    allowSessions: sessions.allowed,
    sessionFlow: sessions.flow,
    proxyApis: sessions.proxyApis,
  };
}

/** Credentials stay; a new server of that name adopts them. Until then they say what is wrong. */
export async function deleteServer(context: Context, mount: string, name: string): Promise<void> {
  const stored = await findServer(context, mount, name);
  if (!stored || !(await context.store.remove({ id: stored.id }))) return;
  const { reason, message: text } = missingServer(name);
  const event = { type: "server-unusable", reason, text, doubt: false } as const;
  await replanServer(context, mount, { name, record: stored.record, event });
}

export async function listServers(context: Context, mount: string, page: Page): Promise<readonly string[]> {
  return (await rowsOf(context, mount, "server", page)).map((row) => row.name);
}
