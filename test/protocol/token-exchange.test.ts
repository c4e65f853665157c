import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenExchangeRequest } from "../../src/protocol/token-exchange.ts";
import { as, publicClient, recordingCall } from "./recording.ts";

test("TX-01 RES-02 C31 an access token for another one, with repeated audience and resource, in order", async () => {
  const call = recordingCall();
  const exchange = {
    subjectToken: "subject",
    scope: "a b",
    audiences: ["x", "y"],
    resources: ["https://b.example", "https://a.example"],
  };
  await tokenExchangeRequest(as, publicClient, exchange, call);
  const form = call.requests[0]?.form;
  assert.equal(form?.get("grant_type"), "urn:ietf:params:oauth:grant-type:token-exchange");
  assert.equal(form?.get("subject_token"), "subject");
  assert.equal(form?.get("subject_token_type"), "urn:ietf:params:oauth:token-type:access_token");
  assert.equal(form?.get("requested_token_type"), "urn:ietf:params:oauth:token-type:access_token");
  assert.deepEqual(form?.getAll("audience"), ["x", "y"]);
  assert.deepEqual(form?.getAll("resource"), ["https://b.example", "https://a.example"]);
  assert.equal(form?.get("scope"), "a b");
  assert.equal(form?.has("actor_token_type"), false);
});

test("TX-04 nothing asked for is not sent", async () => {
  const call = recordingCall();
  await tokenExchangeRequest(as, publicClient, { subjectToken: "s", scope: "", audiences: [], resources: [] }, call);
  const names = new Set(call.requests[0]?.form.keys());
  assert.equal(names.has("scope") || names.has("audience") || names.has("resource"), false);
});
