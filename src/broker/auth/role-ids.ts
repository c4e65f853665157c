import { randomUUID } from "node:crypto";
import type { AuthMount } from "../auth.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { openContent, plainRow } from "../record/records.ts";
import type { Alongside } from "./method.ts";
import { placeOf, readRole } from "./stored.ts";

interface Named {
  /** Of the role's row. */
  readonly id: string;
  readonly name: string;
}

/** Which role has a role id, in a row of that name: it is taken over from the row that was looked at, or not at all. */
async function holderOf(context: Context, mount: AuthMount, roleId: string) {
  const row = await context.store.read(keyOf(context, mount, roleId));
  return row && { row, named: openContent<Named>(context, row) };
}

const LONGEST = 4_096;

function keyOf(context: Context, mount: AuthMount, roleId: string) {
  return { mount: placeOf(mount), kind: "config", name: `role-id/${context.seal.fingerprint(roleId)}` } as const;
}

/** Which role had a role id last, and may have another one by now. */
export async function roleOfId(context: Context, mount: AuthMount, roleId: string): Promise<Named | undefined> {
  return (await holderOf(context, mount, roleId))?.named;
}

/**
 * The role id of a role, random where none was given, and the row by which it is found: of two roles that want it in one moment
 * one has it. Throws `BrokerError`.
 */
export const roleIdOf: Alongside = async (context, mount, { id, name, values }, before) => {
  const roleId = String(values.role_id ?? "") || randomUUID();
  if (roleId.length > LONGEST) throw invalid(`role_id may have at most ${LONGEST} characters`);
  const holder = await holderOf(context, mount, roleId);
  const isMine = holder?.named.id === id;
  if (isMine && before.role_id === roleId) return { values: { role_id: roleId }, beside: [] };
  const other = holder && !isMine && (await readRole(context, mount, holder.named.name));
  if (other && other.id === holder.named.id && other.values.role_id === roleId)
    throw invalid("role_id is already in use by another role");
  const row = plainRow(context, { ...keyOf(context, mount, roleId), id: newId() }, { id, name } satisfies Named);
  const expect = holder ? { id: holder.row.id, revision: holder.row.revision } : { absent: true as const };
  return { values: { role_id: roleId }, beside: [{ ...row, expect }] };
};

/** Of a role that is gone; another one may have taken it over meanwhile. */
export async function freeRoleId(context: Context, mount: AuthMount, roleId: string, role: string): Promise<void> {
  const row = await context.store.read(keyOf(context, mount, roleId));
  if (row && openContent<Named>(context, row).id === role) await context.store.remove({ id: row.id });
}
