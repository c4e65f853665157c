import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { BEGINNING, Chain, hashOf, signerOf } from "../../src/audit/chain.ts";
import { leftIn } from "../../src/audit/resume.ts";
import { Salted } from "../../src/audit/salted.ts";
import { type Expected, Verifier } from "../../src/audit/verify.ts";

function newSigner() {
  const pkcs8 = generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" });
  return signerOf(pkcs8.toString("base64url"));
}

/** So many lines, each 1,000th of them a signed head, and one at the end. */
function written(count: number, signer = newSigner()) {
  const chain = new Chain(BEGINNING);
  const lines = Array.from({ length: count }, (_, at) =>
    (at + 1) % 1_000 === 0 || at === count - 1 ? chain.head(at, signer) : chain.link(`"type":"request","n":${at}}`),
  );
  return { lines, signer, end: chain.end };
}

function problemsOf(lines: readonly string[], expected?: Expected) {
  const verifier = new Verifier(expected);
  for (const [at, line] of lines.entries()) verifier.take(Buffer.from(line), `log:${at + 1}`);
  return verifier.end();
}

test("100,000 lines are as they were written; one changed byte, a cut, a gap and a reorder are found, each where it is", () => {
  const { lines, signer } = written(100_000);
  const { problems, ...found } = problemsOf(lines, { key: signer.key });
  assert.deepEqual(problems, []);
  assert.deepEqual(found, {
    lines: 100_000,
    heads: 100,
    unsigned: 0,
    first: 1,
    last: 100_000,
    keys: [signer.key],
    notes: [],
  });
  const few = lines.slice(0, 2_500);
  const byte = (at: number) => few.with(at, few[at]?.replace("request", "requesT") ?? "");
  assert.deepEqual(problemsOf(byte(1_233)).problems, ["log:1235: line 1234, before it, was changed"]);
  assert.deepEqual(problemsOf(few.toSpliced(41, 2)).problems, ["log:42: lines 42 to 43 are missing"]);
  assert.match(
    problemsOf([...few.slice(0, 5), ...few.slice(6, 8), ...few.slice(5, 6), ...few.slice(8)]).problems.join(),
    /line 6 is missing.*line 6 comes after line 8/,
  );
  assert.deepEqual(problemsOf(few.slice(10)).problems, [
    "lines 1 to 10 are missing: name the files before this one as well",
  ]);
  assert.deepEqual(problemsOf(few.slice(10), { isContinued: true }).problems, []);
  assert.deepEqual(problemsOf(few.with(7, "rm -rf")).problems.length, 2);
});

test("what is written anew by somebody without the key is found by its heads, and a cut end by a head that was noted", () => {
  const { lines, signer, end } = written(2_000);
  const forged = written(2_000);
  assert.deepEqual(problemsOf(forged.lines).problems, []);
  assert.deepEqual(problemsOf(forged.lines, { key: signer.key }).problems, [
    "line 1000: it is signed by another key",
    "line 2000: it is signed by another key",
  ]);
  const head = { line: end.line, hash: end.hash };
  assert.deepEqual(problemsOf(lines, { head }).problems, []);
  assert.deepEqual(problemsOf(lines.slice(0, 1_500), { head }).problems, ["the end is missing: line 2000 was written"]);
  assert.deepEqual(problemsOf(forged.lines, { head }).problems, ["line 2000 is not the one that was logged as a head"]);
  const broken = lines.with(999, lines[999]?.replace('"type":"head"', '"type":"heaD"') ?? "");
  assert.match(problemsOf(broken).problems.join(), /line 1000, before it, was changed/);
  const other = lines.with(
    999,
    lines[999]?.replace(/(?<="signature":")./, (first) => (first === "A" ? "B" : "A")) ?? "",
  );
  assert.match(problemsOf(other).problems.join(), /line 1000: its signature does not hold/);
});

test("half a line at the end is a part of the chain by what the next start says of it, and only by that", () => {
  const { lines } = written(3);
  const half = '{"line":4,"previous":"ä';
  const left = leftIn(Buffer.from(`${lines.join("\n")}\n${half}`));
  assert.deepEqual(left.end, { line: 3, hash: hashOf(lines[2] ?? "") });
  const chain = new Chain(left.end ?? BEGINNING);
  const start = chain.link(`"type":"start","half":${JSON.stringify(left.half)}}`);
  const { problems, notes } = problemsOf([...lines, half, start]);
  assert.deepEqual([problems, notes], [[], ["log:4 is half a line: the process was killed"]]);
  assert.match(problemsOf([...lines, `${half}!`, start]).problems.join(), /log:4 is no line of an audit log/);
  assert.match(problemsOf([...lines, start]).problems.join(), /the half line before it is missing/);
  assert.deepEqual(problemsOf([...lines, half]).notes, [
    "log:4 is half a line: the process was killed, or still writes",
  ]);
  for (const other of ["root:x:0:0\n", "SQLite format 3\0", '{"a":1}\n'])
    assert.throws(() => leftIn(Buffer.from(other)), /holds something else/);
});

test("a line that lacks nothing but its end is whole, and a file may begin with any part of a first line", () => {
  const { lines, end } = written(3);
  const left = leftIn(Buffer.from(lines.join("\n")));
  assert.deepEqual(left, { end, isUnended: true });
  const start = new Chain(left.end ?? BEGINNING).link('"type":"start"}');
  assert.deepEqual(problemsOf([...lines, start]).problems, []);
  assert.deepEqual(leftIn(Buffer.from(lines[0] ?? "")).end?.line, 1);
  for (const few of ["{", '{"lin', '{"line":1,'])
    assert.deepEqual(leftIn(Buffer.from(few)), { half: { bytes: few.length, hash: hashOf(few) } });
});

test("every string of a value is hashed, under the salt of its device; times, numbers and keys stay", () => {
  const salted = new Salted(Buffer.alloc(32, 1), { hmacAccessor: false });
  const value = { a: ["secret", 1, true, null], at: "2026-11-22T12:00:00Z", accessor: "abc", policies: ["p"] };
  const told = salted.values(value, new Set(["policies"]));
  assert.deepEqual(told, { a: [salted.of("secret"), 1, true, null], at: value.at, accessor: "abc", policies: ["p"] });
  assert.match(salted.of("secret"), /^hmac-sha256:[0-9a-f]{64}$/);
  assert.notEqual(salted.of("secret"), new Salted(Buffer.alloc(32, 2), { hmacAccessor: true }).of("secret"));
  assert.ok(!JSON.stringify(told).includes("secret"));
});

test("ST-128 what somebody writes before a line is found; a prefix of the device is not", () => {
  const { lines } = written(4);
  const put = (before: string) => problemsOf(lines.map((line, at) => (at === 1 ? before + line : line))).problems;
  assert.deepEqual(put("<109> "), []);
  for (const before of [`{"time":"now","type":"request"} `, "x".repeat(300), "new\tline "]) {
    assert.match(put(before).join(), /^log:2: something else stands before line 2$/);
  }
});
