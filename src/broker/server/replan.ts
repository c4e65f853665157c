import { type Event, type Settings, transition } from "../../credential/index.ts";
import { findProvider } from "../../providers/index.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { moment } from "../process/random.ts";
import { rowAfter } from "../record/commit.ts";
import { isLaneOf } from "../record/grant.ts";
import { credentialRow, openCredential, openHistory } from "../record/records.ts";
import { pagesOf, unlessDamaged } from "../record/rows.ts";
import { settingsOf } from "../record/settings.ts";
import type { ServerRecord } from "./server-record.ts";

/** Rows per page: one transaction each, so that readers and pollers get their turn in between. */
const PAGE = 500;

/**
 * Gives every credential of a mount (or of one of its servers) its due time anew, after settings or a server changed,
 * and lets `event` happen to each; `manyLanes`: of a server whose logins have lanes by their API servers. A row that changes
 * meanwhile plans itself with the new settings and is left alone.
 */
export async function replanMount(
  context: Context,
  mount: string,
  which: { server?: string; event?: Event; manyLanes?: boolean },
): Promise<void> {
  const { server, event, manyLanes } = which;
  const ofLane = server !== undefined && !manyLanes ? { server } : {};
  for await (const rows of pagesOf(context, { mount, kind: "creds", ...ofLane }, PAGE)) {
    // Read after the rows: whoever changes the settings later finds what is written here, or is found by its revision.
    const settings = await settingsOf(context, mount);
    const meant = rows.filter((row) => server === undefined || isLaneOf(row.server, server));
    await Promise.all(meant.map((row) => unlessDamaged(context, row, () => replan(context, row, settings, event))));
  }
  context.wake();
}

/** The credentials of a server that was written or deleted; those at many API servers are in lanes of their own. */
export function replanServer(
  context: Context,
  mount: string,
  { name, record, event }: { name: string; record: ServerRecord; event: Event },
): Promise<void> {
  const manyLanes = findProvider(record.provider)?.apiServer !== undefined;
  return replanMount(context, mount, { server: name, event, manyLanes });
}

/** A server that is back is not asked by all at once. Milliseconds. */
const SPREAD_MS = 5_000;

/**
 * Lets rows that waited for their server go on now that it answers: readers at once, the queue within seconds. A row that
 * has changed meanwhile, or is refreshed just now, plans itself.
 */
export async function wakeRows(context: Context, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const row = await context.store.readById(id);
    if (row?.kind === "creds") await unlessDamaged(context, row, () => wakeRow(context, row));
  }
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

async function replan(context: Context, row: Row, settings: Settings, event: Event | undefined): Promise<void> {
  const before = openCredential(context, row);
  const changes = event && (transition(before, event, moment(context)) ?? before) !== before;
  const next = changes
    ? await rowAfter(context, row, { kind: "server", event })
    : credentialRow(context, row, { credential: before, history: openHistory(context, row) }, settings);
  if (!changes && next.dueAt === row.dueAt && next.task === row.task) return;
  await context.store.write(next, { id: row.id, revision: row.revision });
}
