import assert from "node:assert/strict";
import { test } from "node:test";
import { clientCredentialsRequest } from "../../src/protocol/client-credentials.ts";
import { as, postClient, recordingCall } from "./recording.ts";

test("C28 OA-01 scope and own parameters; empty ones count as absent", async () => {
  const call = recordingCall();
  await clientCredentialsRequest(
    as,
    postClient,
    {
      scope: "a b",
      parameters: [
        ["audience", "api"],
        ["x", ""],
      ],
    },
    call,
  );
  assert.deepEqual(Object.fromEntries(call.requests[0]?.form ?? []), {
    grant_type: "client_credentials",
    scope: "a b",
    audience: "api",
    client_id: "cli",
    client_secret: "s3cret",
  });
});

test("OA-02 own parameters change neither the grant nor who asks", async () => {
  const call = recordingCall();
  const parameters = {
    grant_type: "password",
    client_id: "other",
    client_secret: "other",
    client_assertion: "x",
    client_assertion_type: "y",
    scope: "own",
  };
  await clientCredentialsRequest(as, postClient, { scope: "asked", parameters: Object.entries(parameters) }, call);
  assert.deepEqual(Object.fromEntries(call.requests[0]?.form ?? []), {
    grant_type: "client_credentials",
    scope: "asked",
    client_id: "cli",
    client_secret: "s3cret",
  });
});
