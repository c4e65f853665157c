import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { person } from "../../support/person/person.ts";
import { coatcheck, said } from "../../support/process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const linesOf = (data: string) => readFileSync(join(data, "key"), "utf8").trim().split("\n");

async function serving(t: TestContext, data: string, env: Record<string, string> = {}): Promise<string> {
  const started = coatcheck(t, ["serve", "--data", data, "--listen", "127.0.0.1:0"], env);
  const [, address = ""] = await said(started, /coatcheck is listening at (http:\S+)/);
  return address;
}

/** An operator reaches the broker as with every other command. */
const operator = (address: string, data: string) => ({
  COATCHECK_ADDR: address,
  COATCHECK_OPERATOR_TOKEN: readFileSync(join(data, "root-token"), "utf8").trim(),
});

const keys = (t: TestContext, args: readonly string[], env: Record<string, string>) =>
  person(t, env).run(["keys", ...args]);

test("keys status, rotate, status, forget against a running broker; no key is ever printed", async (t) => {
  const data = temporaryFolder(t);
  const env = operator(await serving(t, data), data);
  const said: string[] = [];
  const run = async (...args: string[]) => {
    const { code, out, err } = await keys(t, args, env);
    assert.equal(code, 0, err);
    said.push(out);
    return out;
  };
  const [, old = "", records, own = ""] =
    /^KEY +USE +MOUNT +RECORDS\n([0-9a-f]{16}) +seals +(\d+)\n([0-9a-f]{16}) +seals +oauth2 +0\n$/.exec(
      await run("status"),
    ) ?? [];
  const listed = JSON.parse(await run("status", "--json"));
  assert.deepEqual(listed.keys, [
    { id: old, use: "seals", records: Number(records) },
    { id: own, use: "seals", mount: "oauth2", records: 0 },
  ]);
  const [, fresh = ""] = /^The key ([0-9a-f]{16}) now seals new records/.exec(await run("rotate")) ?? [];
  assert.ok(old !== "" && fresh !== "" && fresh !== old);
  const end = performance.now() + 10_000;
  const all = Number(records) + 1;
  const rotated = new RegExp(
    `^${fresh} +seals +${all}\n${old} +opens +0\n${own} +opens +oauth2 +0\n([0-9a-f]{16}) +seals +oauth2 +0$`,
    "m",
  );
  while (!rotated.test(await run("status"))) assert.ok(performance.now() < end, said.at(-1));
  const [, second = ""] = rotated.exec(said.at(-1) ?? "") ?? [];
  const [, next = ""] =
    /^The key ([0-9a-f]{16}) now seals new records of oauth2/.exec(await run("rotate", "--mount", "oauth2")) ?? [];
  const status = new RegExp(`^${second} +opens +oauth2 +0\n${next} +seals +oauth2 +0\n$`, "m");
  assert.match(await run("status"), status);
  const lines = linesOf(data);
  assert.match(
    await run("forget", old),
    /has been removed\.\nBackups made while this key was in use cannot be restored/,
  );
  assert.deepEqual(linesOf(data), lines.slice(0, 1));
  for (const key of lines) assert.ok(!said.join("").includes(key));
});

test("what cannot be done is one sentence, with what to do", async (t) => {
  const data = temporaryFolder(t);
  const env = operator(await serving(t, data, { COATCHECK_KEY: "A".repeat(43) }), data);
  const fails = async (sentence: RegExp, args: readonly string[], more: Record<string, string> = {}) => {
    const { code, out, err } = await keys(t, args, { ...env, ...more });
    assert.match(err, sentence);
    assert.deepEqual([out, err.trim().split("\n").length], ["", 1]);
    return code;
  };
  assert.equal(
    await fails(
      /^coatcheck: the keys are in COATCHECK_KEY, .*put a new key in front of the present one.*keys rotate --mount NAME/,
      ["rotate"],
    ),
    1,
  );
  assert.equal(await fails(/^coatcheck: this broker has no key with that id: run /, ["forget", "0".repeat(16)]), 1);
  assert.equal(await fails(/^coatcheck: "\.\.\/x" is not the id of a key/, ["forget", "../x"]), 2);
  const wrong = { COATCHECK_OPERATOR_TOKEN: "hvs.wrong" };
  assert.equal(await fails(/^coatcheck: permission denied/, ["status"], wrong), 5);
  const nobody = { COATCHECK_ADDR: "http://127.0.0.1:1" };
  assert.equal(await fails(/^coatcheck: the broker at http:\/\/127\.0\.0\.1:1 cannot/, ["status"], nobody), 7);
  const unusable = { COATCHECK_ADDR: "x" };
  assert.equal(await fails(/^coatcheck: the broker's address "x" is not valid/, ["status"], unusable), 2);
  assert.equal(await fails(/^coatcheck: missing required argument 'id'/, ["forget"]), 2);
});

test("a broker on a Unix socket is reached too", async (t) => {
  const data = temporaryFolder(t);
  const socket = `unix:${join(data, "socket")}`;
  await said(coatcheck(t, ["serve", "--data", data, "--listen", socket]), /coatcheck is listening at unix:/);
  const { code, out } = await keys(t, ["status", "--token-file", join(data, "root-token")], { COATCHECK_ADDR: socket });
  assert.deepEqual([code, /seals/.test(out)], [0, true]);
});
