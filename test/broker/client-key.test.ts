import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { startPair } from "../support/misbehaving.ts";

test("BCP-09 a server is not written with a short RSA key, and the answer says what to do", async (t) => {
  const pair = await startPair(t);
  const write = (modulusLength: number) => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength });
    const client_key = privateKey.export({ type: "pkcs8", format: "pem" });
    const endpoint = `${pair.as.issuer}/token`;
    const provider_options = { issuer: pair.as.issuer, token_url: endpoint };
    return pair.write("oauth2/servers/signed", {
      provider: "custom",
      client_id: "client",
      token_endpoint_auth_method: "private_key_jwt",
      client_key,
      provider_options,
    });
  };
  const short = await write(1024);
  assert.equal(short.status, 400);
  assert.deepEqual(short.body?.errors, [
    "client_key: the RSA key is shorter than 2048 bits: create a new key of at least 2048 bits and register it at the provider",
  ]);
  assert.equal((await pair.read("oauth2/servers/signed")).status, 404);
  assert.equal((await write(2048)).status, 204);
});
