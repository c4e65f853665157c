import { type Event, transition } from "../../credential/index.ts";
import type { Row } from "../../store/port.ts";
import { eachOf } from "../../store/walk.ts";
import type { Context } from "../process/context.ts";
import { moment } from "../process/random.ts";
import { rowAfter } from "../record/commit.ts";
import { isLaneOf } from "../record/grant.ts";
import { type CredentialContent, credentialRow, openContent, openCredential } from "../record/records.ts";
import { eachOfKind, unlessDamaged } from "../record/rows.ts";
import { settingsOf } from "../record/settings.ts";
import { lanesOf } from "./lanes.ts";
import type { ServerRecord } from "./server-record.ts";

/**
 * Gives every credential of a mount (or of one of its servers) its due time anew, after settings or a server changed,
 * and lets `event` happen to each. A row that changes meanwhile plans itself with the new settings and is left alone.
 */
export async function replanMount(
  context: Context,
  mount: string,
  which: { server?: { name: string; record: ServerRecord }; event?: Event },
): Promise<void> {
  const { server, event } = which;
  const lanes = server && lanesOf(server.name, server.record);
  await eachOfKind(context, { mount, kind: "creds", ...lanes }, async (row) => {
    if (server && !isLaneOf(row.server, server.name)) return;
    await unlessDamaged(() => replan(context, row, event));
  });
  context.wake();
}

/** The credentials of a server that was written or deleted; those at many API servers are in lanes of their own. */
export function replanServer(
  context: Context,
  mount: string,
  { name, record, event }: { name: string; record: ServerRecord; event: Event },
): Promise<void> {
  return replanMount(context, mount, { server: { name, record }, event });
}

/** A server that is back is not asked by all at once. Milliseconds. */
const SPREAD_MS = 5_000;

/**
 * Lets rows that waited for their server go on now that it answers: readers at once, the queue within seconds. A row that
 * has changed meanwhile, or is refreshed just now, plans itself.
 */
export async function wakeRows(context: Context, ids: readonly string[]): Promise<void> {
  await eachOf(ids, context.clock, async (id) => {
    const row = await context.store.readById(id);
    if (row?.kind === "creds") await unlessDamaged(() => wakeRow(context, row));
  });
  context.wake();
}

async function wakeRow(context: Context, row: Row): Promise<void> {
  const { now, random } = moment(context);
  const event = { type: "server-back" } as const;
  if (!transition(openCredential(context, row), event, { now, random })) return;
  const next = await rowAfter(context, row, { kind: "server", event });
  const dueAt = next.dueAt === null ? null : next.dueAt + Math.floor(random * SPREAD_MS);
  await context.store.write({ ...next, dueAt }, { id: row.id, revision: row.revision });
}

async function replan(context: Context, row: Row, event: Event | undefined): Promise<void> {
  const { credential: before, history } = openContent<CredentialContent>(context, row);
  // Read after the row: whoever changes the settings later finds what is written here, or is found by its revision.
  const settings = await settingsOf(context, row.mount);
  const changes = event && (transition(before, event, moment(context)) ?? before) !== before;
  const next = changes
    ? await rowAfter(context, row, { kind: "server", event })
    : credentialRow(context, row, { credential: before, history }, settings);
  if (!changes && next.dueAt === row.dueAt && next.task === row.task) return;
  await context.store.write(next, { id: row.id, revision: row.revision });
}
