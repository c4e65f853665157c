import assert from "node:assert/strict";
import { test } from "node:test";
import { processRevocationResponse, revocationRequest } from "../../src/protocol/revocation.ts";
import { answer, as, postClient, recordingCall } from "./recording.ts";

test("REV-01 the token, its kind, and the client's authentication", async () => {
  const call = recordingCall();
  await revocationRequest(as, postClient, { token: "t", hint: "refresh_token" }, call);
  const [request] = call.requests;
  assert.equal(request?.url, as.revocation_endpoint);
  assert.equal(request?.headers.get("accept"), "application/json");
  assert.deepEqual(Object.fromEntries(request?.form ?? []), {
    token: "t",
    token_type_hint: "refresh_token",
    client_id: "cli",
    client_secret: "s3cret",
  });
});

const ANSWERS: readonly [title: string, given: Parameters<typeof answer>, expected: object][] = [
  ["REV-02 200", [200, ""], { kind: "revoked" }],
  ["REV-02 200 whatever the body", [200, { error: "invalid_request" }], { kind: "revoked" }],
  ["REV-02 204", [204, ""], { kind: "revoked" }],
  ["REV-02 invalid_token", [400, { error: "invalid_token" }], { kind: "revoked" }],
  ["REV-02 invalid_grant", [400, { error: "invalid_grant" }], { kind: "revoked" }],
  [
    "REV-03 503 with Retry-After",
    [503, "", { "retry-after": "120" }],
    { kind: "again", text: "authorization server answered with status 503", retryAfter: 120 },
  ],
  [
    "REV-03 CL-10 a throttle in OAuth's words",
    [429, { error: "slow_down" }, { "retry-after": "7" }],
    { kind: "again", text: "authorization server answered with status 429", retryAfter: 7 },
  ],
  ["REV-03 500", [500, "<html>"], { kind: "again", text: "authorization server answered with status 500" }],
  ["REV-03 a redirect", [302, ""], { kind: "again", text: "authorization server answered with status 302" }],
  [
    "REV-04 unsupported_token_type",
    [400, { error: "unsupported_token_type", error_description: "token t" }],
    {
      kind: "refused",
      code: "unsupported_token_type",
      text: "server rejected request: unsupported_token_type",
    },
  ],
];

for (const [title, given, expected] of ANSWERS) {
  test(title, () => assert.deepEqual(processRevocationResponse(answer(...given)), expected));
}
