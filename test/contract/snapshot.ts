import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Row, Store } from "../../src/store/port.ts";
import type { Snapshot } from "../../src/store/snapshot.ts";
import { resealed, row } from "./store.ts";

/** A store and a way to take a snapshot of it beside it. */
export interface Photographed {
  readonly store: Store;
  snapshot(): Promise<Snapshot>;
}

const LEASE = { milliseconds: 10_000 };
const ANYTHING = { anything: true } as const;

/** What every store must do alike about its progress, snapshots and being filled. */
export function snapshotContract(title: string, open: (t: TestContext) => Promise<Photographed>): void {
  const check = (name: string, run: (opened: Photographed, another: () => Promise<Store>) => Promise<void>) =>
    test(`${title}: ${name}`, async (t) => run(await open(t), async () => (await open(t)).store));

  check("progress counts every change of content once, and no claim", async ({ store }) => {
    const counted = async (change: () => Promise<unknown>) => {
      const before = await store.progress();
      await change();
      return (await store.progress()) - before;
    };
    const content = row({ task: "refresh", dueAt: 1, lineage: "l" });
    assert.equal(await counted(() => store.write(content, ANYTHING)), 1);
    const claimed = await store.claim(content.id, LEASE);
    assert.ok(claimed);
    assert.equal(await counted(() => store.renew(content.id, claimed.claim, 20_000)), 0);
    assert.equal(
      await counted(() => store.escrow({ id: content.id, by: { lineage: "l" }, sealed: new Uint8Array([1]) })),
      1,
    );
    assert.equal(await counted(() => store.settle({ row: resealed(content), by: { lineage: "l" } })), 1);
    assert.equal(await counted(() => store.write(resealed(content), { absent: true })), 0, "what was refused");
    assert.equal(await counted(() => store.remove({ id: content.id })), 1);
    assert.equal(await counted(() => Promise.all([row(), row(), row()].map((one) => store.write(one, ANYTHING)))), 3);
  });

  check("a snapshot is one moment, whatever is written while it is read", async ({ store, snapshot }) => {
    const rows = Array.from({ length: 1_203 }, (_, n) => row({ id: `r${String(n).padStart(5, "0")}` }));
    // No more at once than find a connection in time on a busy machine.
    for (let from = 0; from < rows.length; from += 100) {
      await Promise.all(rows.slice(from, from + 100).map((one) => store.write(one, ANYTHING)));
    }
    const taken = await snapshot();
    assert.equal(taken.progress, await store.progress());
    const [first, last] = [rows[0], rows.at(-1)];
    assert.ok(first && last);
    await store.write(resealed(last), ANYTHING);
    await store.remove({ id: first.id });
    await store.write(row({ id: "r99999" }), ANYTHING);
    const found: Row[] = [];
    for await (const one of taken.rows()) found.push(one);
    assert.deepEqual(found.map(plain), rows.map(asWritten));
    assert.deepEqual((await taken.read(first))?.id, first.id);
    await taken.close();
  });

  check(
    "an empty store is filled with a snapshot, but for claims; another one is left alone",
    async (opened, another) => {
      const { store, snapshot } = opened;
      const content = row({ task: "refresh", dueAt: 5, lineage: "l", name: "ü" });
      await store.write(content, ANYTHING);
      await store.write(resealed(content), ANYTHING);
      const claimed = await store.claim(content.id, LEASE);
      await store.escrow({ id: content.id, by: { lineage: "l" }, sealed: new Uint8Array([0, 255, 7]) });
      const before = await store.readById(content.id);
      const taken = await snapshot();
      const filled = await another();
      assert.equal(await filled.fill(taken.rows(), 41), true);
      assert.equal(await filled.progress(), 41);
      await taken.close();
      const found = await filled.readById(content.id);
      assert.ok(found && before && claimed);
      assert.deepEqual(plain(found), plain({ ...before, claim: null, claimUntil: null }));
      assert.equal(found.intent, claimed.claim);
      const again = await snapshot();
      assert.equal(await filled.fill(again.rows(), 99), false);
      await again.close();
      assert.equal(await filled.progress(), 41);
      await filled.write(row(), ANYTHING);
      assert.equal(await filled.progress(), 42, "it goes on from there");
    },
  );

  check("rows that break off leave an empty store", async ({ store }) => {
    const broken = async function* (): AsyncGenerator<Row> {
      yield asWritten(row());
      throw new Error("cut");
    };
    await assert.rejects(store.fill(broken(), 1), /cut/);
    assert.equal(await store.progress(), 0);
    assert.equal((await store.list({ mount: "oauth2", kind: "creds", limit: 10 })).length, 0);
  });
}

function asWritten(content: ReturnType<typeof row>): Row {
  const { sealed } = content;
  return plain({ ...content, sealed, revision: 1, claim: null, claimUntil: null, intent: null, escrow: null });
}

/** Bytes of every back end alike. */
function plain(found: Row): Row {
  const { sealed, escrow } = found;
  return { ...found, sealed: new Uint8Array(sealed), escrow: escrow && new Uint8Array(escrow) };
}
