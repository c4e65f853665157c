import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { mistakeLine, readConfigFile } from "../../src/config-file/read.ts";
import { type Coatcheck, startCoatcheck } from "../support/coatcheck.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function declaring(t: TestContext) {
  const folder = temporaryFolder(t);
  const file = join(folder, "serve.json");
  const recorded = (name: string) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1);
  return {
    ...{ folder, file, recorded },
    declare: (audit: object) => writeFileSync(file, JSON.stringify({ audit })),
  };
}

const events = ({ logged }: Pick<Coatcheck, "logged">) =>
  logged
    .map((line) => JSON.parse(line))
    .filter(({ event }) => /^audit_(enabled|changed|undeclared|disabled)/.test(event))
    .map(({ event, device }) => `${event} ${device}`);

const hashOf = async (broker: Coatcheck) =>
  (await broker.write("sys/audit-hash/file", { input: "something" })).body?.data?.hash;

test("a declared audit device is enabled before anything is answered; the same is left alone, another one goes on in its place", async (t) => {
  const { file, declare, recorded, folder } = declaring(t);
  declare({ file: { type: "file", file_path: "audit.log", mode: "0640" } });
  const first = await startCoatcheck(t, { file });
  assert.deepEqual(events(first), ["audit_enabled file"]);
  assert.equal((await first.read("sys/policy")).status, 200);
  assert.deepEqual(
    recorded("audit.log").map((line) => JSON.parse(line).type),
    ["start", "request", "response"],
  );
  const hash = await hashOf(first);
  await first.write("sys/audit/other", { type: "file", options: { file_path: join(folder, "other.log") } });

  const again = await first.restart();
  assert.deepEqual(events(again), ["audit_undeclared other"]);
  const changed = await again.restart(() => declare({ file: { type: "file", file_path: "second.log" } }));
  assert.deepEqual(events(changed), ["audit_changed file", "audit_undeclared other"]);
  assert.equal(await hashOf(changed), hash, "values are found by the same hashes");
  assert.deepEqual(JSON.parse(recorded("second.log")[0] ?? "").type, "start");
  const before = recorded("audit.log").length;
  await changed.read("sys/policy");
  assert.equal(recorded("audit.log").length, before);
  assert.ok(JSON.parse(recorded("second.log")[0] ?? "").line > 1, "its chain goes on");
});

test("a broker does not serve without the record that its file declares; a change that takes no line leaves the device as it was", async (t) => {
  const { file, declare, folder, recorded } = declaring(t);
  declare({ file: { type: "file", file_path: "none/audit.log" } });
  await assert.rejects(startCoatcheck(t, { file }), /^ConfigError: the audit device "file": .*ENOENT/);
  const broker = await startCoatcheck(t);
  const enable = (body: object) => broker.write("sys/audit/file", { type: "file", ...body });
  assert.equal((await enable({ options: { file_path: join(folder, "audit.log") } })).status, 204);
  const bad = await enable({ options: { file_path: join(folder, "none", "a") }, replace: true });
  assert.match(String(bad.body?.errors), /cannot be changed, since it takes no line: ENOENT/);
  const before = recorded("audit.log").length;
  assert.equal((await broker.read("sys/policy")).status, 200);
  assert.equal(recorded("audit.log").length, before + 2);
  assert.ok(!existsSync(join(folder, "none")));
});

test("mistakes of declared audit devices are told with their places", (t) => {
  const { file } = declaring(t);
  const said = (audit: string) => {
    writeFileSync(file, `{"audit": ${audit}}`);
    const { path, mistakes } = readConfigFile(file);
    return mistakes.map((mistake) => mistakeLine(path, mistake).slice(path.length + 1));
  };
  assert.deepEqual(said("[]"), ['1:11: "audit" must be an object: the name of each device, and its options']);
  assert.deepEqual(said('{"file": {"type": "file", "file_path": "a", "hmac_accessor": false}}'), []);
  for (const [audit, mistake] of [
    ['{"a/b": {"type": "file", "file_path": "a"}}', /1:12: "a\/b" cannot be the name of an audit device/],
    ['{"a": 1}', /1:17: the audit device "a" must be an object/],
    ['{"a": {"file_path": "a"}}', /1:12: the audit device "a" names no "type"/],
    ['{"a": {"type": "syslog"}}', /names no "type": file or socket/],
    ['{"a": {"type": "file", "filepath": "a"}}', /"filepath" is not known \(did you mean file_path\?\)/],
    ['{"a": {"type": "file", "file_path": "a", "hmac_accessor": "no"}}', /"hmac_accessor" must be true or false/],
    ['{"a": {"type": "file"}}', /the audit device "a": file_path is required/],
    ['{"a": {"type": "socket", "address": "h"}}', /the audit device "a": address must be HOST:PORT/],
    ['{"a": {"type": "file", "file_path": "a", "mode": "0777"}}', /nobody run it/],
  ] as const) {
    assert.match(said(audit).join("\n"), mistake, audit);
  }
});
