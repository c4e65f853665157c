import { listCanaries, opensCanary, sealsOf, writeCanary } from "../broker/keys/canary.ts";
import { DataKeys } from "../broker/keys/data-keys.ts";
import { eachStored } from "../broker/record/rows.ts";
import type { RescueJournal } from "../journal/rescue-journal.ts";
import type { Clock } from "../process/clock.ts";
import type { Config } from "../process/config.ts";
import { KeyUnusable, loadKeys } from "../seal/key-file.ts";
import type { RingSeal } from "../seal/key-ring.ts";
import { createKeys } from "../seal/keys.ts";
import { CannotOpen, type Keys, type Seal } from "../seal/port.ts";
import { type Rows, StoreUnusable, type Upkeep } from "../store/port.ts";
import { DEPLOYMENT, type Deployment, isUsed, openDeployment } from "./deployment.ts";

/** A deployment, with the keys it is opened with. */
export interface Opened extends Deployment {
  readonly keys: Keys;
  /** Records may be sealed under other keys of the ring than the first. */
  readonly rotating: boolean;
}

/**
 * Every key that is in use must be here; else the start ends with a sentence that names it, and nothing is changed.
 * Throws like `compose`.
 */
export async function openWithKeys(config: Config, store: Rows & Upkeep, clock: Clock): Promise<Opened> {
  const source = loadKeys(config.key, config.data, { mayCreate: !(await isUsed(store)) });
  const deployment = await openDeployment(store, source.keys);
  const { seal } = deployment;
  const inUse = await proveKeys({ store, clock, seal });
  const keys = createKeys(source, seal, { shared: config.database !== undefined });
  await proveDataKeys({ store, clock, seal });
  return { ...deployment, keys, rotating: inUse.size > 1 };
}

/** Learns the data keys of all mounts. Throws `StoreUnusable` for one that is damaged: without it a whole mount is unreadable. */
async function proveDataKeys(context: Proving & { readonly seal: RingSeal }): Promise<void> {
  try {
    await new DataKeys(context).learn();
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error;
    throw new StoreUnusable("the data key of a mount is damaged: restore a backup; nothing was changed");
  }
}

/** Opens the canary of every key in use, makes those that are missing, and answers the ids of all. */
async function proveKeys(context: Proving): Promise<ReadonlySet<string>> {
  const { store, seal } = context;
  const here = seal.keyIds();
  const canaries = await listCanaries(context);
  const missing = [...canaries].filter(([id]) => !here.includes(id));
  for (const [id] of missing) await requireUnused(context, id);
  for (const [id, row] of canaries) {
    if (!here.includes(id) || opensCanary(context, row)) continue;
    throw new StoreUnusable(`the record that verifies the key ${id} is damaged: restore a backup; nothing was changed`);
  }
  for (const [, row] of missing) await store.remove({ id: row.id });
  // A store that is older than its canaries is sealed under the key of its deployment.
  const deployment = await store.read(DEPLOYMENT);
  const founded = deployment && seal.keyOf(deployment.sealed);
  const inUse = new Set([...here.slice(0, 1), ...(founded ? [founded] : [])]);
  for (const id of inUse) if (!canaries.has(id)) await writeCanary(context, id);
  return new Set([...inUse, ...here.filter((id) => canaries.has(id))]);
}

interface Proving {
  readonly store: Rows & Upkeep;
  readonly clock: Clock;
  readonly seal: Seal;
}

/** The operator took a key away: right, if nothing is sealed under it any more. */
async function requireUnused(context: Proving, id: string): Promise<void> {
  await eachStored(context, (row) => {
    if (sealsOf(row).some((sealed) => context.seal.keyOf(sealed) === id)) throw keyMissing("records are", id);
  });
}

/** The same for answers in the rescue journal, which may hold the only copy of a token. */
export function requireRescuable(journal: RescueJournal, seal: Seal): void {
  for (const entry of journal.all().values()) {
    // A data key that is not here was destroyed with its mount.
    const id = entry && seal.dataKeyOf(entry.sealed) === undefined ? seal.keyOf(entry.sealed) : undefined;
    if (id !== undefined && !seal.keyIds().includes(id)) throw keyMissing("an answer in the rescue journal is", id);
  }
}

function keyMissing(what: string, id: string): KeyUnusable {
  return new KeyUnusable(
    `${what} sealed under the key ${id}, which was not given: add it after the first key (in COATCHECK_KEY, or as a line of the key file); nothing was changed`,
  );
}
