import assert from "node:assert/strict";
import { test } from "node:test";
import { createLocalJWKSet, exportJWK, exportPKCS8, generateKeyPair, jwtVerify } from "jose";
import { checkClientKey } from "../../../src/protocol/client/client-key.ts";
import type { Client } from "../../../src/protocol/client.ts";
import { refreshTokenRequest } from "../../../src/protocol/refresh-token.ts";
import { as, recordingCall } from "../recording.ts";

/** What the authentication puts into a request. */
async function authenticate(authentication: Client["authentication"], clientId = "cli", server = as) {
  const call = recordingCall();
  await refreshTokenRequest(server, { clientId, authentication }, "one-time", call);
  const [request] = call.requests;
  assert.ok(request);
  const { grant_type: _, refresh_token: __, ...form } = Object.fromEntries(request.form);
  return { authorization: request.headers.get("authorization"), form };
}

test("OA-02 none and post, in the body only", async () => {
  assert.deepEqual(await authenticate({ method: "none" }), { authorization: null, form: { client_id: "cli" } });
  assert.deepEqual(await authenticate({ method: "client_secret_post", secret: "s" }), {
    authorization: null,
    form: { client_id: "cli", client_secret: "s" },
  });
});

for (const [id, secret, joined] of [
  ["my-client_1", "s.e-c", "my-client_1:s.e-c"],
  ["a:b", "c%d", "a%3Ab:c%25d"],
  ["a+b", "c d", "a%2Bb:c+d"],
  ["ü", "€", "%C3%BC:%E2%82%AC"],
] as const) {
  test(`OA-03 Basic encodes "${id}" and "${secret}" before joining them`, async () => {
    const { authorization, form } = await authenticate({ method: "client_secret_basic", secret }, id);
    assert.equal(authorization, `Basic ${btoa(joined)}`);
    assert.deepEqual(form, {});
  });
}

test("Basic names the secret as the user, without a password, where the provider has API keys for secrets", async () => {
  const { authorization } = await authenticate({ method: "client_secret_basic", secret: "sk_1", isUser: true });
  assert.equal(authorization, `Basic ${btoa("sk_1:")}`);
});

test("OA-02 client_secret_jwt signs with the secret for the issuer", async () => {
  const secret = "a secret of at least thirty-two bytes";
  const { form, authorization } = await authenticate({ method: "client_secret_jwt", secret });
  const { payload } = await jwtVerify(form.client_assertion ?? "", new TextEncoder().encode(secret), {
    algorithms: ["HS256"],
    audience: as.issuer,
    issuer: "cli",
    subject: "cli",
  });
  assert.equal(typeof payload.jti, "string");
  assert.equal(authorization, null);
  assert.equal(form.client_assertion_type, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  assert.equal("client_secret" in form, false);
});

const KEYS = ["RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"] as const;

for (const algorithm of KEYS) {
  test(`BCP-09 private_key_jwt by ${algorithm}, key as PEM and as JWK`, async () => {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: "k1" }] });
    const jwk = JSON.stringify({ ...(await exportJWK(privateKey)), alg: algorithm, kid: "k1" });
    const pem = await exportPKCS8(privateKey);
    for (const authentication of [
      { method: "private_key_jwt", key: pem, keyId: "k1", algorithm },
      { method: "private_key_jwt", key: jwk },
    ] as const) {
      const { form } = await authenticate(authentication);
      const { protectedHeader } = await jwtVerify(form.client_assertion ?? "", keys, { audience: as.issuer });
      assert.deepEqual([protectedHeader.alg, protectedHeader.kid], [algorithm, "k1"]);
    }
  });
}

test("PAR-05 the audience is what stands for the issuer: the token endpoint where no issuer is known", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const authentication = { method: "private_key_jwt", key: await exportPKCS8(privateKey) } as const;
  const { form } = await authenticate(authentication, "cli", { ...as, issuer: as.token_endpoint ?? "" });
  await jwtVerify(form.client_assertion ?? "", publicKey, { audience: as.token_endpoint ?? "" });
});

test("a usable key has no problem, and its algorithm is the usual one of its kind", async () => {
  for (const algorithm of KEYS) {
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
    assert.equal(await checkClientKey(await exportPKCS8(privateKey)), undefined);
  }
});

const SHORT_KEY =
  "the RSA key is shorter than 2048 bits: create a new key of at least 2048 bits and register it at the provider";

test("an unusable key is told without showing it", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const pem = await exportPKCS8(privateKey);
  const unreadable = "the key must be PKCS#8 PEM (BEGIN PRIVATE KEY) or a private JWK";
  const short = await crypto.subtle.generateKey(
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign"],
  );
  const cases: readonly [string, string | undefined, string][] = [
    ["nonsense", undefined, unreadable],
    ["", undefined, unreadable],
    [pem.replaceAll("PRIVATE KEY", "RSA PRIVATE KEY"), undefined, unreadable],
    [pem.replace(/.{20}\n-----END/, "\n-----END"), undefined, unreadable],
    [JSON.stringify(await exportJWK(publicKey)), undefined, unreadable],
    [pem, "RS256", "the key cannot be used with this algorithm"],
    [pem, "HS256", "the algorithm is not supported"],
    [pem, "none", "the algorithm is not supported"],
    [await exportPKCS8(short.privateKey), undefined, SHORT_KEY],
  ];
  for (const [key, algorithm, expected] of cases) assert.equal(await checkClientKey(key, algorithm), expected);
});
