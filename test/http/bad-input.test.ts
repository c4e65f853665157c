import assert from "node:assert/strict";
import test from "node:test";
import { type Answer, startReal } from "./start-real.ts";

const MARK = "s3cr3t-marker";

/** Body, and what it is; the mark stands where secrets stand. */
const BODIES: readonly [what: string, body: string | Uint8Array][] = [
  ["a map for a secret", `{"provider":"github","client_id":"a","client_secret":{"x":"${MARK}"}}`],
  ["a list for a code", `{"server":"x","code":["${MARK}"]}`],
  ["a map in the list of secrets", `{"provider":"github","client_id":"a","client_secrets":[{"a":"${MARK}"}]}`],
  ["words for a duration", `{"server":"x","maximum_expiry_seconds":"${MARK}"}`],
  ["a negative duration", '{"server":"x","maximum_expiry_seconds":-1}'],
  ["JSON text for a map", `{"provider":"github","provider_options":"{\\"a\\":\\"${MARK}\\"}"}`],
  ["broken JSON", `{"code":"${MARK}`],
  ["a JSON list", `["${MARK}"]`],
  ["a JSON string", `"${MARK}"`],
  ["no UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ["nesting without end", `{"code":${"[".repeat(200_000)}`],
  ["closed deep nesting", `{"code":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
  ["an unknown server", `{"server":"nobody","code":"${MARK}","refresh_token":"${MARK}"}`],
  ["a server name of 1 MB", `{"server":"${"n".repeat(1_000_000)}","code":"${MARK}"}`],
  ["a server name with control characters", `{"server":"a\\u0000b\\u001b[31m","code":"${MARK}"}`],
  ["an unknown provider of 1 MB", `{"provider":"${"p".repeat(1_000_000)}","client_id":"a"}`],
  ["a body over 1 MiB", `{"code":"${MARK}","pad":"${"x".repeat(1_048_576)}"}`],
];

function refused({ status, type, text }: Answer, what: string): void {
  assert.ok(status >= 400 && status < 500, `${what}: ${status} ${text.slice(0, 200)}`);
  assert.equal(type, "application/json", what);
  const { errors } = JSON.parse(text) as { errors: unknown };
  assert.ok(Array.isArray(errors) && errors.every((error) => typeof error === "string"), what);
  assert.ok(!text.includes(MARK), `${what} was repeated`);
  assert.ok(text.length < 2_100, `${what}: an answer of ${text.length} characters`);
}

test("bad bodies are 4xx in Vault's form, store nothing and are repeated nowhere", async (t) => {
  const { send, lines } = await startReal(t);
  for (const [what, body] of BODIES) {
    for (const noun of ["servers", "creds", "self"]) {
      refused(await send("PUT", `/v1/oauth2/${noun}/x`, body), `${what} to ${noun}`);
    }
    refused(await send("POST", "/v1/oauth2/auth-code-url", body), `${what} to auth-code-url`);
  }
  for (const noun of ["servers", "creds", "self"]) {
    assert.equal((await send("GET", `/v1/oauth2/${noun}?list=true`)).text, '{"errors":[]}\n');
  }
  assert.ok(!lines.join("").includes(MARK));
  assert.ok(!lines.join("").includes("request_failed"));
});

test("bad names are 404 and store nothing", async (t) => {
  const { send } = await startReal(t);
  const names = ["a%00b", "a%0ab", "%1b%5b31m", "%c2%85", "a//b", "..", "a/%2e%2e/b", "a:", "a:/b", "x".repeat(600)];
  for (const noun of ["servers", "creds", "self"]) {
    for (const name of names) {
      const body = '{"provider":"github","client_id":"a"}';
      for (const method of ["PUT", "GET", "DELETE"]) {
        const answer = await send(method, `/v1/oauth2/${noun}/${name}`, method === "PUT" ? body : undefined);
        assert.equal(answer.status, 404, name);
        assert.equal(answer.text, '{"errors":["unsupported path"]}\n');
      }
    }
    assert.equal((await send("GET", `/v1/oauth2/${noun}?list=true`)).text, '{"errors":[]}\n');
  }
});

const LIMITS = "limits of sessions cannot be negative; 0 means no limit";

test("2 settings out of range are 400 with their sentence and change nothing", async (t) => {
  const { send } = await startReal(t);
  const rows = [
    ["tune_provider_timeout_expiry_leeway_factor", "0.9", "provider timeout expiry leeway factor must be at least 1.0"],
    ["tune_refresh_check_interval_seconds", '"91d"', "refresh check interval can be at most 90 days"],
    ["tune_refresh_expiry_delta_factor", '""', "refresh expiry delta factor must be at least 1.0"],
    ["tune_reap_check_interval_seconds", '"181d"', "reap check interval can be at most 180 days"],
    ["tune_reap_transient_error_attempts", "-1", "reap transient error attempts cannot be negative"],
    ["tune_pending_status_code", "200", "pending status code must be 503 or 400"],
    ["tune_device_flow_seconds", "59", "device flow seconds must be at least 60, or 0 for as long as the server says"],
    ["tune_authorization_flow_seconds", "59", "authorization flow seconds must be between 60 and 3600"],
    ["tune_authorization_flow_seconds", '"1h1s"', "authorization flow seconds must be between 60 and 3600"],
    ["tune_quarantine_seconds", '"181d"', "quarantine can be at most 180 days"],
    ...["starts_per_minute", "pending_per_address", "pending_per_server"].map((name) => [
      `tune_session_${name}`,
      "-1",
      LIMITS,
    ]),
    ["tune_user_code_entries_per_minute", "-1", LIMITS],
    ["default_server", '"a\\u0000"', "default_server is not a valid name"],
  ];
  for (const [field, value, text] of rows) {
    const answer = await send("PUT", "/v1/oauth2/config", `{"${field}":${value}}`);
    assert.equal(answer.status, 400);
    assert.deepEqual(JSON.parse(answer.text), { errors: [text] });
  }
  assert.equal((await send("GET", "/v1/oauth2/config")).status, 404);
});

test("1.5 a refusal names the field", async (t) => {
  const { send } = await startReal(t);
  const answer = await send("PUT", "/v1/oauth2/creds/x", '{"maximum_expiry_seconds":"-1"}');
  assert.deepEqual(JSON.parse(answer.text), {
    errors: [
      `Field validation failed: error converting input for field "maximum_expiry_seconds": cannot provide negative value '-1'`,
    ],
  });
});
