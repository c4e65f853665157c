import assert from "node:assert/strict";
import { test } from "node:test";
import {
  deviceAuthorizationRequest,
  processDeviceAuthorizationResponse,
} from "../../src/protocol/device-authorization.ts";
import { answer, as, postClient, publicClient, recordingCall } from "./recording.ts";

const members = {
  device_code: "secret-device-code",
  user_code: "wdjb-MJHT ü",
  verification_uri: "https://as.example.com/device",
  expires_in: 900,
};

function process(changes: Record<string, unknown>, status = 200) {
  return processDeviceAuthorizationResponse(answer(status, { ...members, ...changes }));
}

test("DEV-02 DEV-21 a public client names itself, a confidential one authenticates once", async () => {
  const call = recordingCall();
  await deviceAuthorizationRequest(
    as,
    publicClient,
    {
      scopes: "a b",
      parameters: [
        ["audience", "x"],
        ["empty", ""],
      ],
    },
    call,
  );
  await deviceAuthorizationRequest(
    as,
    postClient,
    {
      parameters: [
        ["client_secret", "other"],
        ["client_id", "other"],
      ],
    },
    call,
  );
  const [first, second] = call.requests;
  assert.equal(first?.method, "POST");
  assert.equal(first?.url, as.device_authorization_endpoint);
  assert.equal(first?.headers.get("accept"), "application/json");
  assert.deepEqual(Object.fromEntries(first?.form ?? []), { client_id: "cli", scope: "a b", audience: "x" });
  assert.deepEqual([...(second?.form ?? [])].sort(), [
    ["client_id", "cli"],
    ["client_secret", "s3cret"],
  ]);
});

test("a provider may call the scopes otherwise (Twitch)", async () => {
  const call = recordingCall();
  await deviceAuthorizationRequest(as, publicClient, { scopes: "a b", scopeParameter: "scopes" }, call);
  assert.deepEqual(Object.fromEntries(call.requests[0]?.form ?? []), { client_id: "cli", scopes: "a b" });
});

test("DEV-07 the code and the URI come out unchanged", () => {
  assert.deepEqual(process({ verification_uri_complete: "https://as.example.com/device?c=WDJB" }), {
    kind: "device",
    device: {
      deviceCode: "secret-device-code",
      userCode: "wdjb-MJHT ü",
      verificationUri: "https://as.example.com/device",
      verificationUriComplete: "https://as.example.com/device?c=WDJB",
      expiresIn: 900,
      interval: 5,
    },
  });
});

const MISSING: readonly [member: string, values: readonly unknown[]][] = [
  ["device_code", [undefined, "", null, 5]],
  ["user_code", [undefined, "", 5, "\u001b[2J", "x".repeat(200)]],
  [
    "verification_uri",
    [
      undefined,
      "",
      "nonsense",
      "javascript:alert(1)",
      "file:///x",
      "https://u:p@as.example.com/",
      "https://as.example.com/ x",
    ],
  ],
  ["expires_in", [undefined, null, 0, 0.5, -1, "soon", "0"]],
];

for (const [member, values] of MISSING) {
  for (const value of values) {
    test(`DEV-04 DEV-20 ${member} ${JSON.stringify(value)} ends the flow`, () => {
      assert.deepEqual(process({ [member]: value }), { kind: "malformed", text: `server response missing ${member}` });
    });
  }
}

const INTERVALS: readonly [unknown, number][] = [
  [undefined, 5],
  [0, 5],
  [-3, 5],
  ["often", 5],
  [null, 5],
  [1, 1],
  [2.1, 3],
  ["7", 7],
  [1e300, 86_400],
];

for (const [given, expected] of INTERVALS) {
  test(`DEV-05 interval ${JSON.stringify(given)} is ${expected} s`, () => {
    const outcome = process({ interval: given });
    assert.equal(outcome.kind === "device" && outcome.device.interval, expected);
  });
}

test("DEV-20 a life as text or fraction counts, more than a day is a day", () => {
  const lives = ["1800", 1799.9, 1e9].map((expires_in) => process({ expires_in }));
  assert.deepEqual(
    lives.map((outcome) => outcome.kind === "device" && outcome.device.expiresIn),
    [1800, 1799, 86_400],
  );
});

test("DEV-08 a complete URI that nobody should open is left out", () => {
  const outcome = process({ verification_uri_complete: "javascript:alert(1)" });
  assert.ok(outcome.kind === "device" && !("verificationUriComplete" in outcome.device));
});

test("DEV-21 an error is an error under every status", () => {
  for (const status of [200, 400, 401]) {
    const outcome = process({ error: "invalid_client" }, status);
    assert.equal(outcome.kind === "refused" && outcome.error.code, "invalid_client");
  }
});

test("CL-03 CL-09 CL-10 what is no answer of an authorization server", () => {
  const kinds = [200, 500, 503, 404].map((status) => processDeviceAuthorizationResponse(answer(status, "<html>")).kind);
  assert.deepEqual(kinds, ["ambiguous", "ambiguous", "unavailable", "unavailable"]);
});
