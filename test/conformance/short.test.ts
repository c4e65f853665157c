import assert from "node:assert/strict";
import { test } from "node:test";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { officialSuite } from "./official.ts";

/** One of each kind; all of them take minutes (`npm run conformance`), and `covered.test.ts` says which of our tests shows the same. */
const SHORT = [
  ["tools_call", "2025-11-25"],
  ["http-standard-headers", "2026-07-28"],
  ["auth/metadata-var2", "2026-07-28"],
  ["auth/scope-step-up", "2025-11-25"],
  ["auth/iss-wrong-issuer", "2026-07-28"],
] as const;

test("the official suite of MCP passes through `coatcheck mcp`: a call, headers, discovery, a step-up, another issuer", async (t) => {
  const suite = officialSuite(temporaryFolder(t));
  t.after(() => suite.stop());
  for (const [scenario, revision] of SHORT) {
    const { isGood, said } = await suite.run(scenario, revision);
    assert.ok(isGood, said);
  }
});
