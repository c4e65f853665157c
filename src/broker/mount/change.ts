import { randomUUID } from "node:crypto";
import { mountInTheWay, problemOfMount } from "../../mount-names.ts";
import { BrokerError, invalid } from "../errors.ts";
import { destroyKeys, newMountKey } from "../keys/data-keys.ts";
import type { MadeMount, MountSettings } from "../mounts.ts";
import type { Context } from "../process/context.ts";
import { placeOfMount } from "../process/mount-table.ts";
import { newId } from "../process/random.ts";
import { endedRow, loadMounts, mountRow, mountsChanged, readMount } from "./stored.ts";

const MOST_MOUNTS = 1_000;
const LONGEST_PATH = 128;
const LONGEST_TEXT = 1_024;
/** Ten years. Seconds. */
const LONGEST_TTL = 315_360_000;

export async function enableMount(context: Context, path: string, settings: MountSettings): Promise<void> {
  await loadMounts(context);
  requireFree(context, path);
  if (context.mounts.all().length >= MOST_MOUNTS) throw invalid(`at most ${MOST_MOUNTS} mounts can be enabled`);
  const [uuid, id] = [randomUUID(), newId()];
  const named = { uuid, accessor: `oauthapp_${uuid.slice(0, 8)}` };
  const made = checked({ ...named, description: "", defaultTtl: 0, maxTtl: 0, ...settings });
  const row = { ...mountRow(context, id, { path, ...made }), beside: [newMountKey(context, placeOfMount(id))] };
  if (!(await context.store.write(row, { absent: true }))) throw inUse(path);
  await mountsChanged(context);
  if (isCrossed(context, path)) {
    await context.store.remove({ id });
    await destroyKeys(context, placeOfMount(id));
    await mountsChanged(context);
    throw changed();
  }
  context.log.warn("mount_enabled", { path });
}

export async function tuneMount(context: Context, path: string, settings: MountSettings): Promise<void> {
  const { id, revision, made } = await requireMade(context, path);
  const next = mountRow(context, id, { path, ...checked({ ...made, ...settings }) });
  if (!(await context.store.write(next, { id, revision }))) throw changed();
  await mountsChanged(context);
}

/** One write: at no moment it is at both paths, or at none. Answers the id of the move. */
export async function moveMount(context: Context, from: string, to: string): Promise<string> {
  await loadMounts(context);
  const { id, revision, made } = await requireMade(context, from);
  requireFree(context, to);
  const moved = { id: randomUUID(), from };
  const next = mountRow(context, id, { path: to, ...made, moved });
  if (!(await context.store.write(next, { id, revision }))) throw changed();
  await mountsChanged(context);
  if (isCrossed(context, to)) {
    const back = await readMount(context, to);
    if (back?.id === id) await context.store.write(mountRow(context, id, { path: from, ...made }), back);
    await mountsChanged(context);
    throw changed();
  }
  context.log.warn("mount_moved", { path: to, from });
  return moved.id;
}

/** Nothing of it is found from this write on; what it leaves is the queue's (mount/empty), so that no crash keeps a grant alive. */
export async function disableMount(context: Context, path: string): Promise<void> {
  await loadMounts(context);
  requireNotConfigured(context, path);
  const row = await readMount(context, path);
  if (!row) return;
  const { id, revision } = row;
  const now = context.clock.now();
  const ended = endedRow(context, id, { path, endedAt: now, looks: 0 }, now);
  if (!(await context.store.write(ended, { id, revision }))) throw changed();
  await mountsChanged(context);
  context.log.warn("mount_disabled", { path });
  context.wake();
}

/** Two instances may have written at once what is in each other's way, since neither saw the other: then each that sees it takes its own back. */
function isCrossed({ mounts }: Context, path: string): boolean {
  const others = mounts.all().flatMap((mount) => (mount.path === path ? [] : [mount.path]));
  return mountInTheWay(others, path) !== undefined;
}

function requireFree({ mounts }: Context, path: string): void {
  const problem = path.length > LONGEST_PATH ? `a path has at most ${LONGEST_PATH} characters` : problemOfMount(path);
  if (problem !== undefined) throw invalid(problem);
  const other = mountInTheWay(
    mounts.all().map((mount) => mount.path),
    path,
  );
  if (other === path) throw inUse(path);
  if (other !== undefined) {
    throw invalid(`existing mount at ${other}/: no mount lies below another, whose policies would reach it`);
  }
}

async function requireMade(context: Context, path: string) {
  requireNotConfigured(context, path);
  const row = await readMount(context, path);
  if (!row) throw invalid(`no matching mount at "${path.slice(0, LONGEST_PATH).toWellFormed()}/"`);
  return row;
}

function requireNotConfigured({ mounts }: Context, path: string): void {
  const found = mounts.at(path);
  if (!found || found.made) return;
  throw invalid(
    `${path}/ is named where the broker is started (serve --mounts, or mounts in its configuration file): change it there`,
  );
}

function checked(made: MadeMount): MadeMount {
  const { description, defaultTtl, maxTtl } = made;
  if (description.length > LONGEST_TEXT) throw invalid(`description may have at most ${LONGEST_TEXT} characters`);
  if (Math.min(defaultTtl, maxTtl) < 0 || Math.max(defaultTtl, maxTtl) > LONGEST_TTL) {
    throw invalid("default_lease_ttl and max_lease_ttl are between 0 and ten years");
  }
  if (maxTtl > 0 && defaultTtl > maxTtl) throw invalid("default_lease_ttl is greater than max_lease_ttl");
  return made;
}

function inUse(path: string): BrokerError {
  return invalid(`path is already in use at ${path}/`);
}

function changed(): BrokerError {
  return new BrokerError("repeat", "mounts were changed in the same moment: try again");
}
