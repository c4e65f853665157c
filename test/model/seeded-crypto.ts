import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { Random } from "../faults/random.ts";

/** From now on this process draws every id, nonce and jitter from a seed: a run can be repeated event by event. */
export function seedCrypto(seed: number): void {
  const random = new Random(seed);
  const bytes = (size: number) => {
    const drawn = Buffer.alloc(size);
    for (let i = 0; i < size; i++) drawn[i] = Math.floor(random.next() * 256);
    return drawn;
  };
  Object.assign(crypto, {
    randomBytes: bytes,
    randomInt: (most: number) => Math.floor(random.next() * most),
    randomUUID: () => bytes(16).toString("hex"),
  });
  syncBuiltinESMExports();
}
