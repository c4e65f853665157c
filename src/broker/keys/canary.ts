import { CannotOpen, type Seal } from "../../seal/port.ts";
import type { Key, Row, Rows } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { commit } from "../record/commit.ts";
import { eachStored } from "../record/rows.ts";

/**
 * One row per key that records may be sealed under, itself sealed under that key. It is written before anything else is
 * sealed with the key, and goes when nothing is sealed under it any more: a start that lacks a key in use knows it from
 * here, without looking at every record.
 */
const PREFIX = "key/";

interface Stored {
  readonly store: Rows;
  readonly seal: Seal;
}

function canaryKey(keyId: string): Key {
  return { mount: "", kind: "meta", name: `${PREFIX}${keyId}` };
}

export function isCanary({ kind, name }: Key): boolean {
  return kind === "meta" && name.startsWith(PREFIX);
}

/** The canaries of a store, by the id of their key. */
export async function listCanaries({ store }: Pick<Stored, "store">): Promise<ReadonlyMap<string, Row>> {
  const rows = await store.list({ mount: "", kind: "meta", prefix: PREFIX, limit: 1_000 });
  return new Map(rows.map((row) => [row.name.slice(PREFIX.length), row]));
}

/** Durable when it resolves; as it was where there is one already. */
export async function writeCanary({ store, seal }: Stored, keyId: string): Promise<void> {
  const place = { ...canaryKey(keyId), id: newId() };
  const sealed = seal.seal(new Uint8Array(), { ...place, field: "content" }, keyId);
  await store.write({ ...place, server: null, task: null, dueAt: null, lineage: null, sealed }, { absent: true });
}

/** Whether the key of that id is here and the very one. */
export function opensCanary({ seal }: Pick<Stored, "seal">, row: Row): boolean {
  const { mount, kind, name, id } = row;
  try {
    seal.open(row.sealed, { mount, kind, name, id, field: "content" });
    return true;
  } catch (error) {
    if (error instanceof CannotOpen) return false;
    throw error;
  }
}

export async function removeCanary(context: Context, keyId: string): Promise<void> {
  const row = await commit(context, () => context.store.read(canaryKey(keyId)));
  if (row) await commit(context, () => context.store.remove({ id: row.id }));
}

/** How many records are sealed, and under which keys. */
export interface Seals {
  /** By the id of the key. */
  readonly byKey: ReadonlyMap<string, number>;
  /** Those that are under another key than they would be sealed under now. */
  readonly others: number;
}

/** The sealed records of a row; a canary is none, it stays under its key. */
export function sealsOf(row: Row): readonly Uint8Array[] {
  return isCanary(row) ? [] : [row.sealed, ...(row.escrow === null ? [] : [row.escrow])];
}

/** Looks at every record of the store and of this process's rescue journal. What is no blob at all is under no key. */
export async function countSeals({ store, clock, seal, journal }: Context): Promise<Seals> {
  const byKey = new Map<string, number>();
  let others = 0;
  const add = (sealed: Uint8Array, isRight: (keyId: string) => boolean) => {
    const id = seal.keyOf(sealed);
    // What the end of its mount has made unreadable is nobody's any more.
    const isDead = seal.dataKeyOf(sealed) !== undefined && !seal.hasDataKey(id ?? "");
    if (id === undefined || isDead) return;
    byKey.set(id, (byKey.get(id) ?? 0) + 1);
    if (!isRight(id)) others += 1;
  };
  await eachStored({ store, clock }, (row) => {
    const right = seal.keyFor(row.mount);
    for (const sealed of sealsOf(row)) add(sealed, (id) => id === right);
  });
  // Of which mount an answer is says only what is sealed.
  const present = new Set(["", ...seal.dataKeys().map(({ mount }) => mount)].map((mount) => seal.keyFor(mount)));
  for (const entry of journal.all().values()) if (entry) add(entry.sealed, (id) => present.has(id));
  return { byKey, others };
}
