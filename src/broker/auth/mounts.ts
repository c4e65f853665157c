import { randomUUID } from "node:crypto";
import { LONGEST_TTL } from "../../access/token.ts";
import { endChildren } from "../access/end-token.ts";
import type { AuthMount, MountTuning } from "../auth.ts";
import { BrokerError, invalid } from "../errors.ts";
import { inBackground } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { openContent, plainRow } from "../record/records.ts";
import { eachOfKind, unlessDamaged } from "../record/rows.ts";
import { placeOf } from "./stored.ts";

const MOUNTS = { mount: "sys/auth", kind: "config" } as const;
type Stored = Omit<AuthMount, "id" | "path">;

const LONGEST_TEXT = 1_024;
const MOST_MOUNTS = 1_000;

export async function readMount(context: Context, path: string): Promise<AuthMount | undefined> {
  const row = await context.store.read({ ...MOUNTS, name: path });
  return row && { id: row.id, path, ...openContent<Stored>(context, row) };
}

/** The mount with an id, while it is enabled. */
export async function mountById(context: Context, id: string): Promise<AuthMount | undefined> {
  const row = await context.store.readById(id);
  return row?.mount === MOUNTS.mount ? { id, path: row.name, ...openContent<Stored>(context, row) } : undefined;
}

/** A damaged one keeps no others from being used. */
export async function listMounts(context: Context): Promise<readonly AuthMount[]> {
  const mounts: AuthMount[] = [];
  await eachOfKind(context, MOUNTS, async (row) => {
    const stored = await unlessDamaged(() => openContent<Stored>(context, row));
    if (stored) mounts.push({ id: row.id, path: row.name, ...stored });
  });
  return mounts;
}

/** Throws `BrokerError`. */
export async function enable(context: Context, path: string, type: string, tuning: MountTuning): Promise<void> {
  // One segment: what follows in a path is the method's.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(path)) {
    throw invalid("a method is enabled at one path segment of letters, digits, dots, hyphens and underscores");
  }
  const used = invalid(`path is already in use at ${path}/`);
  if (path === "token") throw used;
  if ((await listMounts(context)).length >= MOST_MOUNTS) throw invalid(`at most ${MOST_MOUNTS} methods can be enabled`);
  const [uuid, id] = [randomUUID(), newId()];
  const stored = checked({
    ...{ type, uuid, description: "", defaultTtl: 0, maxTtl: 0 },
    accessor: `auth_${type}_${uuid.slice(0, 8)}`,
    ...tuning,
  });
  const isNew = await context.store.write(plainRow(context, { ...MOUNTS, name: path, id }, stored), { absent: true });
  if (!isNew) throw used;
  context.log.info("auth_enabled", { path, type });
}

/** Throws `BrokerError`. */
export async function tune(context: Context, { id, path }: AuthMount, tuning: MountTuning): Promise<void> {
  const row = await context.store.readById(id);
  if (!row) throw invalid(`no method is enabled at ${path}/ any more`);
  const stored = checked({ ...openContent<Stored>(context, row), ...tuning });
  const next = plainRow(context, { ...MOUNTS, name: path, id }, stored);
  if (!(await context.store.write(next, { id, revision: row.revision }))) throw changed();
}

function checked(stored: Stored): Stored {
  const { description, defaultTtl, maxTtl } = stored;
  if (description.length > LONGEST_TEXT) throw invalid(`description may have at most ${LONGEST_TEXT} characters`);
  if (Math.max(defaultTtl, maxTtl) > LONGEST_TTL) throw invalid("a token lasts 32 days at most: give less, or nothing");
  if (maxTtl > 0 && defaultTtl > maxTtl) throw invalid("default_lease_ttl is greater than max_lease_ttl");
  return stored;
}

/**
 * Its tokens are worth nothing from the moment its row is gone (access/callers), and what is kept of it opens nothing; the rows go
 * by and by, and a crash on the way leaves some that nobody can use.
 */
export async function disable(context: Context, path: string): Promise<void> {
  const row = await context.store.read({ ...MOUNTS, name: path });
  if (!row) return;
  // A damaged one goes as well.
  const stored = await unlessDamaged(() => openContent<Stored>(context, row));
  if (!(await context.store.remove({ id: row.id }))) throw changed();
  endChildren(context, row.id);
  inBackground(context, "disable auth", removeAll(context, row));
  context.log.info("auth_disabled", { path, type: stored?.type });
}

function changed(): BrokerError {
  return new BrokerError("repeat", "the mount was changed in the same moment: try again");
}

async function removeAll(context: Context, mount: Pick<AuthMount, "id">): Promise<void> {
  for (const kind of ["config", "secret", "flow"] as const) {
    await eachOfKind(context, { mount: placeOf(mount), kind }, ({ id }) => context.store.remove({ id }));
  }
}
