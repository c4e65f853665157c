import assert from "node:assert/strict";
import { test } from "node:test";
import { processRegistrationResponse, registrationRequest } from "../../../src/protocol/client/registration.ts";
import { answer, as, recordingCall } from "../recording.ts";

test("REG-01 metadata as JSON, an initial access token as Bearer", async () => {
  const call = recordingCall();
  await registrationRequest(as, { client_name: "x", redirect_uris: [], logo_uri: undefined }, {}, call);
  await registrationRequest(as, {}, { initialAccessToken: "iat" }, call);
  const [first, second] = call.requests;
  assert.deepEqual(JSON.parse(first?.body ?? ""), { client_name: "x", redirect_uris: [] });
  assert.equal(first?.headers.get("content-type"), "application/json");
  assert.equal(first?.headers.get("authorization"), null);
  assert.equal(second?.headers.get("authorization"), "Bearer iat");
});

test("REG-02 REG-03 what was granted, with the secrets apart", () => {
  const members = {
    client_id: "c",
    client_secret: "s",
    client_secret_expires_at: 0,
    token_endpoint_auth_method: "none",
  };
  const management = {
    registration_access_token: "t0ken",
    registration_client_uri: "https://as.example.com/register/c",
  };
  const outcome = processRegistrationResponse(answer(201, { ...members, ...management }));
  assert.ok(outcome.kind === "registered");
  const { metadata, ...rest } = outcome;
  assert.deepEqual(rest, {
    kind: "registered",
    clientId: "c",
    clientSecret: "s",
    clientSecretExpiresAt: 0,
    registrationAccessToken: "t0ken",
    registrationClientUri: "https://as.example.com/register/c",
  });
  assert.equal(metadata.token_endpoint_auth_method, "none");
  assert.equal(JSON.stringify(metadata).includes("t0ken"), false);
  assert.equal("client_secret" in metadata, false);
});

test("REG-02 an unknown expiry stays unknown", () => {
  const outcome = processRegistrationResponse(answer(200, { client_id: "c", client_secret: "s" }));
  assert.ok(outcome.kind === "registered" && !("clientSecretExpiresAt" in outcome));
});

test("REG-02 no client_id", () => {
  assert.deepEqual(processRegistrationResponse(answer(201, { client_secret: "s" })), {
    kind: "malformed",
    text: "server response missing client_id",
  });
});

for (const code of ["redirect_uri", "client_metadata", "software_statement"].map((what) => `invalid_${what}`)) {
  test(`REG-05 ${code}`, () => {
    const outcome = processRegistrationResponse(answer(400, { error: code }));
    assert.equal(outcome.kind === "refused" && outcome.error.code, code);
  });
}

test("REG-06 no definite answer is not a refusal", () => {
  assert.equal(processRegistrationResponse(answer(500, "")).kind, "ambiguous");
  assert.equal(processRegistrationResponse(answer(503, "")).kind, "unavailable");
});
