import assert from "node:assert/strict";
import { test } from "node:test";
import { checkClientMetadata, withOverrides } from "../../../src/protocol/client/check-client-metadata.ts";
import { MATRIX_CLIENT } from "../../../src/providers/matrix-client.ts";

const good = { ...MATRIX_CLIENT, client_uri: "https://coatcheck.example.com/" };

const check = (more: Record<string, unknown>) => checkClientMetadata(withOverrides(good, more as never));

test("MX-R2 the default body breaks no rule and earns no warning", () => {
  assert.deepEqual(checkClientMetadata(good), { violations: [], warnings: [] });
});

test("MX-R1 every member may be set, translated, and null removes one", () => {
  const all = {
    client_name: "Bot",
    "client_name#fr": "Robot",
    "client_uri#fr": "https://coatcheck.example.com/fr",
    logo_uri: "https://cdn.coatcheck.example.com/logo.png",
    "logo_uri#pt-BR": "https://coatcheck.example.com/logo-br.png",
    tos_uri: "https://coatcheck.example.com/terms",
    policy_uri: "https://coatcheck.example.com/policy",
    application_type: "web",
    redirect_uris: ["https://coatcheck.example.com/v1/oauth2/callback"],
    contacts: ["a@example.com"],
    software_id: "coatcheck",
    software_version: "1",
    software_statement: "e30.e30.x",
  };
  assert.deepEqual(check(all), { violations: [], warnings: [] });
  assert.equal("client_name" in withOverrides(good, { client_name: null }), false);
});

test("MX-R1 names outside RFC 7591 are a warning", () => {
  assert.deepEqual(check({ "org.example.flag": true }), {
    violations: [],
    warnings: ["org.example.flag is not a member defined in RFC 7591; it is sent unchanged"],
  });
});

for (const [more, violation] of [
  [{ client_uri: null }, /^client_uri is missing: give the https URL/],
  [{ client_uri: "http://coatcheck.example.com/" }, /^client_uri must be an https URL$/],
  [{ client_uri: "https://u@coatcheck.example.com/" }, /^client_uri must not have user information$/],
  [{ client_uri: "https://192.0.2.1/" }, /^client_uri must have a real domain name/],
  [{ client_uri: "https://[2001:db8::1]/" }, /^client_uri must have a real domain name/],
  [{ client_uri: "https://localhost/" }, /^client_uri must have a real domain name/],
  [{ client_uri: "https://com/" }, /^client_uri must have a real domain name/],
  [{ client_uri: 5 }, /^client_uri must be a string$/],
  [{ client_name: "" }, /^client_name must be a string$/],
  [{ contacts: "a@example.com" }, /^contacts must be a list of strings$/],
  [
    { logo_uri: "https://evil.example/logo.png" },
    /^logo_uri must be on the host of client_uri \(coatcheck\.example\.com\)/,
  ],
  [{ logo_uri: "https://notcoatcheck.example.com/x" }, /^logo_uri must be on the host/],
  [{ tos_uri: "http://coatcheck.example.com/t" }, /^tos_uri must be an https URL$/],
  [{ policy_uri: "nowhere" }, /^policy_uri must be an https URL$/],
  [{ "policy_uri#fr": "https://coatcheck.example.com/p" }, /^policy_uri#fr also requires policy_uri/],
  [{ "client_name#not a tag": "x" }, /^client_name#not a tag: the part after "#" must be a language tag/],
  [{ "software_id#fr": "x" }, /^software_id cannot be translated/],
  [{ application_type: "spa" }, /^application_type must be "web" or "native"$/],
  [{ redirect_uris: [] }, /^redirect_uris: the grant authorization_code requires at least one$/],
  [{ response_types: [] }, /^response_types: the grant authorization_code requires "code"$/],
  [
    { redirect_uris: ["https://coatcheck.example.com/cb#x"] },
    /"https:\/\/coatcheck\.example\.com\/cb#x" must not have a fragment$/,
  ],
  [{ redirect_uris: ["/cb"] }, /"\/cb" must be an absolute URI$/],
  [{ redirect_uris: ["https://evil.example/cb"] }, /must be on the host of client_uri/],
  [{ redirect_uris: ["http://127.0.0.1:8080/cb"] }, /must not have a port: any port may be used later$/],
  [{ redirect_uris: ["http://coatcheck.example.com/cb"] }, /may be http only for 127\.0\.0\.1/],
  [
    { redirect_uris: ["com.evil:/cb"] },
    /must have the reversed host of client_uri as its scheme \(com\.example\.coatcheck:\/…\)/,
  ],
  [{ redirect_uris: ["com.example.coatcheck://cb"] }, /must have exactly one slash after its scheme$/],
  [
    { application_type: "web", redirect_uris: ["http://127.0.0.1/cb"] },
    /must be https, because application_type is web$/,
  ],
  [{ application_type: "web", redirect_uris: ["https://localhost/cb"] }, /must have a real domain name$/],
] as const) {
  test(`MX-R2 ${JSON.stringify(more)}`, () => {
    const { violations } = check(more);
    assert.equal(violations.length, 1, violations.join("\n"));
    assert.match(violations[0] ?? "", violation);
  });
}

test("MX-R2 a native client's redirect URIs", () => {
  const uris = ["com.example.coatcheck:/cb", "com.example.coatcheck.app:/cb", "http://localhost/cb", "http://[::1]/cb"];
  assert.deepEqual(check({ redirect_uris: [...uris, "https://coatcheck.example.com/cb"] }).violations, []);
});

test("MX-R2 several violations are several sentences", () => {
  assert.equal(
    check({ client_uri: "https://localhost/", tos_uri: "x", redirect_uris: ["/a", "/b"] }).violations.length,
    4,
  );
});

test("MX-R2 what one server alone refuses is a warning", () => {
  assert.equal(check({ logo_uri: "https://coatcheck.example.com/a%20b" }).warnings.length, 1);
  assert.equal(check({ token_endpoint_auth_method: null }).warnings.length, 1);
  assert.equal(check({ grant_types: ["urn:ietf:params:oauth:grant-type:device_code"] }).warnings.length, 2);
});

test("FC-92 a path that the policy of a known server refuses is warned of, whichever link it is", () => {
  for (const path of ["a;b", "a,b", "a:b", "a%20b", "a+b", "@a"])
    for (const name of ["client_uri", "logo_uri"]) {
      const [warning, ...more] = check({ [name]: `https://coatcheck.example.com/${path}` }).warnings;
      assert.match(
        String(warning),
        new RegExp(`^${name}: .* in its path; one of the known servers refuses these$`),
        path,
      );
      assert.deepEqual(more, []);
    }
  assert.deepEqual(check({ client_uri: "https://coatcheck.example.com:8443/a-b_c~d.e/" }).warnings, []);
});
