import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, test } from "node:test";
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { verifyIdToken } from "../../../src/protocol/identity/id-token.ts";
import { as, recordingCall } from "../recording.ts";

const NOW = 1_800_000_000;

const usual: JWTPayload = { iss: as.issuer, sub: "alice", aud: "cli", exp: NOW + 300, iat: NOW - 5 };

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
const pairs: Record<string, Pair & { jwk: JWK }> = {};

const ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"] as const;

before(async () => {
  for (const alg of [...ALGORITHMS, "stranger"]) {
    const pair = await generateKeyPair(alg === "stranger" ? "RS256" : alg, { extractable: true });
    pairs[alg] = { ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid: alg, use: "sig" } };
  }
});

const keySet = () => Response.json({ keys: ALGORITHMS.map((alg) => pairs[alg]?.jwk) });
const server = () => ({
  ...as,
  jwks_uri: "https://as.example.com/keys",
  id_token_signing_alg_values_supported: [...ALGORITHMS],
});

function sign(
  claims: JWTPayload,
  { alg = "RS256", key = alg, kid = alg }: { alg?: string; key?: string; kid?: string } = {},
): Promise<string> {
  const pair = pairs[key];
  assert.ok(pair);
  return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(pair.privateKey);
}

/** Verifies claims signed by the server's RS256 key. */
async function verify(claims: JWTPayload, more: Partial<Parameters<typeof verifyIdToken>[0]> = {}) {
  const idToken = await sign({ ...usual, ...claims });
  const input = { as: server(), clientId: "cli", idToken, nowSeconds: NOW, ...more };
  const verdict = await verifyIdToken(input, recordingCall(keySet));
  return verdict.kind === "valid" ? "valid" : `${verdict.kind}: ${verdict.text}`;
}

for (const alg of ALGORITHMS) {
  test(`OIDC signature by ${alg}`, async () => {
    const input = { as: server(), clientId: "cli", idToken: await sign(usual, { alg }), nowSeconds: NOW };
    const verdict = await verifyIdToken(input, recordingCall(keySet));
    assert.equal(verdict.kind, "valid");
    assert.equal(verdict.kind === "valid" && verdict.claims.sub, "alice");
  });
}

const STRANGER = "refused: oidc: ID token is from another issuer";
const OTHER_CLIENT = "refused: oidc: ID token is for another client";
const EARLY = "refused: oidc: ID token is not valid yet";
const WRONG = "so one of them is wrong; check the broker's first (NTP)";
const NONCE = "refused: oidc: nonce does not match";

const CLAIMS: readonly [title: string, claims: JWTPayload, more: object, expected: string][] = [
  ["ISS-05 another issuer", { iss: "https://evil.example" }, {}, STRANGER],
  ["ISS-05 almost the issuer", { iss: `${as.issuer}/` }, {}, STRANGER],
  ["ISS-05 an alias", { iss: "as.example.com" }, { issuerAliases: ["as.example.com"] }, "valid"],
  ["no subject", { sub: "" }, {}, "refused: oidc: ID token has no subject"],
  ["another audience", { aud: "other" }, {}, OTHER_CLIENT],
  ["several audiences and azp", { aud: ["cli", "other"], azp: "cli" }, {}, "valid"],
  ["several audiences without azp", { aud: ["cli", "other"] }, {}, OTHER_CLIENT],
  ["azp of another", { azp: "other" }, {}, OTHER_CLIENT],
  ["expired a minute ago", { exp: NOW - 60 }, {}, "refused: oidc: ID token has expired"],
  ["expired within the leeway", { exp: NOW - 59 }, {}, "valid"],
  ["issued in a minute", { iat: NOW + 60 }, {}, "valid"],
  [
    "FC-42 issued in five minutes: whose clock is ahead is said",
    { iat: NOW + 300, exp: NOW + 600 },
    {},
    `${EARLY}: the clock of ${as.issuer} is 5 min ahead of the broker's clock, ${WRONG}`,
  ],
  [
    "FC-42 expired as it was issued: the other way round",
    { iat: NOW - 100, exp: NOW - 90 },
    {},
    `refused: oidc: ID token has expired: if the login was just now, the broker's clock is 100 s ahead of the clock of ${as.issuer}, ${WRONG}`,
  ],
  ["nbf later", { nbf: NOW + 61 }, {}, EARLY],
  ["BCP-16 nonce", { nonce: "n" }, { nonce: "n" }, "valid"],
  ["BCP-16 another nonce", { nonce: "m" }, { nonce: "n" }, NONCE],
  ["BCP-16 no nonce", {}, { nonce: "n" }, NONCE],
  ["a nonce nobody knows", { nonce: "n" }, {}, "valid"],
  ["A21 the same subject", {}, { previous: { iss: as.issuer, sub: "alice" } }, "valid"],
  [
    "A21 another subject",
    { sub: "mallory" },
    { previous: { iss: as.issuer, sub: "alice" } },
    "subject_changed: oidc: ID token belongs to another subject",
  ],
  [
    "A21 another issuer",
    { iss: "https://evil.example" },
    { previous: { iss: as.issuer, sub: "alice" } },
    "subject_changed: oidc: ID token belongs to another subject",
  ],
  [
    "A21 the same issuer by its other name",
    { iss: "as.example.com" },
    { previous: { iss: as.issuer, sub: "alice" }, issuerAliases: ["as.example.com"] },
    "valid",
  ],
];

for (const [title, claims, more, expected] of CLAIMS) {
  test(title, async () => assert.equal(await verify(claims, more), expected));
}

test("at_hash binds it to the access token", async () => {
  const at_hash = createHash("sha256").update("token").digest().subarray(0, 16).toString("base64url");
  assert.equal(await verify({ at_hash }, { accessToken: "token" }), "valid");
  assert.equal(
    await verify({ at_hash }, { accessToken: "other" }),
    "refused: oidc: ID token belongs to another access token",
  );
});

const MALFORMED = "refused: oidc: ID token is malformed or not signed with the expected algorithm";
const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

test("alg none, HMAC with a public key, a critical extension, and other nonsense", async () => {
  const hmac = await new SignJWT(usual)
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode("x".repeat(32)));
  const signed = await sign(usual);
  const crit = await new SignJWT(usual)
    .setProtectedHeader({ alg: "RS256", kid: "RS256", crit: ["b64"], b64: true })
    .sign(pairs.RS256?.privateKey as Pair["privateKey"]);
  const none = `${b64({ alg: "none" })}.${b64(usual)}.`;
  for (const idToken of [none, hmac, crit, "", "a.b.c", `${signed}.x`, signed.slice(0, signed.lastIndexOf("."))]) {
    assert.equal(await verify({}, { idToken }), MALFORMED, idToken.slice(0, 40));
  }
  const careless = { ...server(), id_token_signing_alg_values_supported: ["RS256", "HS256", "none"] };
  for (const idToken of [none, hmac])
    assert.equal(await verify({}, { as: careless, idToken }), MALFORMED, "even where the metadata list it");
});

test("an algorithm that is not listed, RS256 where nothing is", async () => {
  const { id_token_signing_alg_values_supported: _, ...silent } = server();
  const idToken = await sign(usual, { alg: "ES256" });
  assert.equal(await verify({}, { as: silent, idToken }), MALFORMED);
  assert.equal(await verify({}, { as: silent }), "valid");
});

test("a signature of somebody else, and changed claims", async () => {
  const invalid = "refused: oidc: signature of the ID token is not valid";
  assert.equal(await verify({}, { idToken: await sign(usual, { key: "stranger", kid: "RS256" }) }), invalid);
  assert.equal(await verify({}, { idToken: await sign(usual, { key: "stranger", kid: "stranger" }) }), invalid);
  const [head, , tail] = (await sign(usual)).split(".");
  assert.equal(await verify({}, { idToken: `${head}.${b64({ ...usual, sub: "mallory" })}.${tail}` }), invalid);
});

test("an RSA key under 2048 bits signs nothing that counts", async () => {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 1024 };
  const pair = await crypto.subtle.generateKey({ ...algorithm, publicExponent: new Uint8Array([1, 0, 1]) }, true, [
    "sign",
    "verify",
  ]);
  const signed = `${b64({ alg: "RS256", kid: "short" })}.${b64(usual)}`;
  const signature = await crypto.subtle.sign(algorithm, pair.privateKey, new TextEncoder().encode(signed));
  const idToken = `${signed}.${Buffer.from(signature).toString("base64url")}`;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: "short" };
  const input = { as: server(), clientId: "cli", idToken, nowSeconds: NOW };
  assert.equal(
    (
      await verifyIdToken(
        input,
        recordingCall(() => Response.json({ keys: [jwk] })),
      )
    ).kind,
    "refused",
  );
});

test("a key is found by its id where both name one, and by its kind otherwise", async () => {
  const { kid: _, ...nameless } = pairs.RS256?.jwk ?? {};
  const call = recordingCall(() => Response.json({ keys: [pairs.ES256?.jwk, pairs.stranger?.jwk, nameless] }));
  for (const header of [{ alg: "RS256" }, { alg: "RS256", kid: "k1" }]) {
    const key = pairs.RS256?.privateKey as Pair["privateKey"];
    const idToken = await new SignJWT(usual).setProtectedHeader(header).sign(key);
    const verdict = await verifyIdToken({ as: server(), clientId: "cli", idToken, nowSeconds: NOW }, call);
    assert.equal(verdict.kind, "valid", JSON.stringify(header));
  }
});

test("a key set out of reach leaves it unverified; wrong claims count all the same", async () => {
  const down = recordingCall(() => new Response("", { status: 503 }));
  const input = { as: server(), clientId: "cli", idToken: await sign(usual), nowSeconds: NOW };
  const verdict = await verifyIdToken(input, down);
  assert.equal(verdict.kind, "unverified");
  assert.equal((await verifyIdToken({ ...input, clientId: "other" }, down)).kind, "refused");
  const { jwks_uri: _, ...without } = server();
  assert.equal((await verifyIdToken({ ...input, as: without }, down)).kind, "unverified");
});

test("FC-24 keys are fetched once in five minutes, and at once for a new key, but not more than once in five seconds", async () => {
  const call = recordingCall(keySet);
  const same = server();
  const claims = { ...usual, exp: NOW + 9_999 };
  const known = await sign(claims);
  const unknown = await sign(claims, { key: "stranger", kid: "stranger" });
  const at = async (seconds: number, idToken: string) => {
    const { kind } = await verifyIdToken({ as: same, clientId: "cli", idToken, nowSeconds: NOW + seconds }, call);
    return `${kind} ${call.requests.length}`;
  };
  assert.equal(await at(0, known), "valid 1");
  assert.equal(await at(1, unknown), "refused 2", "looked up at once, and not there");
  assert.equal(await at(3, unknown), "unverified 2", "it was not looked up: nothing is known against it");
  assert.equal(await at(6, unknown), "refused 3");
  assert.equal(await at(299, known), "valid 3");
  assert.equal(await at(310, known), "valid 4");
});

test("FC-24 a new key is found at the first token that it signed, also under the old name, by one request for all", async () => {
  const stranger = { ...pairs.stranger?.jwk };
  for (const kid of ["new", "RS256", undefined]) {
    const rotated = () =>
      Response.json({ keys: [kid === undefined ? { ...stranger, kid: undefined } : { ...stranger, kid }] });
    const call = recordingCall(keySet, rotated);
    const same = server();
    const ask = (idToken: string) => verifyIdToken({ as: same, clientId: "cli", idToken, nowSeconds: NOW }, call);
    assert.equal((await ask(await sign(usual))).kind, "valid");
    const next = await sign(usual, { key: "stranger", ...(kid !== undefined && { kid }) });
    const verdicts = await Promise.all([ask(next), ask(next)]);
    assert.deepEqual(
      verdicts.map(({ kind }) => kind),
      ["valid", "valid"],
    );
    assert.equal(call.requests.length, 2, String(kid));
  }
});

test("FC-24 a known key that made another signature stays refused when nothing may be looked up", async () => {
  const call = recordingCall(keySet);
  const same = server();
  const forged = await sign(usual, { key: "stranger", kid: "RS256" });
  const ask = (idToken: string) => verifyIdToken({ as: same, clientId: "cli", idToken, nowSeconds: NOW }, call);
  assert.equal((await ask(await sign(usual))).kind, "valid");
  for (const _ of [1, 2]) assert.equal((await ask(forged)).kind, "refused");
  assert.equal(call.requests.length, 2);
});
