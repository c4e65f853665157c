import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceTokenRequest } from "../../src/protocol/device-token.ts";
import { as, postClient, publicClient, recordingCall } from "./recording.ts";

test("DEV-10 one poll: the grant's name, the code, and who asks", async () => {
  const call = recordingCall();
  await deviceTokenRequest(as, publicClient, "secret-device-code", call);
  await deviceTokenRequest(as, postClient, "secret-device-code", call);
  const grant = { grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code: "secret-device-code" };
  assert.deepEqual(
    call.requests.map(({ form }) => Object.fromEntries(form)),
    [
      { ...grant, client_id: "cli" },
      { ...grant, client_id: "cli", client_secret: "s3cret" },
    ],
  );
});
