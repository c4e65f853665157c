import { randomUUID } from "node:crypto";
import { areWithin, isWithin } from "../../access/cidr.ts";
import type { Row, RowContent } from "../../store/port.ts";
import { newAccessor } from "../access/token-rows.ts";
import type { AuthMount, SecretIdInput, SecretIdName, SecretIdView } from "../auth.ts";
import { type BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { openContent, plainRow } from "../record/records.ts";
import { eachOfKind } from "../record/rows.ts";
import { LoginRefused } from "./method.ts";
import { freeRoleId } from "./role-ids.ts";
import { isOver, placeOf, type StoredRole } from "./stored.ts";
import { checkCidrs } from "./token-fields.ts";

/** A secret id as it is kept: under its fingerprint, which a dump of the store does not confirm, whoever chose it. */
type Stored = Omit<SecretIdView, "accessor" | "usesLeft"> & {
  /** 0 = any number. */
  readonly usesLeft: number;
};

const LONGEST = 4_096;

function secretKey(context: Context, mount: AuthMount, role: string, secretId: string) {
  const name = context.seal.fingerprint(`${role}\n${secretId}`);
  return { mount: placeOf(mount), kind: "secret", name } as const;
}

function secretRow(
  context: Context,
  place: Pick<Row, "mount" | "kind" | "name" | "id">,
  role: string,
  stored: Stored,
): RowContent {
  const due = stored.expiresAt === undefined ? {} : { task: "expire" as const, dueAt: stored.expiresAt };
  const { mount, kind, name, id } = place;
  return plainRow(context, { mount, kind, name, id }, stored, { server: role, ...due });
}

/** One use less; the last one ends it. Throws `LoginRefused`. */
export async function useSecretId(
  context: Context,
  mount: AuthMount,
  role: string,
  secretId: string,
  address: string,
): Promise<Stored> {
  for (;;) {
    const row = await context.store.read(secretKey(context, mount, role, secretId));
    if (!row || isOver(context, row)) throw new LoginRefused("there is no such secret id of that role");
    const stored = openContent<Stored>(context, row);
    if (!isWithin(stored.cidrs, address)) throw new LoginRefused("its secret id is bound to other addresses");
    if (stored.usesLeft === 0) return stored;
    const used = { ...stored, usesLeft: stored.usesLeft - 1, changedAt: context.clock.now() };
    const expect = { id: row.id, revision: row.revision };
    const isMine =
      used.usesLeft === 0
        ? await context.store.remove(expect)
        : await context.store.write(secretRow(context, row, role, used), expect);
    if (isMine) return stored;
  }
}

interface Limits {
  readonly secret_id_num_uses: number;
  readonly secret_id_ttl: number;
  readonly secret_id_bound_cidrs: readonly string[];
  readonly token_bound_cidrs: readonly string[];
  readonly bind_secret_id: boolean;
}

/** The only answer that has the secret id. Throws `BrokerError`. */
export async function makeSecretId(
  context: Context,
  mount: AuthMount,
  role: StoredRole<Limits>,
  input: SecretIdInput,
): Promise<SecretIdView & { readonly secretId: string }> {
  const { values } = role;
  if (!values.bind_secret_id) throw invalid("bind_secret_id is not set on the role");
  const [uses, ttl] = [input.uses ?? values.secret_id_num_uses, input.ttl ?? values.secret_id_ttl];
  checkLimits(values, { ...input, uses, ttl });
  const [now, secretId, accessor] = [context.clock.now(), input.secretId || randomUUID(), newAccessor()];
  const stored: Stored = {
    metadata: metadataIn(input.metadata),
    cidrs: input.cidrs,
    tokenCidrs: input.tokenCidrs,
    usesLeft: uses,
    ttl,
    createdAt: now,
    changedAt: now,
    ...(ttl > 0 && { expiresAt: now + ttl * 1000 }),
  };
  const key = secretKey(context, mount, role.id, secretId);
  const isNew = await context.store.write(secretRow(context, { ...key, id: accessor }, role.id, stored), {
    absent: true,
  });
  if (!isNew) throw invalid("SecretID is already registered");
  context.log.info("secret_id_made", { path: mount.path, role: role.name, accessor });
  return { ...stored, accessor, secretId };
}

function checkLimits(
  role: Limits,
  { cidrs, tokenCidrs, uses, ttl, secretId }: SecretIdInput & { uses: number; ttl: number },
): void {
  checkCidrs("cidr_list", cidrs);
  checkCidrs("token_bound_cidrs", tokenCidrs);
  if (!areWithin(cidrs, role.secret_id_bound_cidrs))
    throw invalid("cidr_list is not a part of the role's secret_id_bound_cidrs");
  if (!areWithin(tokenCidrs, role.token_bound_cidrs)) {
    throw invalid("token_bound_cidrs is not a part of the role's token_bound_cidrs");
  }
  if (uses < 0) throw invalid("num_uses cannot be negative");
  const most = role.secret_id_num_uses;
  if (most > 0 && (uses === 0 || uses > most))
    throw invalid("num_uses cannot be higher than the role's secret_id_num_uses");
  const longest = role.secret_id_ttl;
  if (longest > 0 && (ttl === 0 || ttl > longest)) throw invalid("ttl cannot be longer than the role's secret_id_ttl");
  if (ttl > 100 * 365 * 86_400) throw invalid("ttl is too long: give 100 years at most, or 0");
  if (secretId.length > LONGEST) throw invalid(`secret_id may have at most ${LONGEST} characters`);
}

function metadataIn(json: string): Readonly<Record<string, string>> {
  if (json === "") return {};
  if (json.length > LONGEST) throw invalid(`metadata may have at most ${LONGEST} characters`);
  const wrong = invalid('failed to parse metadata: give a JSON object of texts such as {"team":"a"}');
  const texts = Object.entries(parsed(json, wrong)).map(([name, value]): [string, string] => {
    if (typeof value !== "string") throw wrong;
    return [name, value];
  });
  return Object.fromEntries(texts);
}

function parsed(json: string, wrong: BrokerError): object {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    throw wrong;
  }
  throw wrong;
}

export async function secretAccessors(context: Context, mount: AuthMount, role: string): Promise<readonly string[]> {
  const accessors: string[] = [];
  await eachOfKind(context, { mount: placeOf(mount), kind: "secret", server: role }, (row) => {
    if (!isOver(context, row)) accessors.push(row.id);
  });
  return accessors.toSorted();
}

/** Its row, if it is one of the role's. */
async function rowOf(context: Context, mount: AuthMount, role: string, name: SecretIdName): Promise<Row | undefined> {
  const row =
    "secretId" in name
      ? await context.store.read(secretKey(context, mount, role, name.secretId))
      : await context.store.readById(name.accessor);
  const isOne = row?.kind === "secret" && row.mount === placeOf(mount) && row.server === role;
  return isOne && !isOver(context, row) ? row : undefined;
}

export async function findSecretId(
  context: Context,
  mount: AuthMount,
  role: string,
  name: SecretIdName,
): Promise<SecretIdView | undefined> {
  const row = await rowOf(context, mount, role, name);
  return row && { ...openContent<Stored>(context, row), accessor: row.id };
}

export async function removeSecretId(
  context: Context,
  mount: AuthMount,
  role: string,
  name: SecretIdName,
): Promise<void> {
  const row = await rowOf(context, mount, role, name);
  if (row) await context.store.remove({ id: row.id });
}

/** What belonged to a role; without it none of it opens anything. */
export async function removeWithRole(context: Context, mount: AuthMount, { id, values }: StoredRole): Promise<void> {
  await freeRoleId(context, mount, String(values.role_id), id);
  await eachOfKind(context, { mount: placeOf(mount), kind: "secret", server: id }, (row) =>
    context.store.remove({ id: row.id }),
  );
}
