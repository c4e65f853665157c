import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean, providerIds } from "../../src/providers/index.ts";

test("FC-71 a name that was mistyped names the one that was meant; one that is far from all names none", () => {
  for (const [typed, meant] of [
    ["githb", "github"],
    ["GitHub", "github"],
    ["gihtub", "github"],
    ["githubb", "github"],
    ["azure", "microsoft_azure_ad"],
    ["oicd", "oidc"],
  ] as const) {
    assert.equal(didYouMean(typed, providerIds()), ` (did you mean ${meant}?)`, typed);
  }
  for (const typed of ["nonsense", "q", "", "ab"]) assert.equal(didYouMean(typed, providerIds()), "", typed);
  assert.equal(didYouMean("issuer", ["issuer_url"]), " (did you mean issuer_url?)");
  assert.equal(didYouMean("github", []), "");
});

test("ST-5 a name as long as a body is compared with no shorter one letter by letter", () => {
  const before = process.cpuUsage();
  assert.equal(didYouMean("x".repeat(2 ** 20), ["y".repeat(512)]), "");
  const { user, system } = process.cpuUsage(before);
  // Microseconds; letter by letter it is seconds.
  assert.ok(user + system < 500_000, `${user + system}`);
});
