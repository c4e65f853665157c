import type { Seen, Witness } from "../../process/witness.ts";
import type { Row, Rows } from "../../store/port.ts";
import { invalid } from "../errors.ts";
import type { Context, CopyReason } from "../process/context.ts";
import { copyText } from "../process/copy.ts";
import { newId } from "../process/random.ts";
import { openContent, plainRow } from "./records.ts";

/**
 * Whether this broker may act for its credentials, or holds a copy of a store whose tokens somebody else has used since
 * (ARCHITECTURE.md, invariant 12; faults.md section 10). A copy hands out what is still valid and sends nothing to any
 * provider until somebody says that it is the sole owner now.
 */
export const OWNER = { mount: "", kind: "meta", name: "owner" } as const;

/** One row that all instances share. */
interface Owner {
  /** Counts take-overs, so that what was seen before one does not count any more. */
  readonly epoch: number;
  /** The environment it belongs to, as its operator calls it. */
  readonly environment?: string;
  readonly copy?: {
    readonly reason: CopyReason;
    readonly since: number;
    /** Of `moved`: which move, so that what it filled is known. */
    readonly move?: string;
  };
  /** The move that filled this store; absent once it has been restored or taken over. */
  readonly move?: string;
  /** Tokens that were obtained before may be spent. Epoch milliseconds. */
  readonly takenOverAt?: number;
}

type Stored = Pick<Context, "seal"> & { readonly store: Rows };

/** What an instance knows and wants. */
export interface Claimant {
  readonly deployment: string;
  readonly witness: Witness;
  readonly environment?: string;
  /** The operator says that nobody else uses these credentials. */
  readonly takeOver: boolean;
}

/** How often an instance looks whether it still owns the store, and notes how far it has come. Milliseconds. */
const LOOK_MS = 5_000;

/** Looks at the start, before anything is sent. Rejects when the store cannot be read or written. */
export async function claimOwnership(context: Context, claimant: Claimant): Promise<void> {
  for (;;) {
    const found = await readOwnership(context, claimant);
    const next = decide(found, claimant, context.clock.now());
    // A store's first owner: what was seen of another store in this place ends before that is durable.
    if (!found.row) note(context, claimant, found, next);
    if (next === found.owner || (await save(context, found.row, next))) return adopt(context, claimant, found, next);
  }
}

/** Goes on looking until the returned function is called; a store that does not answer is asked again. */
export function watchOwnership(context: Context, claimant: Claimant): () => void {
  const watcher = { ...claimant, takeOver: false };
  let stopped = false;
  let cancel = () => {};
  const again = async () => {
    await claimOwnership(context, watcher).catch(() => {});
    if (!stopped) cancel = context.clock.after(LOOK_MS, () => void again());
  };
  cancel = context.clock.after(LOOK_MS, () => void again());
  return () => {
    stopped = true;
    cancel();
  };
}

interface Ownership {
  /** Absent in a store that nobody has owned yet. */
  readonly row: Row | undefined;
  readonly owner: Owner | undefined;
  readonly seen: Seen | undefined;
  readonly progress: number;
}

async function readOwnership(context: Context, { witness }: Claimant): Promise<Ownership> {
  // In this order: what was seen is older than what is found.
  const seen = witness.read();
  const row = await context.store.read(OWNER);
  const owner = row && openContent<Owner>(context, row);
  return { seen, row, owner, progress: await context.store.progress() };
}

/** The same object when nothing is to be changed. */
function decide(found: Ownership, claimant: Claimant, now: number): Owner {
  const { owner, seen } = found;
  const present = owner ?? { epoch: 0 };
  const { takeOver, environment = present.environment } = claimant;
  const named = environment === undefined ? {} : { environment };
  const reason = present.copy?.reason ?? copyReason(found, { ...claimant, ...named });
  if (reason !== undefined && takeOver) {
    return { epoch: Math.max(present.epoch, seen?.epoch ?? 0) + 1, takenOverAt: now, ...named };
  }
  if (reason !== undefined) return present.copy ? present : { ...present, copy: { reason, since: now } };
  return owner && owner.environment === environment ? owner : { ...present, ...named };
}

function copyReason(
  { owner, seen, progress }: Ownership,
  claimant: Pick<Claimant, "deployment" | "environment">,
): CopyReason | undefined {
  if (owner?.environment !== undefined && owner.environment !== claimant.environment) return "clone";
  if (!seen) return undefined;
  if (seen.deployment !== claimant.deployment) return owner && "clone";
  const epoch = owner?.epoch ?? 0;
  const behind = epoch < seen.epoch || (epoch === seen.epoch && progress < seen.progress);
  return behind ? "behind" : undefined;
}

function save(context: Stored, row: Row | undefined, owner: Owner): Promise<boolean> {
  const next = plainRow(context, { ...OWNER, id: row?.id ?? newId() }, owner);
  return context.store.write(next, row ? { id: row.id, revision: row.revision } : { absent: true });
}

function adopt(context: Context, claimant: Claimant, found: Ownership, owner: Owner): void {
  const { life, log, background } = context;
  // Left by this process, which nothing but a new start takes back: a look that began before must not.
  if (life.copy === "moved") return;
  const reason = owner.copy?.reason;
  if (reason !== life.copy) {
    if (reason === "moved") log.warn("handed_over");
    else log[reason ? "error" : "warn"](reason ? "restored_copy" : "taken_over", { reason });
  }
  // Found so at a start: nothing was begun that would have to be settled.
  if (reason === "moved" && background.size === 0) life.handedOver = true;
  if (reason !== undefined) life.copy = reason;
  else delete life.copy;
  if (owner.takenOverAt !== undefined) life.takenOverAt = owner.takenOverAt;
  note(context, claimant, found, owner);
}

function note({ log }: Context, { deployment, witness }: Claimant, { seen, progress }: Ownership, owner: Owner): void {
  const known = seen?.deployment === deployment && seen.epoch === owner.epoch && seen.progress === progress;
  // A copy must not make us forget how far the original had come.
  if (known || owner.copy) return;
  try {
    witness.write({ deployment, epoch: owner.epoch, progress });
  } catch (error) {
    log.warn("witness_failed", { message: error instanceof Error ? error.message : "unknown" });
  }
}

/**
 * Leaves the store to another one, which its rows will be moved to. Nothing is sent from here on, and that is durable: neither a crash nor
 * a start makes it the owner again, but a take-over does. Throws `BrokerError` for a copy, which has nothing to leave.
 */
export async function leaveStore(context: Stored & Pick<Context, "life" | "clock">): Promise<void> {
  const { life, clock } = context;
  if (life.copy !== undefined && life.copy !== "moved") throw invalid(`${copyText(life.copy)}; then it can be moved`);
  let found: CopyReason | undefined = life.copy;
  life.copy = "moved";
  try {
    for (;;) {
      const row = await context.store.read(OWNER);
      const owner = row ? openContent<Owner>(context, row) : { epoch: 0 };
      if (owner.copy && owner.copy.reason !== "moved") {
        // Another look has found that out just now.
        found = owner.copy.reason;
        throw invalid(`${copyText(found)}; then it can be moved`);
      }
      if (owner.copy?.move !== undefined) return;
      const { move: _, ...kept } = owner;
      const copy = { reason: "moved", since: clock.now(), move: newId() } as const;
      if (await save(context, row, { ...kept, copy })) return;
    }
  } catch (error) {
    // Whether it was stored nobody knows; the next look finds out.
    if (found === undefined) delete life.copy;
    else life.copy = found;
    throw error;
  }
}

/** The owner's row where the rows of a store that was left have gone to: nobody used its tokens in between. */
export function movedOwner(context: Pick<Context, "seal">, row: Row): Row {
  const { copy, ...owner } = openContent<Owner>(context, row);
  // The store that was left is behind it, unless somebody takes that over.
  const next: Owner = { ...owner, epoch: owner.epoch + 1, ...(copy?.move !== undefined && { move: copy.move }) };
  return ownerRow(context, row.id, next);
}

/** For a store that is being filled. */
function ownerRow(context: Pick<Context, "seal">, id: string, owner: Owner): Row {
  const content = plainRow(context, { ...OWNER, id }, owner);
  return { ...content, revision: 1, claim: null, claimUntil: null, intent: null, escrow: null };
}

/** Whether a store that nobody serves is not the newest of what was `seen` of its deployment: it may not be moved as if it were. */
export function isOlder(
  context: Pick<Context, "seal">,
  { row, ...found }: { row: Row | undefined; progress: number; seen: Seen | undefined },
  deployment: string,
): boolean {
  const owner = row && openContent<Owner>(context, row);
  const named = owner?.environment === undefined ? {} : { environment: owner.environment };
  return copyReason({ row, owner, ...found }, { deployment, ...named }) !== undefined;
}

/** The move by which a store was left, by its owner's row. */
export function leftBy(context: Pick<Context, "seal">, row: Row): string | undefined {
  return openContent<Owner>(context, row).copy?.move;
}

/** The move by which a store was filled that nobody has restored or taken over since. */
export function filledBy(context: Pick<Context, "seal">, row: Row): string | undefined {
  const { copy, move } = openContent<Owner>(context, row);
  return copy ? undefined : move;
}

export function isOwnerRow({ mount, kind, name }: Row): boolean {
  return mount === OWNER.mount && kind === OWNER.kind && name === OWNER.name;
}

/** The owner's row of a store that is being filled from a backup: what it holds is a copy, unless it is taken over at once. */
export function copiedOwner(
  context: Pick<Context, "seal">,
  row: Row | undefined,
  { takeOver, now }: { takeOver: boolean; now: number },
): Row {
  const owner = row ? openContent<Owner>(context, row) : { epoch: 0 };
  const { copy: _, move: __, ...kept } = owner;
  const next: Owner = takeOver
    ? { ...kept, epoch: owner.epoch + 1, takenOverAt: now }
    : { ...kept, copy: { reason: "backup", since: now } };
  return ownerRow(context, row?.id ?? newId(), next);
}
