import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { missing } from "../../test/support/programs.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { buildDebianPackage } from "../debian/build.ts";
import { demoLogin } from "./login.ts";

const skip = missing("dpkg-deb");

test("the Debian package unpacks to a program that signs in, a man page and units", { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const file = await buildDebianPackage(process.arch === "arm64" ? "arm64" : "x64");
  execFileSync("dpkg-deb", ["--extract", file, folder]);
  execFileSync("dpkg-deb", ["--control", file, join(folder, "DEBIAN")]);
  for (const script of ["postinst", "prerm", "postrm"]) execFileSync("sh", ["-n", join(folder, "DEBIAN", script)]);
  t.diagnostic(`--version: ${Math.round(await demoLogin(t, [join(folder, "usr/bin/coatcheck")]))} ms`);
  const listed = execFileSync("dpkg-deb", ["--contents", file], { encoding: "utf8" });
  assert.match(listed, /^-rwxr-xr-x root\/root .* \.\/usr\/bin\/coatcheck$/m);
  assert.match(listed, /^drwxr-xr-x root\/root .* \.\/etc\/coatcheck\/$/m);
  assert.match(listed, /^-rw------- root\/root .* \.\/etc\/coatcheck\/coatcheck\.env$/m);
  for (const path of ["usr/share/man/man1/coatcheck.1.gz", "usr/lib/systemd/system/coatcheck.service"]) {
    assert.ok(listed.includes(` ./${path}\n`), path);
  }
});

test("systemd accepts the units and finds little that the service may do", {
  skip: missing("systemd-analyze"),
}, (t) => {
  const folder = temporaryFolder(t);
  const units = ["coatcheck.service", "coatcheck.socket"].map((name) => {
    const text = readFileSync(join(import.meta.dirname, "../systemd", name), "utf8");
    const path = join(folder, name);
    // Any program that is there.
    writeFileSync(path, text.replace("/usr/bin/coatcheck", "/bin/true"));
    return path;
  });
  const verified = spawnSync("systemd-analyze", ["verify", "--man=no", ...units], { encoding: "utf8" });
  assert.deepEqual([verified.status, verified.stderr], [0, ""]);
  const judged = spawnSync("systemd-analyze", ["security", "--offline=true", units[0] ?? ""], { encoding: "utf8" });
  const exposure = Number(/Overall exposure level for coatcheck\.service: ([\d.]+)/.exec(judged.stdout)?.[1]);
  t.diagnostic(`exposure: ${exposure}`);
  assert.ok(exposure < 1.5, judged.stdout);
});
