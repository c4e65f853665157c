import assert from "node:assert/strict";
import { test } from "node:test";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import { bench } from "./bench.ts";
import { COLUMNS, GOLDEN } from "./golden.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";

for (const [title, [rule, outcomes]] of Object.entries(GOLDEN)) {
  for (const [index, name] of COLUMNS.entries()) {
    test(`${rule} ${name}: ${title}`, async (t) => {
      const scenario: Scenario = SCENARIOS[title as keyof typeof SCENARIOS];
      const expected = typeof outcomes === "string" ? outcomes : outcomes[index];
      assert.equal(await scenario(await bench(t, PROFILES[name])), expected);
    });
  }
}

test("the columns are all the profiles there are", () => {
  assert.deepEqual([...COLUMNS].sort(), Object.keys(PROFILES).sort());
});

test("MX-R4 section 13 a device grant that is switched off", async (t) => {
  const off = await bench(t, PROFILES["mas-1.22"], { deviceGrant: false });
  const { body: metadata } = await off.get("/_matrix/client/v1/auth_metadata");
  assert.ok(!("device_authorization_endpoint" in metadata));
  const { status, body } = await off.register();
  assert.deepEqual([status, body.grant_types], [201, ["authorization_code", "refresh_token"]]);
  assert.equal((await off.device()).said, "400 invalid_request");
  assert.equal((await off.poll({ body: { device_code: "any" } })).said, "400 unsupported_grant_type");
});

test("MX-R5 registration that asks for an initial access token", async (t) => {
  const closed = await bench(t, PROFILES.tuwunel, { initialAccessToken: "let-me-in" });
  assert.equal((await closed.register()).said, "403 M_FORBIDDEN");
  assert.equal((await closed.register({}, { authorization: "Bearer let-me-in" })).said, "201");
});

test("MX-G3 MAS can be told to send a complete URI, with a parameter of its own", async (t) => {
  const mas = PROFILES["mas-1.22"];
  const { body } = await (await bench(t, { ...mas, device: { ...mas.device, complete: "code" } })).started();
  assert.equal(body.verification_uri_complete, `${body.verification_uri}?code=${body.user_code}`);
});

test("MX-P12 an answer can be lost, and the request after it is recorded", async (t) => {
  const spec = await bench(t, PROFILES.spec);
  await spec.register();
  spec.server.reply("/oauth2/device", ({ request }) => void request.socket.destroy());
  await assert.rejects(spec.device());
  spec.server.behave();
  assert.equal((await spec.device()).said, "200");
  assert.equal(spec.server.to("/oauth2/device").length, 2);
});
