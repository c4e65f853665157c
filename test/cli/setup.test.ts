import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { person } from "../support/person.ts";

test("setup docker: shows the change, makes table, link and entry, keeps what is there, and takes it back", async (t) => {
  const alice = person(t);
  const docker = join(alice.home, ".docker/config.json");
  mkdirSync(join(alice.home, ".docker"));
  writeFileSync(docker, '{"credHelpers":{"other.example":"x"},"auths":{}}');
  const dry = await alice.run(["setup", "docker", "registry.example", "corp", "--dry-run"]);
  assert.match(dry.err, /config\.json, credentials\.docker:\n {2}\+ "registry\.example": "corp"/);
  assert.ok(!existsSync(join(alice.home, "config/coatcheck/config.json")));
  assert.equal((await alice.run(["setup", "docker", "registry.example", "corp"])).code, 0);
  const read = () => JSON.parse(readFileSync(docker, "utf8"));
  assert.deepEqual(read(), { credHelpers: { "other.example": "x", "registry.example": "coatcheck" }, auths: {} });
  const link = join(alice.home, ".local/bin/docker-credential-coatcheck");
  assert.match(readlinkSync(link), /bin\/coatcheck\.js$/);
  const settings = () => JSON.parse(readFileSync(join(alice.home, "config/coatcheck/config.json"), "utf8"));
  assert.deepEqual(settings().credentials.docker, { "registry.example": "corp" });
  assert.equal((await alice.run(["setup", "docker", "registry.example", "--undo"])).code, 0);
  assert.deepEqual(read(), { credHelpers: { "other.example": "x" }, auths: {} });
  assert.ok(!existsSync(link));
  assert.deepEqual(settings().credentials.docker, {});
});

test("setup of the others prints what to paste; one that is not known is refused", async (t) => {
  const alice = person(t);
  const aws = await alice.run(["setup", "aws", "deploy", "corp"]);
  assert.match(aws.out, /\[profile deploy\]\ncredential_process = .*coatcheck\.js credential aws corp --role ARN/);
  const bad = await alice.run(["setup", "fax", "x"]);
  assert.deepEqual([bad.code, bad.out], [2, ""]);
});
