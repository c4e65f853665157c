import assert from "node:assert/strict";
import { test } from "node:test";
import { authorizationCodeRequest } from "../../src/protocol/authorization-code.ts";
import { as, publicClient, recordingCall } from "./recording.ts";

test("OA-15 PKCE-05 redirect URI and verifier are sent exactly when they are given", async () => {
  const call = recordingCall();
  const redirectUri = "https://broker.example.com/callback";
  await authorizationCodeRequest(as, publicClient, { code: "c", redirectUri, codeVerifier: "v" }, call);
  await authorizationCodeRequest(as, publicClient, { code: "c" }, call);
  const plain = { grant_type: "authorization_code", code: "c", client_id: "cli" };
  assert.deepEqual(
    call.requests.map(({ form }) => Object.fromEntries(form)),
    [{ ...plain, redirect_uri: redirectUri, code_verifier: "v" }, plain],
  );
});
