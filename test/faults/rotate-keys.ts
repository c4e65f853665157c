import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { systemClock } from "../../src/process/clock.ts";
import { loadKeys } from "../../src/seal/key-file.ts";
import { keyIdOf } from "../../src/seal/key-ring.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { sealIn } from "../support/stored.ts";
import { Instance, type StoredRow } from "./brokers.ts";
import { storedInSqlite } from "./kill-sqlite.ts";
import { Load, RESOLVED_MS } from "./load.ts";
import { settleProvider, startProvider } from "./provider.ts";
import { Random } from "./random.ts";

/** Sealing anew takes at most half of the broker's time, and a disk that others use too can make that long. Milliseconds. */
const LONGEST_MS = 90_000;

/** To kill in the middle; a look reads every row. Milliseconds. */
const OFTEN_MS = 10;

/** Where only the end is awaited the looks would take as much of the processor as the work. Milliseconds. */
const SELDOM_MS = 200;

export interface Rotations {
  readonly seed: number;
  /** Each with a kill while everything is being sealed anew. */
  readonly rotations: number;
  /** Under load. */
  readonly credentials: number;
  /** Beside them, so that sealing anew takes its time. */
  readonly quiet: number;
}

/** U05: the key of the ring and a mount's are rotated under load, and the broker is killed while it seals everything anew. */
export async function rotateKeys(t: TestContext, { seed, rotations, credentials, quiet }: Rotations) {
  const random = new Random(seed);
  const provider = await startProvider(t, random);
  const broker = new Instance(t, {});
  await broker.start();
  const load = new Load(provider, [broker], random, { key: `file:${join(broker.data, "key")}`, credentials });
  await load.begin(t);
  await broker.end("SIGTERM");
  await multiply(broker.data, quiet);
  await broker.start();
  let leftByKills = 0;
  for (let rotation = 0; rotation < rotations; rotation++) {
    const ring = await rotate(broker, {});
    const fresh = await rotate(broker, { mount: "oauth2" });
    await until("it is in the middle of it", () => share(broker.data, fresh) > random.between(5, 40) / 100);
    const diedAt = performance.now();
    await broker.end("SIGKILL");
    const done = share(broker.data, fresh);
    assert.ok(done > 0 && done < 1, `killed when ${done} of it was done`);
    await settleProvider(provider);
    const rows = storedInSqlite(broker.data);
    leftByKills += rows.filter((row) => row.kind === "creds" && !isUnder(row, fresh)).length;
    const doubtful = load.examine({ rows, left: rows, rescued: broker.rescued(), diedAt });
    await broker.start();
    await load.resolve(doubtful, RESOLVED_MS);
    await until("nothing of the mount is left", () => share(broker.data, fresh) === 1, SELDOM_MS);
    await forgetOthers(broker, ring);
  }
  await load.end(RESOLVED_MS);
  await requireReadable(broker, quiet);
  return { rotations, leftByKills, ...load.judge() };
}

/** Copies of a credential under other names, due never: they are read, not refreshed. */
async function multiply(data: string, count: number): Promise<void> {
  const store = await openSqliteStore({ path: join(data, "coatcheck.db"), clock: systemClock });
  const [original] = await store.list({ mount: "oauth2", kind: "creds", limit: 1 });
  assert.ok(original);
  const seal = sealIn(data);
  const placeOf = ({ id, name }: { id: string; name: string }) =>
    ({ mount: "oauth2", kind: "creds", id, name, field: "content" }) as const;
  const content = JSON.parse(new TextDecoder().decode(seal.open(original.sealed, placeOf(original))));
  const { refreshToken: _, ...credential } = { ...content.credential, expiresAt: Date.now() + 86_400_000 };
  const plain = new TextEncoder().encode(JSON.stringify({ ...content, credential }));
  const writes = Array.from({ length: count }, (__, index) => {
    const place = placeOf({ id: randomBytes(16).toString("base64url"), name: `quiet-${index}` });
    const { field: ___, ...key } = place;
    const row = { ...key, server: "as", task: null, dueAt: null, lineage: null };
    return store.write({ ...row, sealed: seal.seal(plain, place) }, { absent: true });
  });
  assert.ok((await Promise.all(writes)).every(Boolean));
  await store.close();
}

/** Answers the id of the new key. */
async function rotate(broker: Instance, which: { readonly mount?: string }): Promise<string> {
  const rotated = await broker.system("PUT", "keys/rotate", which);
  assert.equal(rotated?.status, 200, JSON.stringify(rotated?.body));
  return String(rotated?.body?.data?.id);
}

function isUnder({ sealed }: Pick<StoredRow, "sealed">, keyId: string): boolean {
  return Buffer.from(sealed.subarray(2, 10)).toString("hex") === keyId;
}

/** How much of the mount's records is sealed under a key, 0 to 1: looked at from outside, while the broker runs. */
function share(data: string, keyId: string): number {
  const database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true, timeout: 1_000 });
  try {
    const counted = database.prepare(
      "SELECT avg(hex(substr(sealed, 3, 8)) = upper(?)) AS share FROM row WHERE mount = 'oauth2'",
    );
    return Number(counted.get(keyId)?.share);
  } finally {
    database.close();
  }
}

/** Every older key goes when the broker says that nothing is under it, and is not needed by the next start. */
async function forgetOthers(broker: Instance, fresh: string): Promise<void> {
  const idsInFile = () => loadKeys(undefined, broker.data, { mayCreate: false }).keys.map(keyIdOf);
  for (const id of idsInFile().filter((one) => one !== fresh)) {
    await until(`the key ${id} has been removed`, async () => {
      const forgotten = await broker.system("DELETE", `keys/${id}`);
      return forgotten?.status === 200;
    });
  }
  assert.deepEqual(idsInFile(), [fresh]);
  await broker.end("SIGTERM");
  await broker.start();
}

async function requireReadable(broker: Instance, quiet: number): Promise<void> {
  for (let index = 0; index < quiet; index += Math.ceil(quiet / 200)) {
    const read = await broker.call("GET", `creds/quiet-${index}`);
    assert.equal(read?.status, 200, JSON.stringify(read?.body));
  }
}

async function until(what: string, look: () => boolean | Promise<boolean>, every = OFTEN_MS): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  while (!(await look())) {
    assert.ok(performance.now() < end, `waited in vain for: ${what}`);
    await setTimeout(every);
  }
}
