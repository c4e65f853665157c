import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { yaml } from "../../../src/cli/setup/agents/yaml.ts";
import { changeForeign, readForeign, requireInside } from "../../../src/cli/setup/foreign-file.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Nobody's: a user that is there, and is not the one of the tests. */
const SOMEBODY = 65_534;

/** Nothing else of this process runs meanwhile. */
function asSomebody(work: () => void): void {
  process.seteuid?.(SOMEBODY);
  try {
    work();
  } finally {
    process.seteuid?.(0);
  }
}

test("ST-56 what cannot be changed and stay whole is refused as it is: a pipe, a huge file, another encoding", (t) => {
  const folder = temporaryFolder(t);
  const file = (name: string) => join(folder, name);
  spawnSync("sh", ["-c", `mkfifo "${file("pipe")}"`]);
  writeFileSync(file("huge"), "{}");
  truncateSync(file("huge"), 16 * 1_048_576 + 1);
  const latin = Buffer.from("machine h password p\xe4ss\n", "latin1");
  writeFileSync(file("latin"), latin);
  for (const [name, sentence] of [
    ["pipe", /pipe is not a plain file: correct it first/],
    ["huge", /huge is larger than 16 MiB/],
    ["latin", /latin is not UTF-8, so that a change would damage it/],
    [".", /is not a plain file/],
  ] as const) {
    assert.throws(() => changeForeign(file(name), () => "changed"), sentence);
    assert.throws(() => readForeign(file(name)), sentence);
  }
  assert.deepEqual(readFileSync(file("latin")), latin);
  assert.equal(readForeign(file("none")), undefined);
  const bomb = `a: &a [x,x]\n${"bcdefghij"
    .split("")
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefghi"[index]}`)}]\n`)
    .join("")}`;
  assert.throws(() => yaml.read(bomb), /alias/i);
});

test("ST-56 a mark of its encoding, its mode, a link to it and another name of it stay as they are", (t) => {
  const folder = temporaryFolder(t);
  const [real, link, other] = ["real", "link", "other"].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(real, "\ufeff{}");
  chmodSync(real, 0o640);
  linkSync(real, other);
  symlinkSync("real", link);
  changeForeign(link, (text) => `${text}!`);
  assert.equal(readFileSync(real, "utf8"), "\ufeff{}!");
  assert.deepEqual([statSync(real).mode & 0o777, lstatSync(link).isSymbolicLink()], [0o640, true]);
  assert.equal(readFileSync(other, "utf8"), "\ufeff{}", "a hard link is another's file by now");
});

test("ST-56 a file, a link or a folder of another user decides nothing", { skip: process.getuid?.() !== 0 }, (t) => {
  const folder = temporaryFolder(t);
  const theirs = join(folder, "theirs");
  const own = join(folder, "own");
  mkdirSync(theirs);
  writeFileSync(own, "own");
  symlinkSync(own, join(theirs, "link"));
  symlinkSync(join(theirs, "link"), join(folder, "by-theirs"));
  writeFileSync(join(folder, "file"), "their own");
  for (const path of [theirs, join(folder, "file")]) chownSync(path, SOMEBODY, SOMEBODY);
  for (const name of ["file", "by-theirs", "theirs/link", "theirs/new"]) {
    const refused = /belongs to another user \(65534\): run the command as that user/;
    assert.throws(() => changeForeign(join(folder, name), () => "changed"), refused, name);
  }
  assert.deepEqual([readFileSync(own, "utf8"), readForeign(own)], ["own", "own"]);
});

test("ST-68 a file that becomes another while setup works is not written over, and a link in its place is not followed", (t) => {
  const folder = temporaryFolder(t);
  const [path, own] = [join(folder, "settings"), join(folder, "own")];
  const written = (text: string) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  written("a");
  writeFileSync(own, "own");
  const seen: unknown[] = [];
  changeForeign(path, (text) => {
    if (seen.push(text) === 1) written("ab");
    if (seen.length === 2) writeFileSync(path, "abc");
    return `${text}!`;
  });
  assert.deepEqual([seen, readFileSync(path, "utf8")], [["a", "ab", "abc"], "abc!"], "its program's changes are in it");
  const tries: unknown[] = [];
  const busy = () =>
    changeForeign(path, () => {
      written(`${tries.push(0)}`);
      return "x";
    });
  assert.throws(busy, /settings is being changed all the time/);
  assert.deepEqual([tries.length, readFileSync(path, "utf8")], [5, "5"]);
  const swapped = () =>
    changeForeign(path, () => {
      rmSync(path);
      symlinkSync(own, path);
      return "mine";
    });
  assert.throws(swapped, /settings has just become a link: correct it first/);
  assert.deepEqual([readFileSync(own, "utf8"), lstatSync(path).isSymbolicLink()], ["own", true]);
  rmSync(path);
  changeForeign(path, (text) => {
    if (text !== undefined) return undefined;
    written("theirs");
    return "new";
  });
  assert.ok(!existsSync(path), "one that came meanwhile is looked at as well");
});

test("ST-68 a folder above that another user owns, or everybody can change, decides nothing", {
  skip: process.getuid?.() !== 0,
}, (t) => {
  const folder = temporaryFolder(t);
  const own = join(folder, "own");
  mkdirSync(join(own, "settings"), { recursive: true });
  mkdirSync(join(folder, "theirs/mine"), { recursive: true });
  mkdirSync(join(folder, "everybodys/mine"), { recursive: true });
  symlinkSync(own, join(folder, "theirs/link"));
  chownSync(join(folder, "theirs"), SOMEBODY, SOMEBODY);
  chmodSync(join(folder, "everybodys"), 0o777);
  const change = (path: string) => changeForeign(join(folder, path), () => "x");
  for (const path of ["theirs/mine/file", "theirs/link/settings/file"]) {
    assert.throws(() => change(path), /theirs belongs to another user \(65534\): run the command as that user/, path);
  }
  change("everybodys/mine/file");
  chmodSync(folder, 0o755);
  rmSync(join(folder, "everybodys/mine/file"));
  chownSync(join(folder, "everybodys/mine"), SOMEBODY, SOMEBODY);
  asSomebody(() => {
    const refused = /everybody can change what is in \S+everybodys: run chmod o-w /;
    assert.throws(() => change("everybodys/mine/file"), refused);
  });
  chmodSync(join(folder, "everybodys"), 0o1777);
  asSomebody(() => change("everybodys/mine/file"));
  symlinkSync(join(own, "settings"), join(folder, "link"));
  change("link/file");
  assert.equal(readFileSync(join(own, "settings/file"), "utf8"), "x");
});

test("ST-56 a link in a project does not lead setup to a file of the person's own", (t) => {
  const folder = temporaryFolder(t);
  const project = join(folder, "project");
  mkdirSync(join(project, "plain"), { recursive: true });
  symlinkSync(join(folder, "own.json"), join(project, ".mcp.json"));
  symlinkSync(folder, join(project, ".vscode"));
  for (const name of [".mcp.json", ".vscode/mcp.json"])
    assert.throws(() => requireInside(project, join(project, name)), /is a link, which may lead out of this project/);
  requireInside(project, join(project, "plain", "mcp.json"));
});
