import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { type KeySource, KeyUnusable, loadKeys } from "../../src/seal/key-file.ts";
import { createSeal, keyIdOf } from "../../src/seal/key-ring.ts";
import { createKeys } from "../../src/seal/keys.ts";
import { CannotOpen, type Place } from "../../src/seal/port.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const key = new Uint8Array(32).fill(7);
const other = new Uint8Array(32).fill(8);
const fingerprintKey = new Uint8Array(32).fill(9);
const seal = createSeal({ keys: [key], deploymentId: "d1", fingerprintKey });
const place: Place = { mount: "oauth2", kind: "creds", id: "i", name: "n", field: "content" };

test("S11 open(seal(x)) = x, in its own place alone (I13)", () => {
  const anyPlace = fc.record({
    mount: fc.string(),
    kind: fc.string(),
    id: fc.string(),
    name: fc.string(),
    field: fc.string(),
  });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), anyPlace, anyPlace, (plain, here, there) => {
      const sealed = seal.seal(plain, here);
      assert.deepEqual([...seal.open(sealed, here)], [...plain]);
      const same = Object.keys(here).every((field) => here[field as keyof Place] === there[field as keyof Place]);
      if (!same) assert.throws(() => seal.open(sealed, there), CannotOpen);
    }),
  );
});

test("fields cannot run into each other", () => {
  const sealed = seal.seal(new Uint8Array([1]), { ...place, id: "ab", name: "c" });
  assert.throws(() => seal.open(sealed, { ...place, id: "a", name: "bc" }), CannotOpen);
});

test("any flipped bit, any cut, another key or another deployment: it does not open", () => {
  const sealed = seal.seal(new TextEncoder().encode("secret"), place);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const damaged = Uint8Array.from(sealed);
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.throws(() => seal.open(damaged, place), CannotOpen, `bit ${bit}`);
  }
  for (let length = 0; length < sealed.length; length++) {
    assert.throws(() => seal.open(sealed.subarray(0, length), place), CannotOpen);
  }
  const stranger = createSeal({ keys: [other], deploymentId: "d1", fingerprintKey });
  assert.throws(() => stranger.open(sealed, place), CannotOpen);
  const clone = createSeal({ keys: [key], deploymentId: "d2", fingerprintKey });
  assert.throws(() => clone.open(sealed, place), CannotOpen);
});

test("all keys of the ring open, the first seals", () => {
  const rotated = createSeal({ keys: [other, key], deploymentId: "d1", fingerprintKey });
  assert.deepEqual([...rotated.open(seal.seal(new Uint8Array([5]), place), place)], [5]);
  assert.throws(() => seal.open(rotated.seal(new Uint8Array([5]), place), place), CannotOpen);
  assert.equal(rotated.fingerprint("x"), seal.fingerprint("x"), "a fingerprint outlives a key");
});

test("no two seals share key material, and nothing plain shows", () => {
  const seen = new Set<string>();
  for (let n = 0; n < 500; n++) {
    const sealed = Buffer.from(seal.seal(new TextEncoder().encode("the same secret"), place));
    assert.ok(!sealed.includes("secret"));
    seen.add(sealed.subarray(10, 22).toString("hex")).add(sealed.subarray(70, 82).toString("hex"));
  }
  assert.equal(seen.size, 1_000);
});

test("a blob of format 1 opens for ever", () => {
  const path = join(import.meta.dirname, "fixtures/format-1.hex");
  const sealed = Buffer.from(readFileSync(path, "utf8").trim(), "hex");
  assert.equal(new TextDecoder().decode(seal.open(sealed, place)), "format 1");
});

test("a blob of format 2, under a mount's data key, opens for ever, and with that key alone", () => {
  const path = join(import.meta.dirname, "fixtures/format-2.hex");
  const sealed = Buffer.from(readFileSync(path, "utf8").trim(), "hex");
  const ring = createSeal({ keys: [key], deploymentId: "d1", fingerprintKey });
  assert.equal(ring.dataKeyOf(sealed), keyIdOf(other));
  assert.throws(() => ring.open(sealed, place), CannotOpen);
  ring.hold([{ mount: "oauth2", key: other }]);
  assert.equal(new TextDecoder().decode(ring.open(sealed, place)), "format 2");
  ring.hold([]);
  ring.turnTo([key, other]);
  assert.throws(() => ring.open(sealed, place), CannotOpen, "no key of the ring stands in for it");
});

test("a mount's rows are sealed under its newest data key, everything else under the first key of the ring", () => {
  const [older, newer] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const ring = createSeal({ keys: [key], deploymentId: "d1", fingerprintKey });
  ring.hold([
    { mount: "oauth2", key: older },
    { mount: "team", key: other },
    { mount: "oauth2", key: newer },
  ]);
  const under = (mount: string) => ring.keyOf(ring.seal(new Uint8Array(), { ...place, mount }));
  assert.deepEqual(["oauth2", "team", "", "else"].map(under), [newer, other, key, key].map(keyIdOf));
  assert.deepEqual(["oauth2", "team", "", "else"].map(ring.keyFor), [newer, other, key, key].map(keyIdOf));
  assert.deepEqual([...ring.open(ring.seal(new Uint8Array([5]), place, keyIdOf(older)), place)], [5]);
  assert.deepEqual([ring.hasDataKey(keyIdOf(older)), ring.hasDataKey(keyIdOf(key))], [true, false]);
  assert.equal(ring.dataKeyOf(ring.seal(new Uint8Array(), { ...place, mount: "" })), undefined);
});

test("S24 the key: from the environment, from a file, or made once; unusable ones are refused with what to do", (t) => {
  const folder = temporaryFolder(t);
  const text = Buffer.from(key).toString("base64url");
  const only = ({ keys }: KeySource) => keys.map((one) => [...one]);
  assert.deepEqual(only(loadKeys(text, folder, { mayCreate: true })), [[...key]]);
  const made = loadKeys(undefined, folder, { mayCreate: true });
  assert.equal(statSync(made.origin).mode & 0o777, 0o600);
  assert.deepEqual(only(loadKeys(undefined, folder, { mayCreate: false })), only(made));
  writeFileSync(join(folder, "given"), text, { mode: 0o600 });
  assert.deepEqual(only(loadKeys(`file:${join(folder, "given")}`, folder, { mayCreate: false })), [[...key]]);
  mkdirSync(join(folder, "empty"));
  assert.throws(() => loadKeys(undefined, join(folder, "empty"), { mayCreate: false }), /put the key file back/);
  assert.throws(
    () => loadKeys("file:/nowhere/key", folder, { mayCreate: true }),
    /does not exist: check COATCHECK_KEY/,
  );
  assert.throws(() => loadKeys("abc", folder, { mayCreate: true }), KeyUnusable);
});

test("several keys: one a line, or separated by commas; the first seals; what is wrong is said with its place", (t) => {
  const folder = temporaryFolder(t);
  const [first, second] = [key, other].map((one) => Buffer.from(one).toString("base64url"));
  const bytes = ({ keys }: KeySource) => keys.map((one) => [...one]);
  const load = (source: string | undefined) => loadKeys(source, folder, { mayCreate: false });
  assert.deepEqual(bytes(load(`${first}, ${second}=`)), [[...key], [...other]]);
  writeFileSync(join(folder, "key"), `${second}\r\n${first}\n${second}\n`, { mode: 0o600 });
  assert.deepEqual(bytes(load(undefined)), [[...other], [...key]], "twice is once");
  const place = (where: string) => new RegExp(`^KeyUnusable: ${where} must contain 32 bytes as base64url`);
  assert.throws(() => load(`${first},`), place("key 2 of COATCHECK_KEY"));
  writeFileSync(join(folder, "key"), `${first}\nshort\n`);
  assert.throws(() => load(undefined), place(`line 2 of ${join(folder, "key")}`));
  writeFileSync(join(folder, "key"), "");
  assert.throws(() => load(undefined), place(join(folder, "key")));
});

test("a blob names its key, and the keys of a seal can be exchanged while it is used", () => {
  const ring = createSeal({ keys: [key], deploymentId: "d1", fingerprintKey });
  const old = ring.seal(new Uint8Array([5]), place);
  assert.deepEqual([ring.keyIds(), ring.keyOf(old)], [[keyIdOf(key)], keyIdOf(key)]);
  ring.turnTo([key, other]);
  assert.equal(ring.keyOf(ring.seal(new Uint8Array(), place)), keyIdOf(key));
  assert.equal(ring.keyOf(ring.seal(new Uint8Array(), place, keyIdOf(other))), keyIdOf(other));
  ring.turnTo([other, key]);
  assert.equal(ring.keyOf(ring.seal(new Uint8Array(), place)), keyIdOf(other));
  assert.deepEqual([...ring.open(old, place)], [5]);
  ring.turnTo([other]);
  assert.throws(() => ring.open(old, place), CannotOpen);
  assert.equal(ring.keyOf(new Uint8Array(200)), undefined, "no blob at all");
});

test("a new key is in the file before it seals; what is dropped is in neither", (t) => {
  const folder = temporaryFolder(t);
  const source = loadKeys(undefined, folder, { mayCreate: true });
  const ring = createSeal({ keys: source.keys, deploymentId: "d1", fingerprintKey });
  const keys = createKeys(source, ring, { shared: false });
  const inFile = () => loadKeys(undefined, folder, { mayCreate: false }).keys.map(keyIdOf);
  const [old = ""] = ring.keyIds();
  const made = keys.add();
  assert.deepEqual(
    [inFile(), ring.keyIds()],
    [
      [made, old],
      [old, made],
    ],
  );
  keys.sealWith(made);
  assert.deepEqual(ring.keyIds(), [made, old]);
  keys.drop(old);
  assert.deepEqual([inFile(), ring.keyIds()], [[made], [made]]);
  assert.equal(statSync(join(folder, "key")).mode & 0o777, 0o600);
  rmSync(folder, { recursive: true });
  assert.throws(() => keys.add(), KeyUnusable);
  assert.deepEqual(ring.keyIds(), [made], "a key that cannot be kept is not used");
});

test("D07 where a new key cannot be written no half of one is left, and the next start makes a whole one", (t) => {
  const folder = temporaryFolder(t);
  const load = `import { loadKeys } from ${JSON.stringify(join(import.meta.dirname, "../../src/seal/key-file.ts"))};
loadKeys(undefined, ${JSON.stringify(folder)}, { mayCreate: true });`;
  // A file may be made, and take no byte: as on a full disk, which only root can make.
  const args = ["-c", 'ulimit -f 0; exec "$@"', "sh", process.execPath, "--input-type=module", "--eval", load];
  const { stderr } = spawnSync("sh", args, { encoding: "utf8" });
  assert.match(stderr, /EFBIG/);
  assert.equal(loadKeys(undefined, folder, { mayCreate: true }).keys.length, 1);
});
