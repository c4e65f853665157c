import { pause } from "../../process/clock.ts";
import { KeyUnusable } from "../../seal/key-file.ts";
import type { Keys } from "../../seal/port.ts";
import { removalAdvice, rotationAdvice } from "../../seal/rotation-advice.ts";
import { BrokerError, invalid } from "../errors.ts";
import { detach } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { oneAfterAnother } from "../process/one-after-another.ts";
import { commit } from "../record/commit.ts";
import { removeCanary, writeCanary } from "./canary.ts";
import { type DataKeys, makeNextKeys } from "./data-keys.ts";
import type { Resealer } from "./resealer.ts";

/** The rotation of keys, for operators. Rejects with `BrokerError`. */
export interface KeyRotation {
  status(): Promise<KeysView>;
  /**
   * Makes a key that wraps data keys from now on, and seals what belongs to no mount; then the next data key of every mount. All
   * that there is, is sealed anew. Answers the id of the first.
   */
  rotate(): Promise<string>;
  /** Makes the next data key of a mount, and seals all that is in the mount anew under it; answers its id. */
  rotateMount(mount: string): Promise<string>;
  /** Drops a key that only opens, once nothing is sealed under it. */
  forget(id: string): Promise<void>;
}

export interface KeysView {
  /** The first seals, all open; then the data keys of mounts; then those that records are sealed under and that are not here. */
  readonly keys: readonly KeyView[];
  /** Epoch milliseconds of the count; undefined while it lasts. */
  readonly countedAt?: number;
  /** Records that are left to be sealed anew; undefined when nobody is at it. */
  readonly left?: number;
}

interface KeyView {
  /** Hex. */
  readonly id: string;
  readonly use: "seals" | "opens" | "missing";
  /** Path of the mount whose data key it is; undefined for a key of the ring. */
  readonly mount?: string;
  /** Sealed under it; undefined while they are being counted. */
  readonly records?: number;
}

/** A count is believed so long, since other instances write too. Milliseconds. */
const COUNT_LIFE_MS = 60_000;

/** Longest that a status waits for its count. Milliseconds. */
const PATIENCE_MS = 5_000;

/** Longest that a forgetting waits for work that may still hold what it sealed long ago. Milliseconds. */
const SETTLED_MS = 10_000;

interface Given {
  readonly keys: Keys;
  readonly dataKeys: DataKeys;
  readonly resealer: Resealer;
}

export function createKeyRotation(context: Context, given: Given): KeyRotation {
  const { resealer } = given;
  const alone = oneAfterAnother();
  let counting: Promise<unknown> | undefined;
  /** Whoever asks while it lasts waits for the same one. */
  const count = () => {
    counting ??= resealer.count().finally(() => {
      counting = undefined;
    });
    return counting;
  };
  /** One change after the other; carried through when the caller goes away. */
  const inTurn = <T>(change: () => Promise<T>): Promise<T> =>
    alone(change).catch((error: unknown) => {
      throw error instanceof KeyUnusable ? invalid(error.message) : error;
    });
  return {
    status: () => status(context, resealer, count),
    rotate: () => inTurn(() => detach(context, rotate(context, given))),
    rotateMount: (mount) => inTurn(() => detach(context, rotateMount(context, given, mount))),
    forget: (id) => inTurn(() => forget(context, given, id)),
  };
}

async function status(context: Context, resealer: Resealer, count: () => Promise<unknown>): Promise<KeysView> {
  const { clock } = context;
  const known = resealer.latest();
  const left = resealer.left();
  const isOld = left === undefined && (!known || clock.now() - known.at > COUNT_LIFE_MS);
  if (isOld) await Promise.race([count(), pause(clock, PATIENCE_MS)]);
  const latest = resealer.latest();
  const keys = keysOf(context, [...(latest?.seals.byKey.keys() ?? [])]);
  return {
    keys: keys.map((key) => ({ ...key, ...(latest && { records: latest.seals.byKey.get(key.id) ?? 0 }) })),
    ...(latest && { countedAt: latest.at }),
    ...(left !== undefined && { left }),
  };
}

function keysOf({ seal, mounts }: Context, used: readonly string[]): readonly KeyView[] {
  const ring = seal.keyIds();
  const isHere = (id: string) => ring.includes(id) || seal.hasDataKey(id);
  return [
    ...ring.map((id, index) => ({ id, use: index === 0 ? "seals" : "opens" }) as const),
    ...seal
      .dataKeys()
      .map(
        ({ id, mount }) =>
          ({ id, use: seal.keyFor(mount) === id ? "seals" : "opens", mount: mounts.pathOf(mount) }) as const,
      )
      .toSorted((a, b) => (a.mount < b.mount ? -1 : Number(a.mount > b.mount))),
    ...used
      .filter((id) => !isHere(id))
      .sort()
      .map((id) => ({ id, use: "missing" }) as const),
  ];
}

/** The key is durable first, then its canary; only then anything is sealed with it. */
async function rotate(context: Context, { keys, dataKeys, resealer }: Given): Promise<string> {
  if (keys.fixed) throw invalid(rotationAdvice(keys.fixed, keys.origin));
  await context.store.check();
  const id = keys.add();
  await commit(context, () => writeCanary(context, id));
  keys.sealWith(id);
  context.log.info("key_rotated", { key: id });
  resealer.wake();
  await nextKeysOf(context, { dataKeys, resealer }, lastingMounts(context));
  return id;
}

/** Where they are kept; those too that the configuration names no more, whose rows stay. A disabled one is being emptied. */
function lastingMounts({ mounts, seal }: Context): ReadonlySet<string> {
  const unnamed = seal.dataKeys().flatMap(({ mount }) => (mounts.pathOf(mount) === mount ? [mount] : []));
  return new Set([...mounts.all().map(({ place }) => place), ...unnamed]);
}

/** The keys before them go on opening what they have sealed. */
async function nextKeysOf(context: Context, { dataKeys, resealer }: Omit<Given, "keys">, places: Iterable<string>) {
  await makeNextKeys(context, dataKeys, places);
  for (const mount of places) context.log.info("data_key_rotated", { mount, key: context.seal.keyFor(mount) });
  resealer.wake();
}

async function rotateMount(context: Context, given: Given, path: string): Promise<string> {
  const mount = context.mounts.at(path)?.place;
  if (mount === undefined) throw invalid(`there is no mount "${path}": give the name of one that this broker serves`);
  await context.store.check();
  await nextKeysOf(context, given, [mount]);
  return context.seal.keyFor(mount);
}

async function forget(context: Context, { keys, resealer }: Given, id: string): Promise<void> {
  const [first, ...others] = context.seal.keyIds();
  if (context.seal.hasDataKey(id))
    throw invalid(
      `the key ${id} is the data key of a mount: it is sealed in the database itself, and goes with its mount`,
    );
  if (id === first) throw invalid(`the key ${id} seals new records: rotate the keys first, then forget it`);
  if (!others.includes(id))
    throw invalid("this broker has no key with that id: run `coatcheck keys status` to list the ids");
  await waitUntilSettled(context);
  const { seals } = await resealer.count();
  const records = seals.byKey.get(id) ?? 0;
  if (records > 0) {
    resealer.wake();
    throw invalid(
      `${records === 1 ? "1 record is" : `${records} records are`} still sealed under the key ${id} and being resealed: try again when \`coatcheck keys status\` shows 0 (the log lists records that cannot be opened as cannot_open)`,
    );
  }
  if (keys.fixed) throw invalid(`nothing is sealed under the key ${id}. ${removalAdvice(keys.fixed, keys.origin)}`);
  await removeCanary(context, id);
  keys.drop(id);
  context.log.info("key_forgotten", { key: id });
}

/** What was sealed before a rotation may still be on its way to the store: nobody is to lose the key to it. */
async function waitUntilSettled(context: Context): Promise<void> {
  const underWay = Promise.all([...context.background]).then(() => true);
  if (await Promise.race([underWay, pause(context.clock, SETTLED_MS).then(() => false)])) return;
  throw new BrokerError("wait", "operations that started earlier are still running: try again", {
    reason: "temporarily_unavailable",
    retryAfter: 10,
  });
}
