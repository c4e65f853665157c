import assert from "node:assert/strict";
import { test } from "node:test";
import { notOffered, pinnedOf } from "../../src/protocol/server-offers.ts";

const DEVICE = { grantType: "urn:ietf:params:oauth:grant-type:device_code" };
const CODE = { grantType: "authorization_code", redirectUri: "https://app.example/callback" };
const issuer = "https://as.example";
const authorization_endpoint = `${issuer}/authorize`;

for (const [what, metadata, login, lacks] of [
  ["no device endpoint", { authorization_endpoint }, DEVICE, /^device code URL not available: /],
  ["a device endpoint", { device_authorization_endpoint: `${issuer}/device` }, DEVICE, undefined],
  ["no authorization endpoint", {}, CODE, /^authorization code URL not available$/],
  ["no way back", { authorization_endpoint }, { grantType: "authorization_code" }, /^missing redirect_url$/],
  ["no code", { authorization_endpoint, response_types_supported: ["token"] }, CODE, /response_types_supported$/],
  ["plain only", { authorization_endpoint, code_challenge_methods_supported: ["plain"] }, CODE, /_methods_supported$/],
  ["nothing said of either", { authorization_endpoint }, CODE, undefined],
] as const) {
  test(`MX-V6 a login at a server with ${what}`, () => {
    const problem = notOffered({ issuer, ...metadata } as Parameters<typeof notOffered>[0], login);
    if (lacks) assert.match(problem ?? "", lacks);
    else assert.equal(problem, undefined);
  });
}

test("META-08 of the metadata only what a login uses is pinned", () => {
  const token_endpoint = `${issuer}/token`;
  const pinned = pinnedOf({ issuer, token_endpoint, jwks_uri: `${issuer}/jwks`, scopes_supported: ["a"] });
  assert.deepEqual(pinned, { issuer, token_endpoint });
});
