import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { ClaimRequest, ListQuery, Row, RowContent, Store } from "../../src/store/port.ts";

/** What is handed to each test: a store of its own and a way to move its clock. */
export interface Opened {
  readonly store: Store;
  advance(milliseconds: number): void | Promise<void>;
}

let count = 0;

/** As after sealing: never the same bytes twice. */
function seal(): Uint8Array {
  count += 1;
  return new Uint8Array([1, count >> 8, count & 0xff]);
}

/** A row as small as it gets; ids and seals are unique. */
export function row(more: Partial<RowContent> = {}): RowContent {
  count += 1;
  const id = more.id ?? `id-${count}`;
  return {
    mount: "oauth2",
    kind: "creds",
    name: id,
    server: "as",
    task: null,
    dueAt: null,
    lineage: null,
    sealed: seal(),
    ...more,
    id,
  };
}

/** The same content written again: it is sealed anew each time. */
export function resealed(content: RowContent, more: Partial<RowContent> = {}): RowContent {
  return { ...content, sealed: seal(), ...more };
}

const LEASE = { milliseconds: 10_000 };
const ANYTHING = { anything: true } as const;

/** What every store must do alike; a back end's own test calls this and adds only what is its own. */
export function storeContract(title: string, open: (t: TestContext) => Promise<Opened>): void {
  const check = (name: string, run: (opened: Opened) => Promise<void>) =>
    test(`${title}: ${name}`, async (t) => run(await open(t)));

  check("a row comes back as it was written, by name and by id", async ({ store }) => {
    const content = row({ task: "poll", dueAt: 5, lineage: "l", sealed: new Uint8Array([0, 255]) });
    assert.equal(await store.write(content, { absent: true }), true);
    const found = await store.read(content);
    assert.deepEqual(
      { ...found, sealed: [...(found?.sealed ?? [])] },
      {
        ...content,
        sealed: [0, 255],
        revision: 1,
        claim: null,
        claimUntil: null,
        intent: null,
        escrow: null,
      },
    );
    assert.equal((await store.readById(content.id))?.name, content.name);
    assert.equal(await store.readById("nobody"), undefined);
  });

  check(
    "what a row brings with it is written with it, by write and by settle, and where it is not written neither",
    async ({ store }) => {
      const names = () => store.names({ mount: "", kind: "news", limit: 100 });
      const news = (name: string) => row({ kind: "news", mount: "", server: null, name, task: "tell", dueAt: 1 });
      const first = row({ name: "n" });
      const beside = [news("a"), news("b")];
      assert.equal(await store.write({ ...first, beside }, { absent: true }), true);
      assert.deepEqual(await names(), ["a", "b"]);
      assert.equal(await store.write({ ...first, beside }, { absent: true }), true, "the repetition of a lost answer");
      assert.equal(await store.write({ ...row({ name: "n" }), beside: [news("c")] }, { absent: true }), false);
      assert.equal(
        await store.write({ ...resealed(first), beside: [news("c")] }, { id: first.id, revision: 7 }),
        false,
      );
      const claimed = await store.claim(first.id, LEASE);
      const by = { claim: String(claimed?.claim) };
      assert.equal(
        await store.settle({ row: { ...resealed(first), beside: [news("c")] }, by: { claim: "no" } }),
        false,
      );
      assert.deepEqual(await names(), ["a", "b"]);
      const older = await store.read({ mount: "", kind: "news", name: "b" });
      assert.equal(await store.settle({ row: { ...resealed(first), beside: [news("b"), news("d")] }, by }), true);
      assert.deepEqual(await names(), ["a", "b", "d"]);
      assert.notEqual(
        (await store.read({ mount: "", kind: "news", name: "b" }))?.id,
        older?.id,
        "in the place of another",
      );
      const again = await store.claim(first.id, LEASE);
      const renamed = { ...resealed(first), name: "m", beside: [news("e")] };
      assert.equal(
        await store.settle({ row: renamed, by: { claim: String(again?.claim) }, expect: { absent: true } }),
        true,
      );
      assert.equal(
        await store.write({ ...renamed, ...row({ name: "m" }), beside: [news("f")] }, { id: first.id }),
        true,
      );
      assert.deepEqual(await names(), ["a", "b", "d", "e", "f"]);
      const due = await store.claimDue({ limit: 10, ...LEASE });
      assert.equal(due.length, 5);
    },
  );

  check("what a row brings with it is written where it expects to be, or nothing is", async ({ store }) => {
    const secret = (name: string) => row({ kind: "config", mount: "m", server: null, name, task: null, dueAt: null });
    const [first, other, unique, another] = [row({ name: "a" }), row({ name: "b" }), secret("u"), secret("u")];
    const absent = { absent: true } as const;
    assert.equal(await store.write({ ...first, beside: [{ ...unique, expect: absent }] }, absent), true);
    const taking = { ...other, beside: [secret("v"), { ...another, expect: absent }] };
    assert.equal(await store.write(taking, absent), false);
    assert.equal(await store.read(other), undefined);
    assert.equal(await store.read(secret("v")), undefined, "nor what would have been written before");
    const late = { ...other, beside: [{ ...another, expect: { id: unique.id, revision: 7 } }] };
    assert.equal(await store.write(late, absent), false);
    const claimed = await store.claim(first.id, LEASE);
    const by = { claim: String(claimed?.claim) };
    const settled = { ...resealed(first), beside: [{ ...another, expect: absent }] };
    assert.equal(await store.settle({ row: settled, by }), false);
    assert.equal(
      await store.settle({ row: { ...settled, name: "c" }, by, expect: absent }),
      false,
      "under another name as well",
    );
    assert.deepEqual([...((await store.read(first))?.sealed ?? [])], [...first.sealed]);
    const taken = { ...other, beside: [{ ...another, expect: { id: unique.id, revision: 1 } }] };
    assert.equal(await store.write(taken, absent), true);
    assert.equal((await store.read(unique))?.id, another.id);
  });

  check("of rows that want one name beside them in one moment one is written", async ({ store }) => {
    const beside = () => ({ ...row({ kind: "config", mount: "m", name: "u" }), expect: { absent: true } as const });
    const rows = Array.from({ length: 8 }, (_, index) => ({ ...row({ name: `n${index}` }), beside: [beside()] }));
    const written = await Promise.all(rows.map((one) => store.write(one, { absent: true })));
    assert.equal(written.filter((done) => done).length, 1);
    const there = await Promise.all(rows.map((one) => store.read(one)));
    assert.deepEqual(
      there.map((one) => one !== undefined),
      written,
    );
  });

  check("absent, id and revision are compared before a write", async ({ store }) => {
    const first = row({ name: "n" });
    await store.write(first, { absent: true });
    assert.equal(await store.write(row({ name: "n" }), { absent: true }), false);
    assert.equal(await store.write(resealed(first), { id: first.id, revision: 7 }), false);
    assert.equal(await store.write(resealed(first), { id: first.id, revision: 1 }), true);
    assert.equal((await store.read(first))?.revision, 2);
    const second = row({ name: "n" });
    assert.equal(await store.write(second, { id: "other" }), false);
    assert.equal(await store.write(second, { id: first.id }), true);
    assert.equal(await store.readById(first.id), undefined);
    assert.equal(await store.write(row({ name: "n" }), ANYTHING), true);
  });

  check(
    "a row takes another's place under a name of its own, in one write, unless that name is taken",
    async ({ store }) => {
      const [left, taken] = [row({ kind: "quarantine", name: "n" }), row({ name: "taken" })];
      for (const each of [left, taken]) await store.write(each, { absent: true });
      const [there, free] = [row({ name: "taken" }), row({ name: "n" })];
      assert.equal(await store.write(there, { id: left.id, revision: 1 }), false);
      assert.equal(await store.write({ ...resealed(left), kind: "creds", name: "taken" }, { id: left.id }), false);
      assert.deepEqual([(await store.readById(left.id))?.revision, (await store.read(taken))?.id], [1, taken.id]);
      assert.equal(await store.write(free, { id: left.id, revision: 1 }), true);
      assert.equal(await store.readById(left.id), undefined);
      assert.equal((await store.read(free))?.id, free.id);
    },
  );

  check("FC-08 a row that somebody is at is not replaced by who wants it idle", async ({ store }) => {
    const first = row({ name: "n" });
    const flow = row();
    for (const each of [first, flow]) await store.write(each, { absent: true });
    const idle = { id: first.id, revision: 1, idle: true } as const;
    const [of, by] = [await store.claim(first.id, LEASE), await store.claim(flow.id, LEASE)];
    assert.equal(await store.write(row({ name: "n" }), idle), false);
    const place = { row: { ...resealed(flow), name: "n" }, by: { claim: by?.claim ?? "" }, expect: idle };
    assert.equal(await store.settle(place), false);
    await store.release(first.id, of?.claim ?? "", { untouched: true });
    assert.equal(await store.settle(place), true);
    assert.equal((await store.read(first))?.id, flow.id);
  });

  check("a removal can ask for a revision", async ({ store }) => {
    const content = row();
    await store.write(content, ANYTHING);
    assert.equal(await store.remove({ id: content.id, revision: 9 }), false);
    assert.equal(await store.remove({ id: content.id, revision: 1 }), true);
    assert.equal(await store.remove({ id: content.id }), false);
  });

  check("S25 SQL in a name, a prefix, a server or a task of the queue is a text like any other", async ({ store }) => {
    const texts = [
      "a'; DROP TABLE row; --",
      'a"; DELETE FROM coatcheck_row; --',
      "a' OR '1'='1",
      "a\\'||'b",
      ":id $1 ?1 %s",
    ];
    for (const name of texts) await store.write(row({ name, server: name, mount: name }), ANYTHING);
    for (const name of texts) {
      assert.equal((await store.read({ mount: name, kind: "creds", name }))?.server, name);
      for (const more of [{ prefix: name }, { server: name }, {}]) {
        const found = await store.list({ mount: name, kind: "creds", limit: 100, ...more });
        assert.deepEqual(
          found.map((one) => one.name),
          [name],
        );
      }
      assert.deepEqual(await store.names({ mount: name, kind: "creds", limit: 100, prefix: "' OR ''='" }), []);
      assert.deepEqual(await store.names({ mount: name, kind: "creds", limit: 100, after: `${name}'` }), []);
    }
  });

  check("names are listed in byte order, by prefix, in pages, any characters", async ({ store }) => {
    const names = [
      "a",
      "A",
      "a/b",
      "a/%",
      "a/_",
      "a/ä",
      "a/\u{1F600}",
      "a/\uFFFD",
      "b",
      "a0",
      "ä",
      `a/${"x".repeat(500)}`,
    ];
    for (const name of names) await store.write(row({ name }), ANYTHING);
    await store.write(row({ name: "a/other", mount: "elsewhere" }), ANYTHING);
    await store.write(row({ name: "a/server", kind: "server" }), ANYTHING);
    const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const list = async (more: object) =>
      (await store.list({ mount: "oauth2", kind: "creds", limit: 100, ...more })).map(({ name }) => name);
    assert.deepEqual(await list({}), sorted);
    const namesOf = (more: object) => store.names({ mount: "oauth2", kind: "creds", limit: 100, ...more });
    assert.deepEqual(await namesOf({}), sorted);
    assert.deepEqual(await namesOf({ prefix: "a/", limit: 2 }), (await list({ prefix: "a/" })).slice(0, 2));
    assert.deepEqual(await namesOf({ after: sorted[2] }), sorted.slice(3));
    assert.deepEqual(
      await list({ prefix: "a/" }),
      sorted.filter((name) => name.startsWith("a/")),
    );
    assert.deepEqual(await list({ prefix: "a/%" }), ["a/%"]);
    assert.deepEqual(await list({ prefix: "a/_" }), ["a/_"]);
    const paged: string[] = [];
    for (;;) {
      const after = paged.at(-1);
      const page = await list({ limit: 5, ...(after !== undefined && { after }) });
      if (page.length === 0) break;
      paged.push(...page);
    }
    assert.deepEqual(paged, sorted);
    assert.deepEqual(await list({ server: "nobody" }), []);
  });

  check("what is due is claimed soonest first, once, until its lease ends", async ({ store, advance }) => {
    const now = await store.now();
    await store.write(row({ name: "late", task: "poll", dueAt: now + 1_000 }), ANYTHING);
    await store.write(row({ name: "second", task: "poll", dueAt: now - 1 }), ANYTHING);
    await store.write(row({ name: "first", task: "refresh", dueAt: now - 2 }), ANYTHING);
    await store.write(row({ name: "never", dueAt: now - 9 }), ANYTHING);
    const names = async (more: object = {}) =>
      (await store.claimDue({ limit: 10, ...LEASE, ...more })).map((claimed) => claimed.row.name);
    assert.deepEqual(await names({ limit: 1 }), ["first"]);
    assert.deepEqual(await names(), ["second"]);
    assert.deepEqual(await names(), []);
    await advance(1_000);
    assert.deepEqual(await names({ excludeTasks: ["poll", "redeem"] }), []);
    assert.deepEqual(await names(), ["late"]);
    await advance(10_000);
    assert.deepEqual((await names()).toSorted(), ["first", "late", "second"]);
  });

  check(
    "a lane gets no more than its share, what is under way included; rows of no server are in none",
    async (opened) => {
      const { store } = opened;
      const dueAt = (await store.now()) - 100;
      for (const [index, server] of ["x", "x", "x", "y", "y", null, null].entries())
        await store.write(row({ name: `${index}-${server}`, server, task: "poll", dueAt: dueAt + index }), ANYTHING);
      await store.write(row({ name: "7-x", mount: "other", server: "x", task: "poll", dueAt: dueAt + 7 }), ANYTHING);
      const busy = new Map([
        ["oauth2\ny", 1],
        ["oauth2\nz", 2],
      ]);
      const claimed = await store.claimDue({ limit: 10, ...LEASE, perLane: 2, busy });
      assert.deepEqual(
        claimed.map((one) => one.row.name),
        ["0-x", "1-x", "3-y", "5-null", "6-null", "7-x"],
      );
      const full = new Map([["oauth2\nx", 2]]);
      const rest = await store.claimDue({ limit: 1, ...LEASE, perLane: 2, busy: full });
      assert.deepEqual(
        rest.map((one) => one.row.name),
        ["4-y"],
        "a full lane takes no place in the limit",
      );
    },
  );

  check(
    "what is due in full lanes is passed over, however much; of the rest the soonest is first",
    async ({ store }) => {
      const now = await store.now();
      const many = Array.from({ length: 200 }, (_, n) => row({ server: "x", task: "refresh", dueAt: now - 1_000 - n }));
      await Promise.all(many.map((content) => store.write(content, ANYTHING)));
      const others = [
        row({ name: "a", server: "z", task: "refresh", dueAt: now - 1 }),
        row({ name: "b", server: "y", task: "poll", dueAt: now - 2 }),
        row({ name: "c", server: null, task: "expire", dueAt: now - 3 }),
        row({ name: "d", server: "y", task: "refresh", dueAt: now - 4 }),
        row({ name: "e", server: "y", task: "refresh", dueAt: now + 60_000 }),
        row({ name: "f", server: "x", mount: "other", task: "refresh", dueAt: now - 5 }),
      ];
      for (const content of others) await store.write(content, ANYTHING);
      const busy = new Map([["oauth2\nx", 3]]);
      const names = async (limit: number, more: Partial<ClaimRequest> = {}) =>
        (await store.claimDue({ limit, ...LEASE, perLane: 3, busy, ...more })).map(({ row: { name } }) => name);
      assert.deepEqual(await names(2), ["f", "d"]);
      assert.deepEqual(await names(9, { excludeTasks: ["refresh"] }), ["c", "b"]);
      assert.deepEqual(await names(9), ["a"]);
      assert.deepEqual(await names(9), []);
      assert.equal((await names(9, { busy: new Map() })).length, 3);
    },
  );

  check("rows in the caller's hands are passed over, also when their lease has ended", async ({ store, advance }) => {
    const dueAt = (await store.now()) - 1;
    const [mine, other] = [row({ task: "poll", dueAt }), row({ task: "poll", dueAt })];
    for (const content of [mine, other]) await store.write(content, ANYTHING);
    await store.claimDue({ limit: 10, ...LEASE });
    await advance(LEASE.milliseconds + 1);
    const again = await store.claimDue({ limit: 10, ...LEASE, excludeIds: [mine.id] });
    assert.deepEqual(
      again.map((claimed) => claimed.row.id),
      [other.id],
    );
  });

  check("concurrent claims never overlap", async ({ store }) => {
    const dueAt = (await store.now()) - 1;
    await Promise.all(Array.from({ length: 100 }, () => store.write(row({ task: "poll", dueAt }), ANYTHING)));
    const batches = await Promise.all(Array.from({ length: 10 }, () => store.claimDue({ limit: 30, ...LEASE })));
    const ids = batches.flat().map((claimed) => claimed.row.id);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids.length, 100);
  });

  check(
    "the intent is the first claim since the last settle, over re-claims; untouched takes it back",
    async (opened) => {
      const { store, advance } = opened;
      const content = row({ task: "refresh", dueAt: (await store.now()) - 1, lineage: "l1" });
      await store.write(content, ANYTHING);
      const first = await store.claim(content.id, LEASE);
      assert.ok(first && first.row.intent === first.claim);
      assert.equal(await store.claim(content.id, LEASE), undefined);
      await advance(10_001);
      const second = await store.claim(content.id, LEASE);
      assert.ok(second && second.row.intent === first.claim && second.claim !== first.claim);
      await store.release(content.id, second.claim, { untouched: true });
      const third = await store.claim(content.id, LEASE);
      assert.equal(third?.row.intent, first.claim, "somebody else's intent is not taken back");
      assert.ok(third);
      assert.equal(await store.settle({ row: resealed(content), by: { claim: third.claim } }), true);
      const fresh = await store.claim(content.id, LEASE);
      assert.ok(fresh && fresh.row.intent === fresh.claim);
      await store.release(content.id, fresh.claim, { untouched: true });
      assert.equal((await store.readById(content.id))?.intent, null);
    },
  );

  check(
    "a poll is settled by its claim, a refresh by its lineage, whoever holds the lease",
    async ({ store, advance }) => {
      const content = row({ task: "refresh", dueAt: (await store.now()) - 1, lineage: "l1" });
      await store.write(content, ANYTHING);
      const slow = await store.claim(content.id, LEASE);
      assert.ok(slow);
      await advance(10_001);
      assert.ok(await store.claim(content.id, LEASE));
      assert.equal(await store.settle({ row: resealed(content), by: { claim: slow.claim } }), false);
      assert.equal(await store.escrow({ id: content.id, by: { lineage: "l1" }, sealed: new Uint8Array([7]) }), true);
      assert.deepEqual([...((await store.readById(content.id))?.escrow ?? [])], [7]);
      assert.equal(await store.settle({ row: resealed(content, { lineage: "l2" }), by: { lineage: "l1" } }), true);
      const settled = await store.readById(content.id);
      assert.deepEqual(
        [settled?.claim, settled?.claimUntil, settled?.intent, settled?.escrow],
        [null, null, null, null],
      );
      assert.equal(await store.settle({ row: resealed(content, { lineage: "l3" }), by: { lineage: "l1" } }), false);
      assert.equal(await store.escrow({ id: content.id, by: { lineage: "l1" }, sealed: new Uint8Array([8]) }), false);
    },
  );

  check("a claim settles, where asked, only the content it was judged against", async ({ store }) => {
    const content = row({ task: "poll", dueAt: 1, lineage: null });
    await store.write(content, ANYTHING);
    const claimed = await store.claim(content.id, LEASE);
    assert.ok(claimed);
    await store.write({ ...content, sealed: new Uint8Array([4]) }, { id: content.id });
    const { claim, row: judged } = claimed;
    const next = { ...content, sealed: new Uint8Array([5]) };
    assert.equal(await store.settle({ row: next, by: { claim, revision: judged.revision } }), false);
    assert.equal(await store.settle({ row: next, by: { claim, revision: judged.revision + 1 } }), true);
    assert.equal(
      await store.settle({ row: { ...next, sealed: new Uint8Array([6]) }, by: { claim } }),
      false,
      "the claim has ended",
    );
  });

  check(
    "I2 an answer in escrow that its owner did not bring fends off a verdict that does not know it",
    async ({ store }) => {
      const content = row({ task: "refresh", dueAt: 1, lineage: "l1" });
      await store.write(content, ANYTHING);
      const claimed = await store.claim(content.id, LEASE);
      assert.ok(claimed);
      const { claim, row: judged } = claimed;
      assert.equal(
        await store.escrow({ id: content.id, by: { lineage: "l1" }, sealed: new Uint8Array([1]), claim }),
        true,
      );
      assert.equal((await store.readById(content.id))?.revision, judged.revision, "its own changes nothing");
      assert.equal(
        await store.escrow({
          id: content.id,
          by: { lineage: "l1" },
          sealed: new Uint8Array([2]),
          claim: "of-a-sleeper",
        }),
        true,
      );
      assert.equal(await store.settle({ row: resealed(content), by: { claim, revision: judged.revision } }), false);
      assert.deepEqual([...((await store.readById(content.id))?.escrow ?? [])], [2]);
    },
  );

  check("a settle may give the row a name, if what has it may be replaced", async ({ store }) => {
    const [taken, other] = [row({ name: "taken" }), row({ name: "other" })];
    for (const content of [taken, other]) await store.write(content, ANYTHING);
    const flow = row({ kind: "flow", task: "redeem", dueAt: 1 });
    await store.write(flow, ANYTHING);
    const claimed = await store.claim(flow.id, LEASE);
    assert.ok(claimed);
    const by = { claim: claimed.claim };
    const next = resealed(flow, { kind: "creds", name: "taken", task: null, dueAt: null });
    assert.equal(await store.settle({ row: next, by, expect: { absent: true } }), false);
    assert.equal(await store.settle({ row: next, by, expect: { id: other.id } }), false);
    assert.equal((await store.read(taken))?.id, taken.id, "nothing was changed");
    assert.equal(await store.settle({ row: next, by, expect: { id: taken.id } }), true);
    assert.equal((await store.read(taken))?.id, flow.id);
    assert.equal(await store.readById(taken.id), undefined);
  });

  check("a claim is given back for later, with its intent and its escrow", async ({ store }) => {
    const content = row({ task: "poll", dueAt: 1 });
    await store.write(content, ANYTHING);
    const claimed = await store.claim(content.id, LEASE);
    assert.ok(claimed);
    await store.escrow({ id: content.id, by: { claim: claimed.claim }, sealed: new Uint8Array([3]) });
    const later = (await store.now()) + 30_000;
    await store.release(content.id, claimed.claim, { untouched: false, dueAt: later });
    const found = await store.readById(content.id);
    assert.deepEqual([found?.claim, found?.dueAt, found?.intent], [null, later, claimed.claim]);
    assert.deepEqual([...(found?.escrow ?? [])], [3]);
    assert.equal(found?.revision, 1);
  });

  check("a claim on a deleted or rewritten row never fits the next row of that name", async ({ store }) => {
    const content = row({ name: "n", task: "poll", dueAt: (await store.now()) - 1, lineage: "l" });
    await store.write(content, ANYTHING);
    const [claimed] = await store.claimDue({ limit: 1, ...LEASE });
    assert.ok(claimed);
    const next = row({ name: "n", lineage: "l" });
    await store.write(next, ANYTHING);
    assert.equal(await store.settle({ row: resealed(content), by: { claim: claimed.claim } }), false);
    assert.equal(await store.settle({ row: resealed(content), by: { lineage: "l" } }), false);
    assert.equal((await store.readById(next.id))?.revision, 1);
  });

  check("a write with the same id keeps claim, intent and escrow, and may move the row", async ({ store }) => {
    const content = row({ name: "n", task: "refresh", dueAt: 1, lineage: "l" });
    await store.write(content, ANYTHING);
    const claimed = await store.claim(content.id, LEASE);
    assert.ok(claimed);
    await store.escrow({ id: content.id, by: { claim: claimed.claim }, sealed: new Uint8Array([9]) });
    const moved = resealed(content, { kind: "revocation", name: content.id, lineage: null });
    assert.equal(await store.write(moved, { id: content.id }), true);
    const found = (await store.readById(content.id)) as Row;
    assert.deepEqual([found.kind, found.claim, found.intent], ["revocation", claimed.claim, claimed.claim]);
    assert.equal(await store.read({ mount: "oauth2", kind: "creds", name: "n" }), undefined);
    assert.equal(
      await store.settle({ row: resealed(content), by: { lineage: "l" } }),
      false,
      "delete wins over a late refresh",
    );
  });

  check("a lease can be renewed by its owner alone", async ({ store, advance }) => {
    const content = row({ task: "poll", dueAt: 1 });
    await store.write(content, ANYTHING);
    const claimed = await store.claim(content.id, LEASE);
    assert.ok(claimed);
    await advance(9_000);
    assert.equal(await store.renew(content.id, claimed.claim, 10_000), true);
    assert.equal(await store.renew(content.id, "somebody", 10_000), false);
    await advance(9_000);
    assert.equal(await store.claim(content.id, LEASE), undefined);
  });

  check("the next due time counts leases", async ({ store }) => {
    const now = await store.now();
    assert.equal((await store.look()).nextDue, undefined);
    const content = row({ task: "poll", dueAt: now - 5 });
    await store.write(content, ANYTHING);
    await store.write(row({ task: "poll", dueAt: now + 60_000 }), ANYTHING);
    assert.equal((await store.look()).nextDue, now - 5);
    await store.claim(content.id, LEASE);
    assert.equal((await store.look()).nextDue, now + 10_000);
  });

  check("a look counts changes of settings and server records, and of nothing else", async ({ store }) => {
    const configured = async () => (await store.look()).configured;
    const before = await configured();
    await store.write(row({ kind: "creds" }), ANYTHING);
    assert.equal(await configured(), before);
    const server = row({ kind: "server" });
    await store.write(server, ANYTHING);
    const written = await configured();
    assert.ok(written > before);
    await store.write(row({ kind: "config", name: "config" }), ANYTHING);
    assert.ok((await configured()) > written);
    const settled = await configured();
    await store.remove({ id: server.id });
    assert.ok((await configured()) > settled);
  });

  check("revisions tell whether rows are as they were read, beside what a look counts", async ({ store }) => {
    const [kept, changed, gone] = [row(), row(), row()];
    for (const one of [kept, changed, gone]) await store.write(one, ANYTHING);
    await store.write(resealed(changed), ANYTHING);
    await store.claim(kept.id, LEASE);
    await store.remove({ id: gone.id });
    const { revisions, configured } = await store.revisions([kept.id, changed.id, gone.id, "nobody"]);
    assert.deepEqual(Object.fromEntries(revisions), { [kept.id]: 1, [changed.id]: 2 });
    assert.equal(configured, (await store.look()).configured);
    assert.equal((await store.revisions([])).revisions.size, 0);
  });

  check("any name and any bytes survive", async ({ store }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
        fc.uint8Array(),
        async (name, sealed) => {
          const content = row({ name, sealed });
          await store.write(content, ANYTHING);
          const found = await store.read(content);
          assert.deepEqual([...(found?.sealed ?? [])], [...sealed]);
          assert.equal(found?.name, name);
        },
      ),
      { numRuns: 50 },
    );
  });

  check("a write repeated as it was, because its answer was lost, is answered like the first", async ({ store }) => {
    const first = row({ name: "n" });
    assert.equal(await store.write(first, { absent: true }), true);
    assert.equal(await store.write(first, { absent: true }), true);
    assert.equal(await store.write(resealed(first), { absent: true }), false);
    const second = resealed(first);
    const expect = { id: first.id, revision: 1 };
    assert.equal(await store.write(second, expect), true);
    assert.equal(await store.write(second, expect), true);
    assert.equal((await store.readById(first.id))?.revision, 2, "the repetition changes nothing");
    assert.equal(await store.write(first, expect), false, "somebody has written since");
  });

  check("a settle repeated as it was is answered like the first, and leaves a later claim alone", async ({ store }) => {
    const content = row({ task: "poll", dueAt: 1, lineage: "l" });
    await store.write(content, ANYTHING);
    const claimed = await store.claim(content.id, LEASE);
    assert.ok(claimed);
    const polled = resealed(content);
    assert.equal(await store.settle({ row: polled, by: claimed }), true);
    assert.equal(await store.settle({ row: polled, by: claimed }), true);
    await store.claim(content.id, LEASE);
    const refreshed = resealed(content);
    assert.equal(await store.settle({ row: refreshed, by: { lineage: "l" } }), true);
    const later = await store.claim(content.id, LEASE);
    assert.ok(later);
    assert.equal(await store.settle({ row: refreshed, by: { lineage: "l" } }), true);
    const found = await store.readById(content.id);
    assert.deepEqual([found?.claim, found?.intent, found?.revision], [later.claim, later.claim, 3]);
    assert.equal(await store.settle({ row: resealed(content), by: later }), true);
    assert.equal(await store.settle({ row: polled, by: claimed }), false, "somebody has settled since");
  });

  check("all rows are walked in byte order of their ids, in pages", async ({ store }) => {
    const ids = ["b", "a", "B", "\u00e4", "aa", "0", "_", "-"];
    for (const id of ids) await store.write(row({ id }), ANYTHING);
    const sorted = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const scanned: string[] = [];
    for (;;) {
      const page = await store.scan(scanned.at(-1) ?? "", 3);
      if (page.length === 0) break;
      scanned.push(...page.map(({ id }) => id));
    }
    assert.deepEqual(scanned, sorted);
  });

  check("sealed bytes are exchanged where they are still there, and nothing else is touched", async ({ store }) => {
    const [first, second] = [row({ task: "refresh", dueAt: 1, lineage: "l" }), row()];
    for (const content of [first, second]) await store.write(content, ANYTHING);
    const claimed = await store.claim(first.id, LEASE);
    assert.ok(claimed);
    const escrow = seal();
    await store.escrow({ id: first.id, by: claimed, sealed: escrow });
    const before = await store.readById(first.id);
    const [sealed, answer] = [seal(), seal()];
    const exchanges = [
      { id: first.id, field: "sealed", from: first.sealed, to: sealed },
      { id: first.id, field: "escrow", from: escrow, to: answer },
      { id: second.id, field: "sealed", from: seal(), to: seal() },
      { id: second.id, field: "escrow", from: seal(), to: seal() },
      { id: "nobody", field: "sealed", from: first.sealed, to: sealed },
    ] as const;
    assert.equal(await store.reseal(exchanges), 2);
    const bytes = (content: Row | undefined) => content && [[...content.sealed], [...(content.escrow ?? [])]];
    const after = await store.readById(first.id);
    assert.deepEqual(bytes(after), [[...sealed], [...answer]]);
    assert.deepEqual({ ...after, sealed: 0, escrow: 0 }, { ...before, sealed: 0, escrow: 0 });
    assert.deepEqual(bytes(await store.readById(second.id)), [[...second.sealed], []]);
    assert.equal(await store.reseal(exchanges), 0, "once");
    assert.equal(await store.reseal([]), 0);
    const { claim, row: judged } = claimed;
    assert.equal(await store.settle({ row: resealed(first), by: { claim, revision: judged.revision } }), true);
  });

  check("a repetition of what was exchanged meanwhile is answered like the first", async ({ store }) => {
    const content = row({ task: "refresh", dueAt: 1, lineage: "l" });
    const exchange = (from: Uint8Array) => store.reseal([{ id: content.id, field: "sealed", from, to: seal() }]);
    assert.equal(await store.write(content, { absent: true }), true);
    assert.equal(await exchange(content.sealed), 1);
    assert.equal(await store.write(content, { absent: true }), true);
    const kept = resealed(content);
    assert.equal(await store.settle({ row: kept, by: { lineage: "l" } }), true);
    assert.equal(await store.write(content, { absent: true }), false, "somebody has written since");
    assert.equal(await exchange(kept.sealed), 1);
    const later = await store.claim(content.id, LEASE);
    assert.ok(later);
    assert.equal(await store.settle({ row: kept, by: { lineage: "l" } }), true);
    const found = await store.readById(content.id);
    assert.deepEqual([found?.claim, found?.intent, found?.revision], [later.claim, later.claim, 2]);
    assert.equal(await store.settle({ row: resealed(content), by: later }), true);
    assert.equal(await store.settle({ row: kept, by: { claim: "gone" } }), false, "somebody has settled since");
  });

  const found = async (store: Store, facet: string, more: Partial<ListQuery> = {}) => {
    const rows = await store.list({ mount: "oauth2", kind: "creds", facet, limit: 100, ...more });
    return rows.map(({ name }) => name);
  };
  const count = (store: Store, facet: string, prefix = "") =>
    store.count({ mount: "oauth2", kind: "creds", facet, prefix });

  check("rows are found by each of their facets, in byte order of their names, in pages", async ({ store }) => {
    const names = ["b", "a", "B", "aä", "a/1", "a/2"];
    for (const [index, name] of names.entries())
      await store.write(row({ name, facets: index % 2 ? ["x", "even"] : ["x"] }), ANYTHING);
    await store.write(row({ name: "a", kind: "self", facets: ["x"] }), ANYTHING);
    await store.write(row({ name: "a", mount: "other", facets: ["x"] }), ANYTHING);
    await store.write(row({ name: "c" }), ANYTHING);
    const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(await found(store, "x"), sorted);
    assert.deepEqual(await found(store, "even"), ["a", "a/2", "aä"]);
    assert.deepEqual(await found(store, "x", { prefix: "a/" }), ["a/1", "a/2"]);
    assert.deepEqual(await found(store, "x", { after: "a/1", limit: 2 }), ["a/2", "aä"]);
    assert.deepEqual(await found(store, "y"), []);
    const counts = [await count(store, "x"), await count(store, "x", "a/"), await count(store, "y")];
    assert.deepEqual(counts, [6, 2, 0]);
  });

  check("what finds a row follows whatever becomes of it", async ({ store }) => {
    const content = row({ name: "n", facets: ["old", "kept"] });
    await store.write(content, ANYTHING);
    const all = async () => [await found(store, "old"), await found(store, "kept"), await found(store, "new")];
    await store.write(resealed(content, { facets: ["kept", "new"] }), { id: content.id });
    assert.deepEqual(await all(), [[], ["n"], ["n"]]);
    const claimed = await store.claim(content.id, LEASE);
    assert.ok(claimed);
    const moved = resealed(content, { name: "m", facets: ["old"] });
    await store.write(row({ name: "m", facets: ["new"] }), ANYTHING);
    assert.equal(await store.settle({ row: moved, by: claimed, expect: ANYTHING }), true);
    assert.deepEqual(await all(), [["m"], [], []]);
    const next = row({ name: "m", facets: ["new"] });
    await store.write(next, ANYTHING);
    assert.deepEqual(await all(), [[], [], ["m"]]);
    const { facets: _, ...gone } = resealed(next, { kind: "revocation", name: next.id });
    await store.write(gone, { id: next.id });
    assert.deepEqual(await all(), [[], [], []]);
    const last = row({ name: "l", facets: ["old"] });
    await store.write(last, { absent: true });
    assert.equal(await store.remove({ id: last.id }), true);
    assert.deepEqual(await all(), [[], [], []]);
  });

  check("what is not filed as it is now is told, and filed where it has not changed since", async ({ store }) => {
    const rows = [row({ id: "a" }), row({ id: "b", kind: "self" }), row({ id: "c", kind: "flow" }), row({ id: "d" })];
    const filed = row({ id: "e", facets: [] });
    for (const one of [...rows, filed]) await store.write(one, ANYTHING);
    const unfiled = async () => (await store.unfiled("", 10)).map(({ id }) => id);
    assert.deepEqual(await unfiled(), ["a", "b", "d"]);
    assert.deepEqual(
      (await store.unfiled("a", 1)).map(({ id }) => id),
      ["b"],
    );
    const filing = (id: string, revision: number) => ({ id, revision, facets: ["x", "y"] });
    await store.file([filing("a", 1), filing("b", 1), filing("d", 2), filing("nobody", 1)]);
    assert.deepEqual(await unfiled(), ["d"]);
    assert.deepEqual([await found(store, "x"), await count(store, "y")], [["a"], 1]);
    assert.equal((await store.readById("a"))?.revision, 1, "nothing else of it has changed");
    await store.file([{ ...filing("a", 1), facets: ["y"] }]);
    assert.deepEqual([await found(store, "x"), await found(store, "y")], [[], ["a"]]);
    const { facets: _, ...older } = resealed(filed);
    await store.write(older, { id: "e" });
    assert.deepEqual(await unfiled(), ["d", "e"], "written by a version that files nothing");
  });

  check("a store that can be written says so", async ({ store }) => {
    await store.check();
  });
}
