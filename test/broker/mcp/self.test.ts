import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { describeResource, startMcpPair, writeMcp } from "../../support/mcp/mcp-pair.ts";

test("MCP-G5 client credentials at an MCP server: resource and scopes as in a login, an assertion for the issuer, asked for anew when it ends", async (t) => {
  const pair = await startMcpPair(t, { metadata: { scopes_supported: ["offline_access"] } });
  describeResource(pair.as, { scopes_supported: ["tools"] });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const client_key = privateKey.export({ type: "pkcs8", format: "pem" });
  const keyed = { client_id: "agent", client_key, token_endpoint_auth_method: "private_key_jwt" };
  assert.ok((await writeMcp(pair, pair.as, {}, keyed)).status < 300);
  const written = await pair.write("oauth2/self/agent", { server: "tools" });
  assert.ok(written.status < 300, JSON.stringify(written.body));
  const first = await pair.read("oauth2/self/agent");
  await pair.pass(4_000_000);
  const second = await pair.read("oauth2/self/agent");
  assert.notEqual(second.body?.data?.access_token, first.body?.data?.access_token);
  const asked = pair.as.to("/token");
  assert.ok(asked.length >= 2);
  for (const { form } of asked) {
    const [, claims = ""] = String(form.get("client_assertion")).split(".");
    const { aud, iss } = JSON.parse(Buffer.from(claims, "base64url").toString());
    assert.deepEqual(
      [form.get("grant_type"), form.get("scope"), aud, iss],
      ["client_credentials", "tools", pair.as.issuer, "agent"],
    );
    assert.deepEqual(form.getAll("resource"), [`${pair.as.origin}/mcp`]);
  }
});
