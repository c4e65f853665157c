import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configure, importGrant, startDevice, startPair } from "../support/misbehaving.ts";

test("S10 S12 no secret is in the database, its journal or a log line", async (t) => {
  const pair = await startPair(t);
  await configure(pair, pair.as, { client_secret: "canary-client-secret" });
  pair.as.tokens.accessLife = 100;
  await importGrant(pair);
  await startDevice(pair, "flow");
  await pair.write("oauth2/auth-code-url", { server: "as", name: "link", state: "canary-state-value" });
  await pair.pass(120_000);
  const read = await pair.read("oauth2/creds/me");
  const secrets = [
    "canary-client-secret",
    "canary-state-value",
    "hvs.test-root-token-of-the-suite",
    String(read.body?.data?.access_token),
    ...pair.as.requests.flatMap(({ form }) =>
      ["refresh_token", "device_code", "code_verifier"].map((name) => form.get(name)),
    ),
  ].filter((secret): secret is string => secret !== null && secret !== "");
  assert.ok(secrets.length > 8);
  const stored = readdirSync(pair.data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1"))
    .join("");
  for (const secret of secrets) {
    for (const form of [
      secret,
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
      Buffer.from(secret).toString("hex"),
    ]) {
      assert.ok(!stored.includes(form), "stored in plain");
      assert.ok(!pair.logged.join("").includes(form), "logged");
    }
  }
});
