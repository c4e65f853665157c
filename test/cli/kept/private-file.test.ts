import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { FORBIDDEN, readOwn, readPrivate, replaceFile, updatePrivate } from "../../../src/cli/kept/private-file.ts";
import { readSettings, settingsPath } from "../../../src/cli/kept/settings-file.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("a setting that is none is refused with the nearest one, and so is one of the wrong kind", (t) => {
  process.env.XDG_CONFIG_HOME = temporaryFolder(t);
  const refused = (settings: unknown, why: RegExp) => {
    updatePrivate(settingsPath(), () => JSON.stringify(settings), FORBIDDEN.settings);
    assert.throws(readSettings, why);
  };
  refused(
    { brokr: "https://broker.example.com" },
    /config\.json has an unknown setting "brokr" \(did you mean broker\?\)/,
  );
  refused({ something: 1 }, /has an unknown setting "something": correct it/);
  refused({ broker: 1 }, /has a setting "broker" that is no string/);
  refused({ credentials: [] }, /has a setting "credentials" that is no object/);
  refused([], /must be a JSON object/);
});

const MODULE = join(import.meta.dirname, "../../../src/cli/kept/private-file.ts");

test("a file is made 0600 in a folder 0700, and one that others can read is refused with the command to run", (t) => {
  const folder = join(temporaryFolder(t), "deep/er");
  const path = join(folder, "sessions.json");
  assert.equal(readPrivate(path), undefined);
  updatePrivate(path, (text) => `${text ?? ""}a`);
  updatePrivate(path, (text) => `${text ?? ""}b`);
  updatePrivate(path, () => undefined);
  assert.equal(readPrivate(path), "ab");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(folder), ["sessions.json"]);
  chmodSync(path, 0o640);
  assert.throws(() => readPrivate(path), new RegExp(`chmod 600 ${path}`));
});

test("many processes that change it at once lose nothing, and a holder that died is not waited for", async (t) => {
  const path = join(temporaryFolder(t), "counter");
  writeFileSync(`${path}.lock`, "4194303");
  const add = `
    const { updatePrivate } = await import(${JSON.stringify(MODULE)});
    for (let i = 0; i < 5; i++) updatePrivate(${JSON.stringify(path)}, (text) => String(Number(text ?? 0) + 1));`;
  const run = promisify(execFile);
  await Promise.all(Array.from({ length: 12 }, () => run(process.execPath, ["--input-type=module", "-e", add])));
  assert.equal(readFileSync(path, "utf8"), "60");
  assert.ok(!existsSync(`${path}.lock`));
});

test("a lock that a killed writer left empty, or whose number is another's by now, is not waited for for ever", (t) => {
  const path = join(temporaryFolder(t), "x");
  for (const [holder, age] of [
    ["", 2],
    [String(process.ppid), 61],
    ["", -3_600],
  ] as const) {
    writeFileSync(`${path}.lock`, holder);
    const made = Date.now() / 1_000 - age;
    utimesSync(`${path}.lock`, made, made);
    const from = performance.now();
    updatePrivate(path, () => `after ${holder}`);
    assert.ok(performance.now() - from < 1_000);
    assert.equal(readPrivate(path), `after ${holder}`);
  }
});

test("a lock that is held by somebody who lives is waited for, and left alone", (t) => {
  const path = join(temporaryFolder(t), "x");
  writeFileSync(`${path}.lock`, String(process.ppid));
  assert.throws(() => updatePrivate(path, () => "x"), /x\.lock is locked/);
  assert.equal(readFileSync(`${path}.lock`, "utf8"), String(process.ppid));
});

test("a folder that others can change, or that is somebody else's, is refused with what to do", (t) => {
  const folder = join(temporaryFolder(t), "coatcheck");
  const path = join(folder, "sessions.json");
  updatePrivate(path, () => "mine");
  for (const mode of [0o720, 0o702]) {
    chmodSync(folder, mode);
    assert.throws(() => readOwn(path), new RegExp(`chmod 700 ${folder}`));
    assert.throws(() => updatePrivate(path, () => "x"), /other users can change/);
  }
  chmodSync(folder, 0o755);
  assert.equal(readOwn(path), "mine");
  if (process.getuid?.() !== 0) return;
  chownSync(folder, 12_345, 0);
  assert.throws(() => readOwn(path), /belongs to another user \(12345\)/);
});

test("a link to the file stays one; what it leads to is held to the same", (t) => {
  const home = temporaryFolder(t);
  const [real, path] = [join(home, "dotfiles/config.json"), join(home, "coatcheck/config.json")];
  for (const name of ["dotfiles", "coatcheck"]) mkdirSync(join(home, name), { mode: 0o700 });
  symlinkSync("../dotfiles/config.json", path);
  updatePrivate(path, () => "a");
  updatePrivate(path, (text) => `${text}b`);
  assert.equal(readlinkSync(path), "../dotfiles/config.json");
  assert.equal(readFileSync(real, "utf8"), "ab");
  chmodSync(real, 0o644);
  assert.throws(() => readOwn(path), /other users can read/);
  chmodSync(real, 0o600);
  chmodSync(join(home, "dotfiles"), 0o777);
  assert.throws(() => readOwn(path), /other users can change .*dotfiles/);
});

test("a file is never written through a link that lies where its new text is put first", (t) => {
  const folder = temporaryFolder(t);
  const [path, theirs] = [join(folder, "token"), join(folder, "theirs")];
  writeFileSync(theirs, "theirs");
  symlinkSync(theirs, `${path}.${process.pid}.tmp`);
  replaceFile(path, "mine");
  assert.deepEqual([readFileSync(path, "utf8"), readFileSync(theirs, "utf8")], ["mine", "theirs"]);
});

test("a change that throws leaves the old text and no lock", (t) => {
  const path = join(temporaryFolder(t), "x");
  updatePrivate(path, () => "old");
  assert.throws(() =>
    updatePrivate(path, () => {
      throw new Error("no");
    }),
  );
  updatePrivate(path, (text) => `${text}+new`);
  assert.equal(readPrivate(path), "old+new");
});
