import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { ownCommand } from "../../../src/cli/frame/own-command.ts";
import { CLONE } from "../../support/bin.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("a command is shown by its name where a shell finds this very program by it, else by whole paths", (t) => {
  const home = temporaryFolder(t);
  const folder = (name: string, make: (file: string) => void) => {
    const path = join(home, name);
    mkdirSync(path, { recursive: true });
    make(join(path, "coatcheck"));
    return path;
  };
  const linked = folder("bin", (file) => symlinkSync(CLONE, file));
  const foreign = folder("other", (file) => writeFileSync(file, "", { mode: 0o755 }));
  const plain = folder("plain", (file) => writeFileSync(file, "", { mode: 0o644 }));
  const passing = folder("node_modules/.bin", (file) => symlinkSync(CLONE, file));
  const whole = [process.execPath, CLONE];
  const found = (...folders: string[]) => ownCommand(folders.join(delimiter));
  assert.deepEqual(found(linked, foreign), ["coatcheck"]);
  assert.deepEqual(found(plain, linked), ["coatcheck"], "what cannot be run is not found");
  assert.deepEqual(found(foreign, linked), whole, "another program has that name");
  assert.deepEqual(found(passing), whole, "npm's own folders are on nobody else's way");
  assert.deepEqual(found(""), whole);
  assert.deepEqual(ownCommand(undefined), whole);
});
