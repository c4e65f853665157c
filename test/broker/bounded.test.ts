import assert from "node:assert/strict";
import { test } from "node:test";
import { bounded } from "../../src/broker/process/bounded.ts";

test("what is remembered is bounded: the least recently used is forgotten", () => {
  const cache = bounded<number>(3);
  for (const [value, key] of ["a", "b", "c"].entries()) cache.set(key, value);
  assert.equal(cache.get("a"), 0);
  cache.set("c", 4);
  cache.set("d", 5);
  assert.deepEqual([...cache.keys()].sort(), ["a", "c", "d"]);
});
