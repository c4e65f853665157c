import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mount } from "../../../src/broker/mounts.ts";
import { MountTable, namingMounts, placeOfMount } from "../../../src/broker/process/mount-table.ts";
import { callbackOf } from "../../../src/broker/process/redirect-uri.ts";

const MADE = { uuid: "u", accessor: "a", description: "", defaultTtl: 0, maxTtl: 0 };

function made(id: string, path: string): Mount {
  return { place: placeOfMount(id), path, made: MADE };
}

test("a mount keeps its place and is known by its path, and what the configuration names stays", async () => {
  const mounts = new MountTable(["oauth2", "a"]);
  await mounts.renew(async () => ({ made: [made("1", "team/b"), made("2", "a")], ended: [made("3", "gone")] }));
  assert.deepEqual(
    mounts.all().map(({ path, place }) => [path, place]),
    [
      ["oauth2", "oauth2"],
      ["a", "a"],
      ["team/b", "sys/mounts/1"],
    ],
  );
  assert.deepEqual([mounts.at("a")?.place, mounts.at("gone"), mounts.at("team")], ["a", undefined, undefined]);
  await mounts.renew(async () => ({ made: [made("1", "team/c")], ended: [] }));
  assert.deepEqual([mounts.at("team/c")?.place, mounts.at("team/b")], ["sys/mounts/1", undefined]);
  assert.equal(callbackOf("https://b.example", { mounts }, "sys/mounts/1"), "https://b.example/v1/team/c/callback");
  assert.equal(callbackOf("https://b.example", { mounts }, "a"), "https://b.example/v1/a/callback");
});

test("the log calls a mount by its path, also one that was disabled", async () => {
  const mounts = new MountTable(["oauth2"]);
  await mounts.renew(async () => ({ made: [made("1", "team/b")], ended: [made("3", "gone")] }));
  const told: unknown[] = [];
  const write = (_event: string, fields?: unknown) => void told.push(fields);
  const log = namingMounts({ info: write, warn: write, error: write }, mounts);
  log.info("x", { mount: "sys/mounts/1", name: "n" });
  log.warn("x", { mount: "sys/mounts/3" });
  log.error("x", { mount: "oauth2" });
  log.error("x");
  assert.deepEqual(told, [{ mount: "team/b", name: "n" }, { mount: "gone" }, { mount: "oauth2" }, undefined]);
});
