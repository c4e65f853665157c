import { type KeySource, KeyUnusable, newKey, readKeys, replaceKeys } from "./key-file.ts";
import { type KeyEncryptionKey, keyIdOf, type RingSeal } from "./key-ring.ts";
import type { Keys } from "./port.ts";

/** The keys of `source`, with which `seal` seals and opens. Its methods throw `KeyUnusable`. */
export function createKeys(source: KeySource, seal: RingSeal, { shared }: { shared: boolean }): Keys {
  let kept = source.keys;
  const keep = (keys: readonly KeyEncryptionKey[]) => {
    const file = requireFile(source);
    if (!isSame(readKeys(file), kept)) {
      throw new KeyUnusable(`the key file ${file} has changed since the start: restart the broker first`);
    }
    replaceKeys(file, keys);
    kept = keys;
  };
  const fixed = shared ? "shared" : source.file === undefined ? "given" : undefined;
  return {
    ...(fixed && { fixed }),
    origin: source.origin,
    add() {
      const key = newKey();
      const present = kept;
      keep([key, ...present]);
      seal.turnTo([...present, key]);
      return keyIdOf(key);
    },
    sealWith: (id) => seal.turnTo(kept.toSorted((a, b) => Number(keyIdOf(b) === id) - Number(keyIdOf(a) === id))),
    drop(id) {
      keep(kept.filter((key) => keyIdOf(key) !== id));
      seal.turnTo(kept);
    },
  };
}

function requireFile({ file, origin }: KeySource): string {
  if (file === undefined) throw new KeyUnusable(`${origin} cannot be changed by the broker`);
  return file;
}

function isSame(some: readonly KeyEncryptionKey[], others: readonly KeyEncryptionKey[]): boolean {
  return some.map(keyIdOf).join() === others.map(keyIdOf).join();
}
