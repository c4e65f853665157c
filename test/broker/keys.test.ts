import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openRescueJournal } from "../../src/journal/rescue-journal.ts";
import { loadKeys } from "../../src/seal/key-file.ts";
import { createSeal, keyIdOf } from "../../src/seal/key-ring.ts";
import { json } from "../servers/faults.ts";
import { type Coatcheck, startCoatcheck } from "../support/coatcheck.ts";
import { eventually } from "../support/eventually.ts";
import { importGrant, type Pair, startPair } from "../support/misbehaving.ts";
import { sealIn } from "../support/stored.ts";
import { turns } from "../support/turns.ts";

interface Status {
  readonly keys: readonly {
    readonly id: string;
    readonly use: string;
    readonly mount?: string;
    readonly records?: number;
  }[];
  readonly resealing?: { readonly left: number };
}

const newKey = () => randomBytes(32).toString("base64url");
const idOf = (key: string) => keyIdOf(Buffer.from(key, "base64url"));
const linesOf = (data: string) => readFileSync(join(data, "key"), "utf8").trim().split("\n");

async function statusOf(coatcheck: Coatcheck): Promise<Status> {
  const { status, body } = await coatcheck.read("sys/keys");
  assert.equal(status, 200, JSON.stringify(body));
  return body?.data as unknown as Status;
}

/** Without the data keys of mounts. */
const ringOf = ({ keys }: Status) => keys.filter(({ mount }) => mount === undefined);

/** Nothing is sealed under any key of the ring but the first, says the broker. */
function resealed(coatcheck: Coatcheck): Promise<Status> {
  return eventually("everything is sealed anew", async () => {
    const status = await statusOf(coatcheck);
    const others = ringOf(status)
      .slice(1)
      .reduce((sum, { records = 1 }) => sum + records, 0);
    return status.resealing === undefined && others === 0 ? status : undefined;
  });
}

/** Ids of the keys of the ring that seal what the database and the journal hold, canaries left out: looked at from outside. */
function keysInData(data: string): ReadonlySet<string> {
  const database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true });
  const rows = database.prepare("SELECT sealed, escrow FROM row WHERE name NOT LIKE 'key/%'").all();
  database.close();
  const journal = [...openRescueJournal(join(data, "rescue")).all().values()].map((entry) => entry?.sealed);
  const blobs = [...rows.flatMap(({ sealed, escrow }) => [sealed, escrow]), ...journal];
  const sealed = blobs.filter((blob): blob is Uint8Array => blob instanceof Uint8Array);
  const ofRing = sealed.filter(([version]) => version === 1);
  return new Set(ofRing.map((blob) => Buffer.from(blob.subarray(2, 10)).toString("hex")));
}

/** Keys with a canary, by their ids. */
function canariesIn(data: string): ReadonlySet<string> {
  const database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true });
  const rows = database.prepare("SELECT name, sealed FROM row WHERE name LIKE 'key/%'").all();
  database.close();
  for (const { name, sealed } of rows) {
    assert.equal(name, `key/${Buffer.from((sealed as Uint8Array).subarray(2, 10)).toString("hex")}`);
  }
  return new Set(rows.map(({ name }) => String(name).slice("key/".length)));
}

/** A record of no mount. */
const POLICY = 'path "oauth2/creds/*" { capabilities = ["read"] }';
const writePolicy = async (coatcheck: Coatcheck) =>
  assert.equal((await coatcheck.write("sys/policy/readers", { policy: POLICY })).status, 204);

/** Bytes of that record's row, and a way to put them back: one that was not sealed anew. */
function policyOf(data: string) {
  const database = new DatabaseSync(join(data, "coatcheck.db"));
  const { sealed } = database.prepare("SELECT sealed FROM row WHERE name = 'readers'").get() ?? {};
  database.close();
  assert.ok(sealed instanceof Uint8Array);
  return {
    putBack() {
      const again = new DatabaseSync(join(data, "coatcheck.db"));
      again.prepare("UPDATE row SET sealed = ? WHERE name = 'readers'").run(sealed);
      again.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      again.close();
    },
  };
}

test("U05 a rotated key seals everything anew; the old one is forgotten when nothing is under it, and not needed then", async (t) => {
  const pair = await startPair(t);
  const names = Array.from({ length: 5 }, (_, index) => `me-${index}`);
  for (const name of names) await importGrant(pair, name);
  const [old = ""] = linesOf(pair.data);
  assert.deepEqual(
    ringOf(await statusOf(pair)).map(({ id, use }) => [id, use]),
    [[idOf(old), "seals"]],
  );
  const refused = await pair.delete(`sys/keys/${idOf(old)}`);
  assert.deepEqual([refused.status, refused.body?.errors?.[0]?.includes("rotate the keys first")], [400, true]);

  const rotated = await pair.write("sys/keys/rotate");
  assert.equal(rotated.status, 200, JSON.stringify(rotated.body));
  const [fresh = "", ...rest] = linesOf(pair.data);
  assert.deepEqual(rest, [old]);
  assert.equal(rotated.body?.data?.id, idOf(fresh));
  assert.equal(statSync(join(pair.data, "key")).mode & 0o777, 0o600);
  const keys = ringOf(await resealed(pair));
  const records = keys[0]?.records ?? 0;
  assert.ok(records > 1);
  assert.deepEqual(keys, [
    { id: idOf(fresh), use: "seals", records },
    { id: idOf(old), use: "opens", records: 0 },
  ]);
  assert.deepEqual([...keysInData(pair.data)], [idOf(fresh)]);
  assert.deepEqual(canariesIn(pair.data), new Set([idOf(old), idOf(fresh)]));
  const metrics = await (
    await fetch(`${pair.running.address}/v1/sys/metrics`, { headers: { "x-vault-token": pair.running.rootToken } })
  ).text();
  assert.match(metrics, /^coatcheck_sealed_records\{key="others"\} 0$/m);
  // All but the mount's new data key, which was never under the old key; in the mount there is a server as well.
  const anew = records - 1 + names.length + 1;
  assert.match(metrics, new RegExp(`^coatcheck_resealed_total ${anew}$`, "m"));

  assert.equal((await pair.delete("sys/keys/0123456789abcdef")).status, 400);
  const forgotten = await pair.delete(`sys/keys/${idOf(old)}`);
  assert.equal(forgotten.status, 200, JSON.stringify(forgotten.body));
  assert.deepEqual(linesOf(pair.data), [fresh]);
  assert.deepEqual(canariesIn(pair.data), new Set([idOf(fresh)]));
  const again = await pair.restart();
  for (const name of names) assert.equal((await again.read(`oauth2/creds/${name}`)).status, 200);
  assert.equal(ringOf(await statusOf(again)).length, 1);
  for (const line of again.logged) assert.ok(!line.includes(fresh) && !line.includes(old));
  assert.deepEqual(
    readdirSync(pair.data).filter((name) => name.startsWith("key")),
    ["key"],
  );
});

/** A refresh whose answer the provider withholds until `answer` is called. */
async function refreshUnderWay(pair: Pair) {
  const { as } = pair;
  as.tokens.accessLife = 60;
  await importGrant(pair);
  as.tokens.accessLife = 3_600;
  const gate = Promise.withResolvers<void>();
  as.reply("/token", async (exchange) => {
    const { status, body } = exchange.proper();
    await gate.promise;
    return json(status, body)(exchange);
  });
  await pair.passUntil("the refresh is under way", () => as.to("/token").length === 2);
  const isSettled = async () => (await pair.read("oauth2/creds/me?minimum_seconds=600")).status === 200;
  return async () => {
    gate.resolve();
    await eventually("it is settled", isSettled);
  };
}

test("a refresh that is under way while its row is sealed anew settles, and nothing is sent twice", async (t) => {
  const pair = await startPair(t);
  const answer = await refreshUnderWay(pair);
  const [old = ""] = linesOf(pair.data);
  await pair.write("sys/keys/rotate");
  await pair.write("sys/keys/rotate", { mount: "oauth2" });
  const isAnew = ({ keys }: Status) =>
    keys.some(({ use, mount, records }) => use === "opens" && mount && records === 0);
  await eventually(
    "its row is sealed anew",
    async () => isAnew(await resealed(pair)) && !keysInData(pair.data).has(idOf(old)),
  );
  await answer();
  assert.equal((await pair.delete(`sys/keys/${idOf(old)}`)).status, 200);
  const again = await pair.restart();
  assert.equal((await again.read("oauth2/creds/me?minimum_seconds=600")).status, 200);
  assert.deepEqual([pair.as.to("/token").length, pair.as.tokens.replays], [2, 0]);
});

test("a key is not forgotten while work that began before the rotation may still write under it", async (t) => {
  const pair = await startPair(t);
  const answer = await refreshUnderWay(pair);
  const [old = ""] = linesOf(pair.data);
  await pair.write("sys/keys/rotate");
  await resealed(pair);
  const forgetting = pair.delete(`sys/keys/${idOf(old)}`);
  await turns(200);
  pair.clock.advance(10_000);
  const { status, headers } = await forgetting;
  assert.deepEqual([status, headers.get("retry-after"), linesOf(pair.data).length], [503, "10", 2]);
  await answer();
  assert.equal((await pair.delete(`sys/keys/${idOf(old)}`)).status, 200);
  assert.equal(linesOf(pair.data).length, 1);
});

test("answers in escrow and in the rescue journal are sealed anew, and opened under the new key", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  await pair.running.close();
  const { keys } = loadKeys(undefined, pair.data, { mayCreate: false });
  const database = new DatabaseSync(join(pair.data, "coatcheck.db"));
  const deployment = String(database.prepare("SELECT id FROM row WHERE name = 'deployment'").get()?.id);
  const id = String(database.prepare("SELECT id FROM row WHERE kind = 'creds'").get()?.id);
  const seal = createSeal({ keys, deploymentId: deployment, fingerprintKey: new Uint8Array(32) });
  const place = (kind: string) => ({ mount: "", kind, id, name: "", field: "answer" });
  const row = { id, mount: "oauth2" };
  const plain = new TextEncoder().encode(
    JSON.stringify({ requestedAt: 0, answer: { status: 200, headers: {}, body: "{}" }, row }),
  );
  database.prepare("UPDATE row SET escrow = ? WHERE id = ?").run(seal.seal(plain, place("escrow")), id);
  database.close();
  const again = await startCoatcheck(t, { data: pair.data, clock: pair.clock });
  openRescueJournal(join(pair.data, "rescue")).put({
    id,
    by: { claim: "gone" },
    sealed: seal.seal(plain, place("rescue")),
  });
  await again.write("sys/keys/rotate");
  await resealed(again);
  await again.running.close();
  const fresh = sealIn(pair.data);
  const dataKey = fresh.keyFor("oauth2");
  const [entry] = [...openRescueJournal(join(pair.data, "rescue")).all().values()];
  assert.ok(entry);
  assert.deepEqual([entry.id, entry.by], [id, { claim: "gone" }]);
  assert.equal(fresh.dataKeyOf(entry.sealed), dataKey);
  assert.deepEqual(fresh.open(entry.sealed, place("rescue")), Buffer.from(plain));
  const stored = new DatabaseSync(join(pair.data, "coatcheck.db"), { readOnly: true });
  const { escrow } = stored.prepare("SELECT escrow FROM row WHERE id = ?").get(id) ?? {};
  stored.close();
  assert.equal(fresh.dataKeyOf(escrow as Uint8Array), dataKey);
  assert.deepEqual(fresh.open(escrow as Uint8Array, place("escrow")), Buffer.from(plain));
});

test("a record that cannot be opened keeps its key, and is named in the log", async (t) => {
  const pair = await startPair(t);
  await writePolicy(pair);
  const [old = ""] = linesOf(pair.data);
  const database = new DatabaseSync(join(pair.data, "coatcheck.db"));
  const { id, sealed } = database.prepare("SELECT id, sealed FROM row WHERE name = 'readers'").get() ?? {};
  const damaged = Uint8Array.from(sealed as Uint8Array);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  database.prepare("UPDATE row SET sealed = ? WHERE id = ?").run(damaged, String(id));
  database.close();
  await pair.write("sys/keys/rotate");
  await eventually("it has tried", () => pair.logged.some((line) => line.includes("reseal_incomplete")));
  assert.ok(pair.logged.some((line) => line.includes('"cannot_open"') && line.includes(String(id))));
  const refused = await pair.delete(`sys/keys/${idOf(old)}`);
  assert.match(refused.body?.errors?.[0] ?? "", /^1 record is still sealed under the key /);
  assert.equal(linesOf(pair.data).length, 2);
  await eventually("it has ended", async () => (await statusOf(pair)).resealing === undefined);
  await pair.delete("sys/policy/readers");
  assert.equal((await pair.delete(`sys/keys/${idOf(old)}`)).status, 200);
  assert.equal(linesOf(pair.data).length, 1);
});

test("keys by a variable: the broker makes none and says how; the start with the new one in front seals anew", async (t) => {
  const [old, fresh] = [newKey(), newKey()];
  const pair = await startPair(t, { key: old });
  await importGrant(pair);
  const told = await pair.write("sys/keys/rotate");
  assert.equal(told.status, 400);
  assert.match(
    told.body?.errors?.[0] ?? "",
    /COATCHECK_KEY, which the broker cannot change.*in front of the present one/,
  );
  await pair.running.close();
  const start = (key: string) => startCoatcheck(t, { data: pair.data, clock: pair.clock, key });
  const between = await start(`${fresh},${old}`);
  await resealed(between);
  assert.match(
    (await between.delete(`sys/keys/${idOf(old)}`)).body?.errors?.[0] ?? "",
    /nothing is sealed under.*Remove it from COATCHECK_KEY/,
  );
  await between.running.close();
  const after = await start(fresh);
  assert.equal((await after.read("oauth2/creds/me")).status, 200);
  assert.deepEqual(canariesIn(pair.data), new Set([idOf(fresh)]));
  await after.running.close();
  await assert.rejects(start(old), /^KeyUnusable: this key does not open the data, which are sealed under the key /);
});

test("U04 a key that is still in use is missing: the start says which, and changes nothing", async (t) => {
  const [old, fresh] = [newKey(), newKey()];
  const pair = await startPair(t, { key: old });
  await importGrant(pair);
  await writePolicy(pair);
  const { putBack } = policyOf(pair.data);
  await pair.running.close();
  const start = (key: string) => startCoatcheck(t, { data: pair.data, clock: pair.clock, key });
  const between = await start(`${fresh},${old}`);
  await resealed(between);
  await between.running.close();
  putBack();
  const file = join(pair.data, "coatcheck.db");
  const before = readFileSync(file);
  const refused = new RegExp(`^KeyUnusable: records are sealed under the key ${idOf(old)}, which was not given`);
  await assert.rejects(start(fresh), refused);
  await assert.rejects(start(`${fresh},${newKey()}`), refused);
  await assert.rejects(start(old), /^KeyUnusable: this key does not open the data/);
  await assert.rejects(start(`${newKey()},${old}`), /^KeyUnusable: this key does not open the data/);
  assert.ok(before.equals(readFileSync(file)), "byte-identical");
  const again = await start(`${fresh},${old}`);
  await resealed(again);
  assert.equal((await again.read("oauth2/creds/me")).status, 200);
  await again.running.close();
  const { id, sealed } = {
    id: "x",
    sealed: Buffer.concat([Uint8Array.of(1, 1), Buffer.from(idOf(old), "hex"), randomBytes(120)]),
  };
  openRescueJournal(join(pair.data, "rescue")).put({ id, by: { claim: "c" }, sealed });
  await assert.rejects(start(fresh), /^KeyUnusable: an answer in the rescue journal is sealed under the key /);
});

test("U04 a damaged canary, or one of another key, ends the start", async (t) => {
  const pair = await startPair(t);
  await pair.running.close();
  const database = new DatabaseSync(join(pair.data, "coatcheck.db"));
  database.exec("UPDATE row SET id = 'moved' WHERE name LIKE 'key/%'");
  database.close();
  const again = startCoatcheck(t, { data: pair.data, clock: pair.clock });
  await assert.rejects(again, /^StoreUnusable: the record that verifies the key [0-9a-f]{16} is damaged/);
});

test("a key file that was changed or cannot be written is left alone", async (t) => {
  const pair = await startPair(t);
  const file = join(pair.data, "key");
  const [old = ""] = linesOf(pair.data);
  writeFileSync(file, `${newKey()}\n${old}\n`);
  const changed = await pair.write("sys/keys/rotate");
  assert.match(changed.body?.errors?.[0] ?? "", /has changed since the start: restart the broker first/);
  writeFileSync(file, `${old}\n`);
  chmodSync(file, 0o644);
  assert.match((await pair.write("sys/keys/rotate")).body?.errors?.[0] ?? "", /other users can read .*: run chmod 600/);
  chmodSync(file, 0o600);
  assert.deepEqual(linesOf(pair.data), [old]);
  assert.equal(ringOf(await statusOf(pair)).length, 1);
});
