import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreUnavailable, StoreUnusable } from "../../src/store/port.ts";
import { isRepeatable, staysUsable, storeError } from "../../src/store/postgres/errors.ts";

/** As the driver hands it on: the server's own have a severity. */
const sqlState = (code: string, severity = "ERROR") => Object.assign(new Error(`of ${code}`), { code, severity });
const system = (code: string) => Object.assign(new Error(""), { code });

test("what passes, or an operator mends while the broker runs, costs nothing; a damaged database is not touched", () => {
  for (const code of [
    "08006",
    "08P01",
    "53100",
    "53300",
    "57014",
    "57P01",
    "57P03",
    "58030",
    "25006",
    "25P03",
    "55P03",
  ])
    assert.ok(storeError(sqlState(code)) instanceof StoreUnavailable, code);
  for (const code of ["40001", "40P01", "40003", "28P01", "3D000", "42501", "42P01"])
    assert.ok(storeError(sqlState(code)) instanceof StoreUnavailable, code);
  for (const code of ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOENT", "EAI_AGAIN", "ENOTFOUND", "CERT_HAS_EXPIRED"])
    assert.ok(storeError(system(code)) instanceof StoreUnavailable, code);
  for (const text of [
    "Connection terminated unexpectedly",
    "timeout exceeded when trying to connect",
    "Query read timeout",
  ])
    assert.ok(storeError(new Error(text)) instanceof StoreUnavailable, text);
  for (const code of ["XX001", "XX002"]) assert.ok(storeError(sqlState(code)) instanceof StoreUnusable, code);
  for (const own of [sqlState("23505"), sqlState("42601"), sqlState("22021"), new TypeError("x"), "text"])
    assert.equal(storeError(own), own, "a fault of our own is not retried");
});

test("a message names no user, and is never empty", () => {
  for (const code of ["28P01", "28000", "53300"]) {
    const error = Object.assign(new Error('refused for user "alice"'), { code, severity: "FATAL" });
    assert.equal((storeError(error) as Error).message, `the database cannot be used right now: SQLSTATE ${code}`);
  }
  assert.match(String(storeError(system("ECONNREFUSED"))), /: ECONNREFUSED$/);
});

test("a connection is kept after an error of its statement, and dropped after any other", () => {
  for (const code of ["23505", "40001", "57014", "55P03"]) assert.equal(staysUsable(sqlState(code)), true, code);
  assert.equal(staysUsable(sqlState("25006")), false, "after a failover the name may lead to the new primary");
  assert.equal(staysUsable(sqlState("57P01", "FATAL")), false);
  assert.equal(staysUsable(new Error("Query read timeout")), false);
  assert.deepEqual(
    ["40001", "40P01", "40003", "55P03"].map((code) => isRepeatable(sqlState(code))),
    [true, true, false, false],
  );
});
