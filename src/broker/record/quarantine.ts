import { type Credential, type Issued, type Settings, transition } from "../../credential/index.ts";
import type { Row } from "../../store/port.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { moment, newId } from "../process/random.ts";
import { newGeneration, rowAfter } from "./commit.ts";
import { removeLogin } from "./own-client.ts";
import { type CredentialContent, openContent, openCredential, sealContent } from "./records.ts";
import { unlessDamaged } from "./rows.ts";
import { settingsOf } from "./settings.ts";

/**
 * A dead grant is reaped for its readers and stays sealed a while longer, in case the verdict was wrong: a provider that
 * was restored from a backup, a client that was deleted by mistake. Whoever deletes or lets it lapse loses it for good.
 */

function quarantineKey(mount: string, name: string) {
  return { mount, kind: "quarantine", name } as const;
}

/** When the quarantine of a dead grant ends (epoch milliseconds); undefined = there is nothing to keep. */
function keptUntil(state: Credential, { quarantineSeconds }: Settings, now: number): number | undefined {
  const dead = deadGrant(state);
  if (dead?.refreshToken === undefined || dead.trouble?.kind !== "dead") return undefined;
  const until = dead.trouble.since + quarantineSeconds * 1000;
  return until > now ? until : undefined;
}

function deadGrant(state: Credential): Issued | undefined {
  if (state.status === "failed") return state.last;
  return state.status === "issued" ? state : undefined;
}

/** Takes a reaped credential out of its readers' sight; false when there is nothing worth keeping. */
export async function putIntoQuarantine(context: Context, row: Row, settings: Settings): Promise<boolean> {
  const content = openContent<CredentialContent>(context, row);
  const dueAt = keptUntil(content.credential, settings, context.clock.now());
  if (dueAt === undefined) return false;
  const key = quarantineKey(row.mount, row.name);
  const older = await context.store.read(key);
  if (older) await context.store.remove({ id: older.id });
  const { id, server } = row;
  const sealed = sealContent(context, { ...key, id }, content);
  const moved = { ...key, id, server, task: "expire", dueAt: Math.ceil(dueAt), lineage: null, sealed } as const;
  await context.store.write(moved, { id, revision: row.revision });
  return true;
}

/**
 * Tries a grant once more that was called dead: from its credential, or from quarantine when that has been reaped.
 * Throws `BrokerError` when there is nothing to try.
 */
export async function retryCredential(context: Context, mount: string, name: string): Promise<void> {
  const present = await context.store.read({ mount, kind: "creds", name });
  const row = present ?? (await context.store.read(quarantineKey(mount, name)));
  const state = row && openCredential(context, row);
  const event = { type: "retry" } as const;
  const next = state && transition(state, event, moment(context));
  if (!row || !next) throw invalid("there is no failed grant with that name to retry");
  if (present) {
    const retried = await rowAfter(context, row, { kind: "retry", event });
    await context.store.write(retried, { id: row.id, revision: row.revision });
  } else {
    const settings = await settingsOf(context, mount);
    const started = { kind: "retry", outcome: "started" } as const;
    const place = { mount, name, id: newId(), present };
    const { id, revision } = row;
    // In one write: what a crash left of the old row would end the client that the new one goes on with, when its time is over.
    await context.store.write(await newGeneration(context, place, next, settings, started), { id, revision });
  }
  context.wake();
}

/** Delete wins: nothing of that name comes back. */
export async function forget(context: Context, mount: string, name: string, revoke: boolean): Promise<void> {
  const kept = await context.store.read(quarantineKey(mount, name));
  const state = kept && revoke ? await unlessDamaged(() => openCredential(context, kept)) : undefined;
  if (kept && state) await removeLogin(context, kept, state.grant);
  else if (kept) await context.store.remove({ id: kept.id });
}
