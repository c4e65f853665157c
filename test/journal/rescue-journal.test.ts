import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openRescueJournal } from "../../src/journal/rescue-journal.ts";
import { smallDisk, temporaryFolder } from "../support/temporary-folder.ts";

const entry = (id: string) => ({ id, by: { lineage: `of-${id}` }, sealed: new Uint8Array([1, 2, 255]) });
const files = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".rescue"));

test("what was put is there for the next process, and only for its owner to read", (t) => {
  const folder = join(temporaryFolder(t), "rescue");
  const journal = openRescueJournal(folder);
  journal.put(entry("a"));
  assert.equal(journal.left().size, 0, "the living take care of their own");
  const [[file, found] = []] = openRescueJournal(folder).left();
  assert.deepEqual([found?.id, found?.by, [...(found?.sealed ?? [])]], ["a", { lineage: "of-a" }, [1, 2, 255]]);
  assert.equal(statSync(join(folder, file ?? "")).mode & 0o077, 0);
  assert.equal(statSync(folder).mode & 0o077, 0);
});

test("what became of a row's answers ends them; other rows keep theirs", (t) => {
  const folder = temporaryFolder(t);
  const journal = openRescueJournal(folder);
  for (const id of ["a", "a", "b"]) journal.put(entry(id));
  journal.drop("a");
  journal.drop("never-put");
  assert.deepEqual(
    files(folder).map((name) => name[0]),
    ["b"],
  );
  const next = openRescueJournal(folder);
  for (const file of next.left().keys()) next.remove(file);
  assert.deepEqual(files(folder), []);
});

test("what a file holds can be exchanged, this process's own too; one that has gone does not come back", (t) => {
  const folder = temporaryFolder(t);
  const journal = openRescueJournal(folder);
  journal.put(entry("a"));
  const [file = ""] = journal.all().keys();
  const other = { ...entry("a"), sealed: new Uint8Array([7]) };
  journal.replace(file, other);
  const [found] = openRescueJournal(folder).left().values();
  assert.deepEqual([found?.by, [...(found?.sealed ?? [])]], [entry("a").by, [7]]);
  assert.equal(statSync(join(folder, file)).mode & 0o077, 0);
  journal.drop("a");
  journal.replace(file, other);
  assert.equal(journal.all().size, 0);
  assert.deepEqual(files(folder), []);
});

test("D14 a damaged file is told apart, stays, and harms no other", (t) => {
  const folder = temporaryFolder(t);
  openRescueJournal(folder).put(entry("good"));
  const [name = ""] = files(folder);
  const text = readFileSync(join(folder, name), "utf8");
  for (const cut of [0, 1, text.length - 1]) writeFileSync(join(folder, `cut-${cut}.rescue`), text.slice(0, cut));
  writeFileSync(join(folder, "newer.rescue"), text.replace('"version":1', '"version":2'));
  const left = openRescueJournal(folder).left();
  assert.equal(left.size, 5);
  assert.deepEqual([...left.values()].filter((found) => found !== undefined).length, 1);
});

test("D07 a full disk gives the reserve back: answers under way still find room", (t) => {
  const disk = smallDisk(t, 6 * 1_048_576);
  if (disk === undefined) return t.skip("only root can make a small disk");
  const folder = join(disk, "rescue");
  const journal = openRescueJournal(folder);
  const filler = join(disk, "filler");
  assert.throws(() => writeFileSync(filler, Buffer.alloc(8_000_000)), { code: "ENOSPC" });
  // Room for a part of an answer: the disk takes that part without a word, and the error comes with the next one.
  truncateSync(filler, statSync(filler).size - 16_384);
  for (let i = 0; i < 8; i++) journal.put({ ...entry(`r${i}`), sealed: new Uint8Array(100_000) });
  const left = [...openRescueJournal(folder).left().values()];
  assert.deepEqual(
    left.map((found) => found?.sealed.length),
    Array.from({ length: 8 }, () => 100_000),
  );
  rmSync(filler);
  for (let i = 0; i < 8; i++) journal.drop(`r${i}`);
  assert.deepEqual(readdirSync(folder), ["reserve"], "and it is taken back when there is room again");
});
