import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { createRecognizer, hashToken, newToken } from "../../src/access/root-token.ts";
import { renewRootToken, rootTokenOf } from "../../src/compose/root-token.ts";
import { loadConfig } from "../../src/process/config.ts";
import { dataFolder } from "../support/temporary-folder.ts";

test("5 a new token is hvs. and 256 bits, printable, never the same", () => {
  const tokens = new Set(Array.from({ length: 100 }, newToken));
  assert.equal(tokens.size, 100);
  for (const token of tokens) assert.match(token, /^hvs\.[A-Za-z0-9_-]{43}$/);
});

test("only the very token is known, by its hash", () => {
  const token = newToken();
  const recognize = createRecognizer(hashToken(token));
  const identity = recognize(token);
  assert.deepEqual(identity?.policies, ["root"]);
  assert.doesNotMatch(JSON.stringify(identity), new RegExp(token.slice(4)));
  for (const other of ["", token.slice(0, -1), `${token} `, token.toUpperCase(), newToken(), "x".repeat(1_000_000)]) {
    assert.equal(recognize(other), undefined);
  }
});

test("ST-25 a token that somebody makes up has 20 characters at least, but for the one of --dev", (t) => {
  const given = (token: string, dev = false) => loadConfig({ dev }, { COATCHECK_ROOT_TOKEN: token }).rootToken;
  for (const short of ["hunter2!", "x".repeat(19), "dev-root-token"]) {
    assert.throws(() => given(short), { name: "ConfigError", message: /^COATCHECK_ROOT_TOKEN is too short: / });
  }
  assert.equal(given("x".repeat(20)), "x".repeat(20));
  assert.equal(given("", true), "dev-root-token");
  assert.throws(() => given("hunter2!", true), { name: "ConfigError" });
  const data = dataFolder(t);
  writeFileSync(join(data, "root-token"), "hunter2!\n", { mode: 0o600 });
  assert.throws(
    () => rootTokenOf(undefined, data),
    ({ name, message }: Error) => name === "StoreUnusable" && /too short/.test(message) && !message.includes("hunter2"),
  );
});

test("another root token takes the place of the one that is kept, as private as it; where no broker has been nothing is made", (t) => {
  const data = dataFolder(t);
  assert.throws(() => renewRootToken(data), /is no data folder of a broker/);
  assert.ok(!existsSync(join(data, "root-token")));
  const { value } = rootTokenOf(undefined, data);
  writeFileSync(join(data, "key"), "x");
  const path = renewRootToken(data);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const next = rootTokenOf(undefined, data);
  assert.equal(next.path, path);
  assert.match(next.value, /^hvs\.[\w-]{43}$/);
  assert.notEqual(next.value, value);
});
