import assert from "node:assert/strict";
import { test } from "node:test";
import { retryAfterSeconds } from "../../../src/protocol/response/retry-after.ts";
import { answer } from "../recording.ts";

const NOW = "Tue, 03 Mar 2026 12:00:00 GMT";

const CASES: readonly [value: string | undefined, date: string | undefined, expected: number | undefined][] = [
  [undefined, undefined, undefined],
  ["", undefined, undefined],
  ["30", undefined, 30],
  [" 30 ", undefined, 30],
  ["0", undefined, 1],
  ["86400", undefined, 3600],
  ["-5", NOW, undefined],
  ["1.5", NOW, undefined],
  ["soon", NOW, undefined],
  ["99999999999", NOW, undefined],
  ["Tue, 03 Mar 2026 12:02:00 GMT", NOW, 120],
  ["Tue, 03 Mar 2026 11:00:00 GMT", NOW, 1],
  ["Wed, 04 Mar 2026 12:00:00 GMT", NOW, 3600],
  ["Tue, 03 Mar 2026 12:02:00 GMT", undefined, undefined],
  ["Tue, 03 Mar 2026 12:02:00 GMT", "nonsense", undefined],
  ["nonsense GMT", NOW, undefined],
];

for (const [value, date, expected] of CASES) {
  test(`CL-10 Retry-After "${value}" with Date "${date}" is ${expected}`, () => {
    const headers = {
      ...(value !== undefined && { "retry-after": value }),
      ...(date !== undefined && { date }),
    };
    assert.equal(retryAfterSeconds(answer(429, "", headers)), expected);
  });
}
