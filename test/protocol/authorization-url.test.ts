import assert from "node:assert/strict";
import { test } from "node:test";
import { authorizationUrl } from "../../src/protocol/authorization-url.ts";

const input = {
  endpoint: "https://as.example.com/authorize",
  clientId: "cli",
  state: "s",
  parameters: {},
  overriding: {},
};

test("C12 the order of the query, and who wins", () => {
  const url = authorizationUrl({
    ...input,
    endpoint: "https://as.example.com/authorize?tenant=1",
    redirectUri: "https://broker.example.com/cb",
    scope: "openid a",
    codeChallenge: "c",
    nonce: "n",
    parameters: { prompt: "none", access_type: "online" },
    overriding: { access_type: "offline" },
  });
  assert.equal(
    url,
    "https://as.example.com/authorize?tenant=1&response_type=code&client_id=cli&redirect_uri=https%3A%2F%2F" +
      "broker.example.com%2Fcb&scope=openid+a&state=s&code_challenge=c&code_challenge_method=S256&nonce=n" +
      "&prompt=none&access_type=offline",
  );
});

test("PKCE-03 no challenge, no method; what is absent is not in the link", () => {
  assert.equal(authorizationUrl(input), "https://as.example.com/authorize?response_type=code&client_id=cli&state=s");
});

test("O21-07 no parameter comes twice, and a provider may have another name for scope", () => {
  const url = new URL(
    authorizationUrl({ ...input, scope: "a", scopeParameter: "user_scope", parameters: { user_scope: "b" } }),
  );
  assert.deepEqual(url.searchParams.getAll("user_scope"), ["b"]);
  assert.equal(url.searchParams.has("scope"), false);
});
