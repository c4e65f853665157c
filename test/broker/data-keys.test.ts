import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { makeFirstKeys } from "../../src/broker/keys/data-keys.ts";
import { Resealer } from "../../src/broker/keys/resealer.ts";
import { MountTable } from "../../src/broker/process/mount-table.ts";
import { credentialRow } from "../../src/broker/record/records.ts";
import { backUp, restore } from "../../src/compose/backup.ts";
import { createContext } from "../../src/compose/context.ts";
import { openWithKeys } from "../../src/compose/open-keys.ts";
import { DEFAULT_SETTINGS } from "../../src/credential/index.ts";
import { loadConfig } from "../../src/process/config.ts";
import { createLog } from "../../src/process/log.ts";
import { NO_TRACE } from "../../src/process/trace.ts";
import { createSeal, type RingSeal } from "../../src/seal/key-ring.ts";
import { CannotOpen } from "../../src/seal/port.ts";
import { ForwardingStore } from "../../src/store/forwarding.ts";
import type { Expectation, Removal, Row, RowContent, SealExchange, Store } from "../../src/store/port.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { type Coatcheck, startCoatcheck } from "../support/coatcheck.ts";
import { eventually } from "../support/eventually.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { type Pair, startPair } from "../support/misbehaving.ts";
import { sealIn, storedCredential } from "../support/stored.ts";
import { dataFolder } from "../support/temporary-folder.ts";

const MOUNTS = ["oauth2", "team"];

/** A broker with a login `me` in both mounts. */
async function startBoth(t: TestContext): Promise<Pair> {
  const pair = await startPair(t, { mounts: MOUNTS });
  const { issuer } = pair.as;
  const server = { provider: "custom", client_id: "client", provider_options: { token_url: `${issuer}/token` } };
  assert.equal((await pair.write("team/servers/as", server)).status, 204);
  for (const mount of MOUNTS) {
    const login = { server: "as", refresh_token: pair.as.tokens.grant() };
    assert.equal((await pair.write(`${mount}/creds/me`, login)).status, 204);
  }
  return pair;
}

type Stored = Pick<Row, "id" | "mount" | "name" | "sealed"> & { readonly kind: string };

function rowsIn(data: string): readonly Stored[] {
  const database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true });
  try {
    return database
      .prepare("SELECT id, mount, kind, name, sealed FROM row ORDER BY id")
      .all()
      .map(({ id, mount, kind, name, sealed }) => {
        assert.ok(sealed instanceof Uint8Array);
        return { id: String(id), mount: String(mount), kind: String(kind), name: String(name), sealed };
      });
  } finally {
    database.close();
  }
}

const ofMount = (data: string, mount: string) => rowsIn(data).filter((row) => row.mount === mount);

function placeOf({ mount, kind, id, name }: Stored) {
  return { mount, kind, id, name, field: "content" };
}

const keyId = ({ sealed }: Stored) => Buffer.from(sealed.subarray(2, 10)).toString("hex");

/** What opens with one raw data key and nothing else. */
function withKeyOf(data: string, mount: string): RingSeal {
  const seal = sealIn(data);
  const row = rowsIn(data).find(({ name }) => name === `data-key/000001/${mount}`);
  assert.ok(row);
  const deployment = rowsIn(data).find(({ name }) => name === "deployment");
  const alone = createSeal({
    keys: [randomBytes(32)],
    deploymentId: String(deployment?.id),
    fingerprintKey: new Uint8Array(32),
  });
  alone.hold([{ mount, key: seal.open(row.sealed, placeOf(row)) }]);
  return alone;
}

async function keysOf(coatcheck: Coatcheck) {
  const { body } = await coatcheck.read("sys/keys");
  return (body?.data?.keys ?? []) as { id: string; use: string; mount?: string; records?: number }[];
}

/** Everything in a mount is sealed under its newest key, and no mark is left. */
function settled(data: string): Promise<unknown> {
  return eventually("each mount's rows are under its key", () => {
    const seal = sealIn(data);
    const others = rowsIn(data).filter((row) => MOUNTS.includes(row.mount) && keyId(row) !== seal.keyFor(row.mount));
    return others.length === 0 && !rowsIn(data).some(({ name }) => name === "resealing");
  });
}

test("ST-200 each mount's rows are under a key of its own: the raw key of one opens nothing of another", async (t) => {
  const { data } = await startBoth(t);
  for (const [mount, other] of [MOUNTS, MOUNTS.toReversed()] as const) {
    const own = withKeyOf(data, mount ?? "");
    const rows = ofMount(data, mount ?? "");
    assert.ok(rows.length >= 2);
    for (const row of rows) assert.ok(own.open(row.sealed, placeOf(row)).length > 0);
    for (const row of ofMount(data, other ?? "")) {
      assert.throws(() => own.open(row.sealed, placeOf(row)), CannotOpen);
    }
  }
});

test("ST-200 a row that was copied into another mount, or a data key into another mount's row, stays closed", async (t) => {
  const pair = await startBoth(t);
  const { access_token } = (await pair.read("team/creds/me")).body?.data ?? {};
  const again = await pair.restart(() => {
    const database = new DatabaseSync(join(pair.data, "coatcheck.db"));
    database.exec(
      "UPDATE row SET sealed = (SELECT sealed FROM row WHERE mount = 'team' AND kind = 'creds') WHERE mount = 'oauth2' AND kind = 'creds'",
    );
    database.close();
  });
  const read = await again.read("oauth2/creds/me");
  assert.equal(read.status, 500);
  assert.ok(!JSON.stringify(read.body).includes(String(access_token)));
  assert.equal((await again.read("team/creds/me")).body?.data?.access_token, access_token);
  await again.running.close();
  const database = new DatabaseSync(join(pair.data, "coatcheck.db"));
  database.exec(
    "UPDATE row SET sealed = (SELECT sealed FROM row WHERE name = 'data-key/000001/team') WHERE name = 'data-key/000001/oauth2'",
  );
  database.close();
  await assert.rejects(startCoatcheck(t, { data: pair.data, mounts: MOUNTS }), {
    name: "StoreUnusable",
    message: "the data key of a mount is damaged: restore a backup; nothing was changed",
  });
});

test("U05 a rotation of the ring rotates every mount's data key as well; one of a mount touches nothing of another", async (t) => {
  const pair = await startBoth(t);
  const before = rowsIn(pair.data);
  const bytesOf = (rows: readonly Stored[], mount: string) =>
    rows.filter((row) => row.mount === mount).map(({ sealed }) => Buffer.from(sealed).toString("base64url"));
  const rotated = await pair.write("sys/keys/rotate");
  const ring = String(rotated.body?.data?.id);
  const isAnew = () =>
    rowsIn(pair.data)
      .filter(({ name }) => name.startsWith("data-key/"))
      .every((row) => keyId(row) === ring);
  await eventually("the data keys are wrapped anew", isAnew);
  await settled(pair.data);
  const former = new Set(MOUNTS.flatMap((mount) => before.filter((row) => row.mount === mount).map(keyId)));
  const after = rowsIn(pair.data);
  for (const mount of MOUNTS) for (const row of ofMount(pair.data, mount)) assert.ok(!former.has(keyId(row)));
  const [, old] = await keysOf(pair);
  assert.equal((await pair.delete(`sys/keys/${old?.id}`)).status, 200);
  const team = await pair.write("sys/keys/rotate", { mount: "team" });
  assert.equal(team.status, 200, JSON.stringify(team.body));
  assert.equal(team.body?.warnings, null);
  await settled(pair.data);
  assert.deepEqual(bytesOf(rowsIn(pair.data), "oauth2"), bytesOf(after, "oauth2"));
  for (const row of ofMount(pair.data, "team")) assert.equal(keyId(row), team.body?.data?.id);
  const again = await pair.restart();
  for (const mount of MOUNTS) assert.equal((await again.read(`${mount}/creds/me`)).status, 200);
  const keys = await keysOf(again);
  assert.deepEqual(
    keys.map(({ use, mount, records = 0 }) => [use, mount, records > 0]),
    [
      ["seals", undefined, true],
      ["opens", "oauth2", false],
      ["seals", "oauth2", true],
      ["opens", "team", false],
      ["opens", "team", false],
      ["seals", "team", true],
    ],
  );
  const refused = await again.delete(`sys/keys/${keys[1]?.id}`);
  assert.match(refused.body?.errors?.[0] ?? "", /is the data key of a mount/);
  const unknown = await again.write("sys/keys/rotate", { mount: "nobody" });
  assert.deepEqual([unknown.status, unknown.body?.errors?.[0]?.includes('no mount "nobody"')], [400, true]);
});

/** Logins beside `me`, in more batches than one. */
const QUIET = 150;

/** Data as the version before data keys left them: everything under the first key of the ring. */
async function olderData(t: TestContext): Promise<{ readonly data: string; readonly clock: FakeClock }> {
  const pair = await startBoth(t);
  const { data, clock } = pair;
  await pair.running.close();
  const seal = sealIn(data);
  const store = await openSqliteStore({ path: join(data, "coatcheck.db"), clock });
  const credential = storedCredential(data);
  assert.equal(credential.status, "issued");
  for (let index = 0; index < QUIET; index++) {
    const place = { mount: "team", name: `quiet-${index}`, id: `id-${index}` };
    const content = { credential: { ...credential, accessToken: `at-${index}` }, history: [] };
    await store.write(credentialRow({ seal }, place, content, DEFAULT_SETTINGS), { absent: true });
  }
  const [ring] = seal.keyIds();
  for (const row of await store.scan("", 1_000)) {
    if (row.name.startsWith("data-key/") || row.name === "resealing") await store.remove({ id: row.id });
    else if (MOUNTS.includes(row.mount)) {
      const place = placeOf(row);
      const to = seal.seal(seal.open(row.sealed, place), place, ring);
      assert.equal(await store.reseal([{ id: row.id, field: "sealed", from: row.sealed, to }]), 1);
    }
  }
  await store.close();
  return { data, clock };
}

async function requireAll(coatcheck: Coatcheck): Promise<void> {
  for (const mount of MOUNTS) assert.equal((await coatcheck.read(`${mount}/creds/me`)).status, 200);
  for (let index = 0; index < QUIET; index += 10) {
    const { body } = await coatcheck.read(`team/creds/quiet-${index}`);
    assert.equal(body?.data?.access_token, `at-${index}`);
  }
}

/** Of a process that is killed before or after one of its changes. */
class DyingStore extends ForwardingStore {
  readonly #at: number;
  readonly #before: boolean;
  changes = 0;
  readonly died = Promise.withResolvers<void>();

  constructor(store: Store, { at, before }: { readonly at: number; readonly before: boolean }) {
    super(store);
    this.#at = at;
    this.#before = before;
  }

  async #change<T>(change: () => Promise<T>): Promise<T> {
    const isLast = this.changes === this.#at;
    if (this.changes > this.#at || (isLast && this.#before)) return this.#die();
    this.changes += 1;
    const answer = await change();
    return isLast ? this.#die() : answer;
  }

  #die(): never {
    this.changes = Number.POSITIVE_INFINITY;
    this.died.resolve();
    throw new Error("the process was killed");
  }

  override write(row: RowContent, expect: Expectation): Promise<boolean> {
    return this.#change(() => super.write(row, expect));
  }

  override remove(removal: Removal): Promise<boolean> {
    return this.#change(() => super.remove(removal));
  }

  override reseal(exchanges: readonly SealExchange[]): Promise<number> {
    return this.#change(() => super.reseal(exchanges));
  }
}

/** Moves older data to data keys, until it is killed; answers how many changes were made. */
async function move(data: string, clock: FakeClock, death: { readonly at: number; readonly before: boolean }) {
  const config = { ...loadConfig({ listen: "127.0.0.1:0", data }, {}), mounts: MOUNTS };
  const kept = await openSqliteStore({ path: join(data, "coatcheck.db"), clock });
  const deployment = await openWithKeys(config, kept, clock);
  const store = new DyingStore(kept, death);
  const given = { kept: store, deployment, trace: NO_TRACE, mounts: new MountTable(MOUNTS) };
  const { context, dataKeys } = createContext(
    config,
    createLog("silent", () => {}),
    clock,
    given,
  );
  const work = async () => {
    await makeFirstKeys(context, dataKeys, { mounts: MOUNTS, shared: false });
    const resealer = new Resealer(context);
    resealer.wake();
    await eventually("it has ended", () => resealer.left() === undefined);
  };
  await Promise.race([work().catch(() => store.died.promise), store.died.promise]);
  await kept.close();
  return store.changes;
}

test("data of the version before are moved to data keys; killed before or after any change, the next start goes on", async (t) => {
  const { data, clock } = await olderData(t);
  assert.ok(rowsIn(data).every(({ sealed: [version] }) => version === 1));
  const copy = () => {
    const folder = dataFolder(t);
    cpSync(data, folder, { recursive: true });
    return folder;
  };
  const whole = copy();
  const changes = await move(whole, clock, { at: Number.POSITIVE_INFINITY, before: false });
  await settled(whole);
  // Two keys, three batches and the mark.
  assert.ok(changes >= 6, String(changes));
  for (let at = 0; at < changes; at++) {
    for (const before of [true, false]) {
      const folder = copy();
      await move(folder, clock, { at, before });
      const broker = await startCoatcheck(t, { data: folder, clock, mounts: MOUNTS });
      await requireAll(broker);
      await settled(folder);
      await broker.running.close();
    }
  }
  const before = rowsIn(whole);
  const last = await startCoatcheck(t, { data: whole, clock, mounts: MOUNTS });
  await requireAll(last);
  assert.ok(!last.logged.some((line) => line.includes('"resealing"')));
  for (const mount of MOUNTS) {
    assert.deepEqual(
      ofMount(whole, mount),
      before.filter((row) => row.mount === mount),
    );
  }
});

test("a backup brings the data keys along; it opens with the key of the ring", async (t) => {
  const pair = await startBoth(t);
  const file = join(pair.data, "backup");
  const config = (data: string) => loadConfig({ data, listen: "127.0.0.1:0" }, {});
  await backUp(config(pair.data), file);
  const data = dataFolder(t);
  cpSync(join(pair.data, "key"), join(data, "key"));
  await restore(config(data), file);
  const again = await startCoatcheck(t, { data, clock: pair.clock, mounts: MOUNTS });
  for (const mount of MOUNTS) assert.equal((await again.read(`${mount}/creds/me`)).status, 200);
});

test("ST-200 a mount that the API makes has a key of its own before anything is in it", async (t) => {
  const pair = await startPair(t);
  assert.equal((await pair.write("sys/mounts/made", { type: "oauthapp" })).status, 204);
  const server = {
    provider: "custom",
    client_id: "client",
    provider_options: { token_url: `${pair.as.issuer}/token` },
  };
  assert.equal((await pair.write("made/servers/as", server)).status, 204);
  const [key] = (await keysOf(pair)).filter(({ mount }) => mount === "made");
  const rows = rowsIn(pair.data).filter(({ mount, kind }) => mount.startsWith("sys/mounts/") && kind === "server");
  assert.deepEqual(rows.map(keyId), [key?.id]);
});
