import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Resealer } from "../../src/broker/keys/resealer.ts";
import { MountTable } from "../../src/broker/process/mount-table.ts";
import { claimOwnership } from "../../src/broker/record/owner.ts";
import { createContext } from "../../src/compose/context.ts";
import { openWithKeys } from "../../src/compose/open-keys.ts";
import { systemClock } from "../../src/process/clock.ts";
import { loadConfig } from "../../src/process/config.ts";
import { createLog } from "../../src/process/log.ts";
import { NO_TRACE } from "../../src/process/trace.ts";
import type { Seen } from "../../src/process/witness.ts";
import { ForwardingStore } from "../../src/store/forwarding.ts";
import { type Key, type Row, StoreUnavailable } from "../../src/store/port.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { dataFolder } from "../support/temporary-folder.ts";

/** A store that can be slow, gone, or somebody else's too. */
class Odd extends ForwardingStore {
  slow: Promise<void> | undefined;
  gone = false;
  shared = false;

  override get alone(): boolean {
    return !this.shared;
  }

  override async progress(): Promise<number> {
    const progress = await super.progress();
    await this.slow;
    return progress;
  }

  override async read(key: Key): Promise<Row | undefined> {
    if (this.gone) throw new StoreUnavailable("gone");
    return super.read(key);
  }
}

async function left(t: TestContext) {
  const data = dataFolder(t);
  const config = loadConfig({ data }, { COATCHECK_KEY: randomBytes(32).toString("base64url") });
  const store = new Odd(await openSqliteStore({ path: join(data, "coatcheck.db"), clock: systemClock }));
  t.after(() => store.close());
  const deployment = await openWithKeys(config, store, systemClock);
  const log = createLog("silent", () => {});
  const start = () =>
    createContext(config, log, systemClock, {
      kept: store,
      deployment,
      trace: NO_TRACE,
      mounts: new MountTable(["oauth2"]),
    });
  const { id } = deployment;
  const look = ({ context }: ReturnType<typeof start>, seen?: Seen) =>
    claimOwnership(context, { deployment: id, takeOver: false, witness: { read: () => seen, write: () => {} } });
  const broker = start();
  await look(broker);
  return { broker, store, id, look, start };
}

test("data are handed over only by their own deployment's name, and only from a file of this process alone", async (t) => {
  const { broker, store, id } = await left(t);
  const { life } = broker.context;
  await assert.rejects(broker.handOver.go("6a1d3f60-0f4e-4a54-9d2b-1f2e3d4c5b6a"), /serves deployment .*, not the one/);
  store.shared = true;
  await assert.rejects(broker.handOver.go(id), /uses a database already/);
  assert.deepEqual([life.copy, life.handedOver], [undefined, undefined]);
  store.shared = false;
  assert.equal(await broker.handOver.go(id), 0);
  assert.deepEqual([life.copy, life.handedOver], ["moved", true]);
});

test("a look that began before the data were left does not take them back", async (t) => {
  const { broker, store, id, look } = await left(t);
  const slow = Promise.withResolvers<void>();
  store.slow = slow.promise;
  const looking = look(broker);
  await broker.handOver.go(id);
  slow.resolve();
  await looking;
  assert.equal(broker.context.life.copy, "moved");
});

test("data that were left stay so when the store does not answer, and nothing is sealed anew in them", async (t) => {
  const { broker, store, id } = await left(t);
  await broker.handOver.go(id);
  store.gone = true;
  await assert.rejects(broker.handOver.go(id), StoreUnavailable);
  assert.equal(broker.context.life.copy, "moved");
  const resealer = new Resealer(broker.context);
  t.after(() => resealer.stop());
  resealer.wake();
  assert.equal(resealer.left(), undefined);
});

test("a store that was found to be a copy just now is not left", async (t) => {
  const { broker, id, look, start } = await left(t);
  const other = start();
  await look(other, { deployment: id, epoch: 0, progress: 1_000_000 });
  await assert.rejects(broker.handOver.go(id), /restored copy/);
  assert.equal(broker.context.life.copy, "behind");
});

test("whoever finds the data left while something is under way does not call it ended", async (t) => {
  const { broker, id, look, start } = await left(t);
  await broker.handOver.go(id);
  const other = start();
  const work = Promise.withResolvers<void>();
  other.context.background.add(work.promise);
  await look(other);
  assert.deepEqual([other.context.life.copy, other.context.life.handedOver], ["moved", undefined]);
  assert.equal(await other.handOver.go(id), 1);
  other.context.background.clear();
  assert.equal(await other.handOver.go(id), 0);
});
