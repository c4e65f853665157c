import assert from "node:assert/strict";
import { test } from "node:test";
import { refreshTokenRequest } from "../../src/protocol/refresh-token.ts";
import { as, publicClient, recordingCall } from "./recording.ts";

test("OA-01 OA-04 OA-11 a refresh: POST, the endpoint's own query, no scope, nothing of ours in the URL", async () => {
  const call = recordingCall();
  await refreshTokenRequest(as, publicClient, "one-time", call);
  const [request] = call.requests;
  assert.equal(call.requests.length, 1);
  assert.equal(request?.method, "POST");
  assert.equal(request?.url, "https://as.example.com/token?tenant=1");
  assert.equal(request?.redirect, "manual");
  assert.equal(request?.headers.get("accept"), "application/json");
  assert.match(request?.headers.get("content-type") ?? "", /^application\/x-www-form-urlencoded/);
  assert.deepEqual(Object.fromEntries(request?.form ?? []), {
    grant_type: "refresh_token",
    refresh_token: "one-time",
    client_id: "cli",
  });
});
