import { newKey } from "../../seal/key-file.ts";
import type { DataKey, RingSeal } from "../../seal/key-ring.ts";
import { CannotOpen } from "../../seal/port.ts";
import type { Key, Row, RowContent, Rows } from "../../store/port.ts";
import { bounded } from "../process/bounded.ts";
import type { Context } from "../process/context.ts";
import { oneAfterAnother } from "../process/one-after-another.ts";
import { newId } from "../process/random.ts";
import { plainRow } from "../record/records.ts";
import { eachOfKind, hasRows } from "../record/rows.ts";

/**
 * The data key of a mount: what its rows are sealed under. It is a row itself, sealed as those that belong to no mount are, so
 * whoever exchanges the keys of the ring exchanges what wraps it, and nothing of the mount. The first key of a mount has number
 * 1; the highest number seals, all open. A key is durable before anything is sealed under it, and is never changed.
 */
const PREFIX = "data-key/";

/** There may be rows that another key than their mount's newest seals: written with a key, gone when a resealing finds none. */
const RESEALING: Key = { mount: "", kind: "meta", name: "resealing" };

/** Digits of a number, so that names sort as numbers do. */
const DIGITS = 6;

interface Ports {
  readonly store: Pick<Rows, "list">;
  readonly clock: Context["clock"];
  readonly seal: RingSeal;
}

function nameOf(mount: string, number: number): string {
  return `${PREFIX}${String(number).padStart(DIGITS, "0")}/${mount}`;
}

function keyRow({ seal }: Pick<Context, "seal">, mount: string, number: number): RowContent {
  const place = { mount: "", kind: "meta", name: nameOf(mount, number), id: newId() } as const;
  const key = newKey();
  const sealed = seal.seal(key, { ...place, field: "content" });
  key.fill(0);
  return { ...place, server: null, task: null, dueAt: null, lineage: null, sealed };
}

/** Throws `CannotOpen`. */
function keyIn({ seal }: Pick<Ports, "seal">, { mount, kind, name, id, sealed }: Row): DataKey & { number: number } {
  const key = seal.open(sealed, { mount, kind, name, id, field: "content" });
  const rest = name.slice(PREFIX.length);
  return { mount: rest.slice(DIGITS + 1), number: Number(rest.slice(0, DIGITS)), key };
}

/** Takes over the keys that are stored: the seal has these from now on, and no others. Throws `CannotOpen`, and changes nothing then. */
async function learnFrom(ports: Ports): Promise<ReadonlyMap<string, number>> {
  const keys: ReturnType<typeof keyIn>[] = [];
  try {
    await eachOfKind(ports, { mount: "", kind: "meta", prefix: PREFIX }, (row) => void keys.push(keyIn(ports, row)));
    keys.sort((a, b) => a.number - b.number);
    ports.seal.hold(keys);
    return new Map(keys.map(({ mount, number }) => [mount, number]));
  } finally {
    for (const { key } of keys) key.fill(0);
  }
}

/** Keys that no row has: they were destroyed with their mount, and nobody looks for them again. */
const MOST_GONE = 1_000;

/** The data keys of all mounts, as far as this process knows them. */
export class DataKeys {
  readonly #ports: Ports;
  readonly #inTurn = oneAfterAnother();
  readonly #gone = bounded<number>(MOST_GONE);

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Throws `CannotOpen`: one is damaged, and what was known before still is. Answers the newest number of each mount. */
  learn(): Promise<ReadonlyMap<string, number>> {
    return this.#inTurn(() => learnFrom(this.#ports));
  }

  /** Nothing, where the keys of these rows are known; else it resolves when they are, or are known to be nowhere. */
  ready(rows: Iterable<Pick<Row, "sealed" | "escrow">>): Promise<void> | undefined {
    const lacking = new Set<string>();
    for (const { sealed, escrow } of rows) {
      this.#note(lacking, sealed);
      if (escrow) this.#note(lacking, escrow);
    }
    return lacking.size === 0 ? undefined : this.#find(lacking);
  }

  #note(lacking: Set<string>, sealed: Uint8Array): void {
    const id = this.#ports.seal.dataKeyOf(sealed);
    if (id !== undefined && !this.#has(id)) lacking.add(id);
  }

  #has(id: string): boolean {
    return this.#gone.has(id) || this.#ports.seal.hasDataKey(id);
  }

  /** Their keys were durable before the rows were: what is not found now never is. */
  async #find(lacking: ReadonlySet<string>): Promise<void> {
    try {
      await this.#inTurn(async () => {
        if (![...lacking].every((id) => this.#has(id))) await learnFrom(this.#ports);
      });
    } catch (error) {
      if (error instanceof CannotOpen) return;
      throw error;
    }
    for (const id of lacking) if (!this.#has(id)) this.#gone.set(id, 1);
  }
}

/** How often an instance looks for keys that others have made. Milliseconds. */
const LOOK_MS = 5_000;

/** Where others share the store, goes on learning until the returned function is called; a store that does not answer is asked again. */
export function followDataKeys(keys: DataKeys, { clock, store }: Pick<Context, "clock" | "store">): () => void {
  if (store.alone) return () => {};
  let stopped = false;
  let cancel = () => {};
  const again = async () => {
    await keys.learn().catch(() => {});
    if (!stopped) wait();
  };
  const wait = () => {
    cancel = clock.after(LOOK_MS, () => void again());
  };
  wait();
  return () => {
    stopped = true;
    cancel();
  };
}

interface Stored extends Pick<Context, "seal"> {
  readonly store: Pick<Rows, "names" | "write">;
}

/** With it rows may be left that have to be sealed anew, and that is as durable as the key. */
function resealingRow(context: Pick<Context, "seal">) {
  return plainRow(context, { ...RESEALING, id: newId() }, {});
}

/**
 * Makes the next key of each of these mounts, the first where one has none. Where somebody else does the same at the same time, both
 * have that one. Throws `CannotOpen`.
 */
export async function makeNextKeys(context: Stored, keys: DataKeys, mounts: Iterable<string>): Promise<void> {
  const numbers = await keys.learn();
  for (const mount of mounts) {
    const row = keyRow(context, mount, (numbers.get(mount) ?? 0) + 1);
    await context.store.write({ ...row, beside: [resealingRow(context)] }, { absent: true });
  }
  await keys.learn();
}

/**
 * Sees to it that each of these mounts has a key. One that has rows already gets none while older instances may share the
 * store, since they could not open what it seals: then an operator makes it.
 */
export async function makeFirstKeys(
  context: Stored & Pick<Context, "log">,
  keys: DataKeys,
  { mounts, shared }: { readonly mounts: readonly string[]; readonly shared: boolean },
): Promise<void> {
  const lacks = (mount: string) => !context.seal.dataKeys().some((key) => key.mount === mount);
  const used: string[] = [];
  for (const mount of mounts.filter(lacks)) {
    const isUsed = await hasRows(context, mount);
    if (shared && isUsed) used.push(mount);
    else await context.store.write(firstRow(context, mount, shared || isUsed), { absent: true });
  }
  await keys.learn();
  for (const mount of used.filter(lacks)) context.log.warn("mount_without_data_key", { mount });
}

/** Where another instance has made it by now, it stays. */
function firstRow(context: Stored, mount: string, mayHaveRows: boolean): RowContent {
  return { ...keyRow(context, mount, 1), ...(mayHaveRows && { beside: [resealingRow(context)] }) };
}

/** The first key of a mount that is made: to be written with the mount's own row. */
export function newMountKey(context: Pick<Context, "seal">, mount: string): RowContent {
  return keyRow(context, mount, 1);
}

/** Of a mount that nothing is left of: what a copy of the store still has of it opens no more. */
export async function destroyKeys(context: Context, mount: string): Promise<void> {
  await eachOfKind(context, { mount: "", kind: "meta", prefix: PREFIX }, async ({ id, name }) => {
    if (name.slice(PREFIX.length + DIGITS + 1) === mount) await context.store.remove({ id });
  });
}

/** The mark that rows may have to be sealed anew. */
export function readResealing({ store }: { readonly store: Pick<Rows, "read"> }): Promise<Row | undefined> {
  return store.read(RESEALING);
}
