import { type Event, transition } from "../credential/index.ts";
import { CannotOpen } from "../seal/port.ts";
import type { Row } from "../store/port.ts";
import { after } from "./commit.ts";
import { type Context, moment } from "./context.ts";
import { credentialRow, openCredential, openHistory } from "./records.ts";
import { settingsOf } from "./settings.ts";

/** Rows per page: one transaction each, so that readers and pollers get their turn in between. */
const PAGE = 500;

/**
 * Gives every credential of a mount (or of one of its servers) its due time anew, after settings or a server changed,
 * and lets `event` happen to each. A row that changes meanwhile plans itself with the new settings and is left alone.
 */
export async function replanMount(
  context: Context,
  mount: string,
  which: { server?: string; event?: Event },
): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const rows = await context.store.list({
      mount,
      kind: "creds",
      limit: PAGE,
      ...(after !== undefined && { after }),
      ...(which.server !== undefined && { server: which.server }),
    });
    await Promise.all(rows.map((row) => replan(context, row, which.event).catch((error) => skip(context, row, error))));
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    after = last.name;
  }
  context.wake();
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
