import assert from "node:assert/strict";
import { test } from "node:test";
import { userAgentOf } from "../../src/outbound/user-agent.ts";

test("MX-G1 a label is a comment that nothing in it can end, in one line of ASCII", () => {
  for (const [label, expected] of [
    [undefined, "Coatcheck/1"],
    ["", "Coatcheck/1"],
    ["  ", "Coatcheck/1"],
    ["deploy bot on build-7", "Coatcheck/1 (deploy bot on build-7)"],
    ["Zürich", "Coatcheck/1 (Zurich)"],
    ["a)\r\nX-Evil: (1\\", "Coatcheck/1 (a???X-Evil: ?1?)"],
    ["😀\u202e\u0000", "Coatcheck/1 (???)"],
    ["x".repeat(500), `Coatcheck/1 (${"x".repeat(100)})`],
  ] as const) {
    assert.equal(userAgentOf("Coatcheck/1", label), expected);
    assert.ok(new Headers({ "user-agent": userAgentOf("Coatcheck/1", label) }));
  }
});
