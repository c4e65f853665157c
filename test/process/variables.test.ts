import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readConfigFile } from "../../src/config-file/read.ts";
import { readBounded, takeSecret } from "../../src/process/variables.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("ST-57 a device without end is no configuration and no secret; a pipe is read to its end", {
  skip: process.platform === "win32",
}, (t) => {
  assert.throws(
    () => readConfigFile("/dev/zero"),
    /\/dev\/zero is larger than 4 MiB, and so no configuration: give the path/,
  );
  const env = { COATCHECK_KEY_FILE: "/dev/zero" };
  assert.throws(
    () => takeSecret(env, "COATCHECK_KEY"),
    /COATCHECK_KEY_FILE: \/dev\/zero is larger than 1 MiB: name the file/,
  );
  const folder = temporaryFolder(t);
  const [exact, pipe] = [join(folder, "exact"), join(folder, "pipe")];
  writeFileSync(exact, "x".repeat(100_000));
  assert.equal(readBounded(exact, 100_000).length, 100_000);
  assert.throws(() => readBounded(exact, 99_999), { code: "EFBIG" });
  spawnSync("sh", ["-c", `mkfifo "${pipe}"`]);
  spawn("sh", ["-c", `printf hello > "${pipe}"`], { stdio: "ignore" });
  assert.equal(readBounded(pipe, 10).toString(), "hello");
});
