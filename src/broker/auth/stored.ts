import type { Beside, Row } from "../../store/port.ts";
import type { AuthMount, Sent } from "../auth.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { openContent, plainRow } from "../record/records.ts";
import { namesOf } from "../record/rows.ts";

/** A mount, or `token`, which is always there. */
export type Place = Pick<AuthMount, "id">;

/** Where what belongs to a mount is kept: by its row's id, so that nothing of a disabled one comes back with its name. */
export function placeOf(mount: Place): string {
  return `auth/${mount.id}`;
}

/** A role as it is kept; `id` is another one when it was removed and written again. */
export interface StoredRole<Values = Sent> {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly values: Values;
}

type StoredConfig = Omit<StoredRole, "name">;

const ROLES = "role/";

function roleKey(mount: Place, name: string) {
  return { mount: placeOf(mount), kind: "config", name: `${ROLES}${name}` } as const;
}

export async function readRole(context: Context, mount: Place, name: string): Promise<StoredRole | undefined> {
  const row = await context.store.read(roleKey(mount, name));
  return row && { id: row.id, name, revision: row.revision, values: openContent<Sent>(context, row) };
}

/** False where it was changed since it was read; a revision of 0 is of a new one. */
export async function writeRole(
  context: Context,
  mount: Place,
  { id, name, revision, values }: StoredRole,
  beside: readonly Beside[],
): Promise<boolean> {
  const row = plainRow(context, { ...roleKey(mount, name), id }, values);
  return context.store.write({ ...row, beside }, revision > 0 ? { id, revision } : { absent: true });
}

export async function removeRole(context: Context, mount: Place, name: string): Promise<StoredRole | undefined> {
  const role = await readRole(context, mount, name);
  return role && (await context.store.remove({ id: role.id })) ? role : undefined;
}

export async function roleNames(context: Context, mount: Place): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const slice of namesOf(context, placeOf(mount), "config", { prefix: ROLES })) {
    names.push(...slice.map((name) => name.slice(ROLES.length)));
  }
  return names;
}

function configKey(mount: AuthMount) {
  return { mount: placeOf(mount), kind: "config", name: "config" } as const;
}

export async function readConfig(context: Context, mount: AuthMount): Promise<Sent | undefined> {
  return (await storedConfig(context, mount))?.values;
}

/** With what tells whether somebody else has written it since. */
export async function storedConfig(context: Context, mount: AuthMount): Promise<StoredConfig | undefined> {
  const row = await context.store.read(configKey(mount));
  return row && { id: row.id, revision: row.revision, values: openContent<Sent>(context, row) };
}

/** False where it was changed since it was read; without `before` it has to be the first. */
export function writeConfig(
  context: Context,
  mount: AuthMount,
  values: Sent,
  before: StoredConfig | undefined,
): Promise<boolean> {
  const row = plainRow(context, { ...configKey(mount), id: before?.id ?? newId() }, values);
  return context.store.write(row, before ? { id: before.id, revision: before.revision } : { absent: true });
}

/** The queue removes it; until then it opens nothing. */
export function isOver({ clock }: Context, { dueAt }: Row): boolean {
  return dueAt !== null && dueAt <= clock.now();
}
