import type { Claimed, Kind, Row } from "../../store/port.ts";
import { deleteCredential, deleteSelf } from "../credential/delete-credential.ts";
import { destroyKeys } from "../keys/data-keys.ts";
import type { Context } from "../process/context.ts";
import { type AuthorizationRequest, endsWith } from "../record/authorization-request.ts";
import { removeLink } from "../record/own-client.ts";
import { forget } from "../record/quarantine.ts";
import { openContent } from "../record/records.ts";
import { eachOfKind, namesOf, unlessDamaged } from "../record/rows.ts";
import { deleteServer } from "../server/servers.ts";
import { type EndedMount, endedRow, mountsChanged, openEnded } from "./stored.ts";

/** After this nothing that was begun before the end is under way any more: an operation lasts 120 s at most. Milliseconds. */
const SETTLED_MS = 300_000;
/** A stretch of one claim, whose lease is twenty seconds. Milliseconds. */
const STRETCH_MS = 8_000;
/** Until what is left is looked at again, each time twice as long. Milliseconds. */
const AGAIN = { first: 15_000, longest: 3_600_000 };

/** What has to be revoked, or may become a login yet. While some of it is there the servers stay, by whose means it is revoked. */
const LOGINS = ["creds", "self", "quarantine", "flow", "revocation"] as const;
/** What is of no use to anybody without those. */
const REST = ["session", "news", "secret", "token", "config"] as const;

/**
 * Takes away what a disabled mount has kept: its logins are ended as a delete ends them, then its servers and the clients that the
 * broker registered there, then the rest. Nothing is remembered of how far it came: whoever begins again looks for what is left.
 */
export async function emptyMount(context: Context, claimed: Claimed): Promise<void> {
  const { row, claim } = claimed;
  const { place, ...ended } = openEnded(context, claimed);
  const { clock, store, life } = context;
  const until = clock.monotonic() + STRETCH_MS;
  const isWanted = () => clock.monotonic() < until && !life.stopping;
  const isEmpty = await removeAll(context, place, ended, isWanted);
  if (isEmpty) {
    await destroyKeys(context, place);
    await store.remove(row);
    await mountsChanged(context);
    context.log.info("mount_removed", { path: ended.path });
    return;
  }
  const wait = isWanted() ? Math.min(AGAIN.first * 2 ** Math.min(ended.looks, 20), AGAIN.longest) : 0;
  const next = endedRow(context, row.id, { ...ended, looks: ended.looks + 1 }, clock.now() + wait);
  await store.settle({ row: next, by: { claim } });
}

/** Whether nothing is left, and nothing can come any more. */
async function removeAll(
  context: Context,
  mount: string,
  { endedAt }: EndedMount,
  isWanted: () => boolean,
): Promise<boolean> {
  const each = (kind: Kind, work: (row: Row) => unknown) => eachOfKind(context, { mount, kind }, work, isWanted);
  await each("creds", ({ name }) => deleteCredential(context, mount, name, "queued"));
  await each("self", ({ name }) => deleteSelf(context, mount, name, "queued"));
  await each("quarantine", ({ name }) => forget(context, mount, name, true));
  await each("flow", (row) => endLink(context, row));
  if (await hasSome(context, mount, LOGINS)) return false;
  await each("server", ({ name }) => deleteServer(context, mount, name));
  if (await hasSome(context, mount, ["server", "client"])) return false;
  if (context.clock.now() < endedAt + SETTLED_MS) return false;
  for (const kind of REST) await each(kind, ({ id }) => context.store.remove({ id }));
  return !(await hasSome(context, mount, [...LOGINS, "server", "client", ...REST]));
}

/** A link that nobody has come back by; what is under way ends by itself. */
async function endLink(context: Context, row: Row): Promise<void> {
  if (row.task !== "expire" || row.intent !== null || !row.name.startsWith("state/")) return;
  const request = await unlessDamaged(() => openContent<AuthorizationRequest>(context, row));
  await removeLink(context, row.mount, row, request && endsWith({ request }));
}

async function hasSome(context: Context, mount: string, kinds: readonly Kind[]): Promise<boolean> {
  for (const kind of kinds) {
    for await (const names of namesOf(context, mount, kind, { prefix: "", limit: 1 }))
      if (names.length > 0) return true;
  }
  return false;
}
