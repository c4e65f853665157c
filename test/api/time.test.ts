import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRfc3339, rfc3339 } from "../../src/api/index.ts";

test("times are told in whole seconds, rounded down, and never with a fifth digit of the year", () => {
  assert.equal(rfc3339(1_795_345_200_999), "2026-11-22T11:00:00Z");
  assert.equal(rfc3339(Number.MAX_SAFE_INTEGER), "9999-12-31T23:59:59Z");
});

test("RFC 3339 is read with a fraction, an offset and letters of either case, and nothing else is", () => {
  for (const text of [
    "2026-11-22T11:00:00Z",
    "2026-11-22t11:00:00z",
    "2026-11-22T11:00:00.000Z",
    "2026-11-22T12:30:00+01:30",
  ])
    assert.equal(parseRfc3339(text), 1_795_345_200_000, text);
  for (const text of ["", "2026-11-22", "2026-11-22T11:00:00", "22 Nov 2026 11:00 Z", "2026-13-01T00:00:00Z", "-5"])
    assert.equal(parseRfc3339(text), undefined, text);
});
