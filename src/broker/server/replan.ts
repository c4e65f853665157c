import { type Event, transition } from "../../credential/index.ts";
import { findProvider } from "../../providers/index.ts";
import { CannotOpen } from "../../seal/port.ts";
import type { Row } from "../../store/port.ts";
import { type Context, moment } from "../process/context.ts";
import { after } from "../record/commit.ts";
import { isLaneOf } from "../record/destination.ts";
import { credentialRow, openCredential, openHistory } from "../record/records.ts";
import { settingsOf } from "../record/settings.ts";
import type { ServerRecord } from "./server-record.ts";

/** Rows per page: one transaction each, so that readers and pollers get their turn in between. */
const PAGE = 500;

/**
 * Gives every credential of a mount (or of one of its servers) its due time anew, after settings or a server changed,
 * and lets `event` happen to each; `homes`: of a server whose logins have lanes by their homes. A row that changes meanwhile plans itself with the new settings and is left alone.
 */
export async function replanMount(
  context: Context,
  mount: string,
  which: { server?: string; event?: Event; homes?: boolean },
): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const rows = await context.store.list({
      mount,
      kind: "creds",
      limit: PAGE,
      ...(after !== undefined && { after }),
      ...(which.server !== undefined && !which.homes && { server: which.server }),
    });
    const meant = rows.filter(({ server }) => which.server === undefined || isLaneOf(server, which.server));
    await Promise.all(
      meant.map((row) => replan(context, row, which.event).catch((error) => skip(context, row, error))),
    );
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    after = last.name;
  }
  context.wake();
}

/** The credentials of a server that was written or deleted; those of homes are in lanes of their own. */
export function replanServer(
  context: Context,
  mount: string,
  { name, record, event }: { name: string; record: ServerRecord; event: Event },
): Promise<void> {
  const homes = findProvider(record.provider)?.home !== undefined;
  return replanMount(context, mount, { server: name, event, homes });
}

/** One damaged record must not keep the others from their new plan. */
function skip({ log }: Context, { mount, id }: Row, error: unknown): void {
  if (!(error instanceof CannotOpen)) throw error;
  log.error("cannot_open", { mount, id });
}

async function replan(context: Context, row: Row, event: Event | undefined): Promise<void> {
  const before = openCredential(context, row);
  const settings = await settingsOf(context, row.mount);
  const changes = event && (transition(before, event, moment(context)) ?? before) !== before;
  const content = changes
    ? after(context, row, before, { kind: "server", event })
    : { credential: before, history: openHistory(context, row) };
  const next = credentialRow(context, row, content, settings);
  if (!changes && next.dueAt === row.dueAt && next.task === row.task) return;
  await context.store.write(next, { id: row.id, revision: row.revision });
}
