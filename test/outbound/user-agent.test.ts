import assert from "node:assert/strict";
import { test } from "node:test";
import { userAgentOf } from "../../src/outbound/user-agent.ts";

test("FC-80 MX-G1 a label is the first part of a comment that nothing in it can end or split, in one line of ASCII", () => {
  for (const [label, expected] of [
    [undefined, "Coatcheck/1"],
    ["", "Coatcheck/1"],
    ["  ", "Coatcheck/1"],
    ["nio bot", "Coatcheck/1 (nio bot; Linux)"],
    ["deploy/bot; on build-7", "Coatcheck/1 (deploy-bot, on build-7; Linux)"],
    ["Zürich", "Coatcheck/1 (Zurich; Linux)"],
    ["a)\r\nX-Evil: (1\\", "Coatcheck/1 (a???X-Evil: ?1?; Linux)"],
    ["😀\u202e\u0000", "Coatcheck/1 (???; Linux)"],
    [";".repeat(500), `Coatcheck/1 (${",".repeat(100)}; Linux)`],
  ] as const) {
    assert.equal(userAgentOf("Coatcheck/1", label, "linux"), expected);
    assert.ok(new Headers({ "user-agent": userAgentOf("Coatcheck/1", label, "linux") }));
  }
  const systems = ["darwin", "win32", "freebsd"].map((platform) => userAgentOf("C/1", "a", platform));
  assert.deepEqual(systems, ["C/1 (a; macOS)", "C/1 (a; Windows)", "C/1 (a; freebsd)"]);
});
