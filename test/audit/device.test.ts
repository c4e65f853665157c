import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { closeSync, constants, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { signerOf } from "../../src/audit/chain.ts";
import { Device } from "../../src/audit/device.ts";
import { headsIn } from "../../src/audit/heads.ts";
import { Salted } from "../../src/audit/salted.ts";
import { openFile } from "../../src/audit/sink.ts";
import { Verifier } from "../../src/audit/verify.ts";
import { createLog } from "../../src/process/log.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function stage(t: TestContext) {
  const folder = temporaryFolder(t);
  const [clock, path] = [new FakeClock(), join(folder, "lines")];
  const { privateKey } = generateKeyPairSync("ed25519");
  const signer = signerOf(privateKey.export({ format: "der", type: "pkcs8" }).toString("base64url"));
  const device = new Device({
    ...{ name: "a", prefix: "", elidesLists: false, signer, clock },
    log: createLog("silent"),
    salted: new Salted(Buffer.from("salt"), { hmacAccessor: true }),
    heads: headsIn(folder, "a"),
    onChange: () => {},
    open: () => openFile(path, undefined),
  });
  const start = () => new Promise<string | undefined>((done) => device.start(done));
  return { clock, path, device, start };
}

test("a device that is closed while it takes nothing tells whoever waits for it, and whoever comes later", async (t) => {
  const { clock, path, device, start } = stage(t);
  execFileSync("sh", ["-c", `mkfifo "${path}"`]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  t.after(() => closeSync(reader));
  assert.equal(await start(), undefined);
  const told: (string | undefined)[] = [];
  // More than a pipe holds.
  device.append([`"type":"request","data":"${"x".repeat(200_000)}"}`], (problem) => told.push(problem));
  const closed = device.close();
  clock.advance(2_000);
  await closed;
  device.append(['"type":"request"}'], (problem) => told.push(problem));
  await eventually("both are told", () => told.length === 2);
  assert.deepEqual(told, ["it was closed", "it was closed"]);
});

test("a chain goes on behind a line that lost its end alone, and behind less than a line", async (t) => {
  for (const left of ["whole", "few"] as const) {
    const { path, device, start } = stage(t);
    if (left === "few") writeFileSync(path, '{"li');
    else {
      const before = stage(t);
      await before.start();
      await before.device.close();
      writeFileSync(path, readFileSync(before.path, "utf8").trimEnd());
    }
    assert.equal(await start(), undefined, left);
    await device.close();
    const verifier = new Verifier();
    for (const line of readFileSync(path, "utf8").trimEnd().split("\n")) verifier.take(Buffer.from(line), left);
    assert.deepEqual(verifier.end().problems, [], left);
  }
});
