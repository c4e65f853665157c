import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chooseAuthMethod,
  forRevocation,
  registeredAuthMethod,
} from "../../../src/protocol/client/choose-auth-method.ts";

for (const [means, method] of [
  [{ hasSecret: false, hasKey: false }, "none"],
  [{ hasSecret: true, hasKey: false }, "client_secret_basic"],
  [{ hasSecret: true, hasKey: false, offered: ["client_secret_post"] }, "client_secret_post"],
  [{ hasSecret: true, hasKey: false, offered: ["client_secret_post", "client_secret_basic"] }, "client_secret_basic"],
  [{ hasSecret: true, hasKey: false, offered: ["client_secret_jwt"] }, "client_secret_jwt"],
  [{ hasSecret: true, hasKey: false, offered: ["private_key_jwt"] }, "client_secret_basic"],
  [{ hasSecret: true, hasKey: false, preferred: "client_secret_post" }, "client_secret_post"],
  [{ hasSecret: true, hasKey: false, preferred: "none" }, "client_secret_basic"],
  [{ hasSecret: false, hasKey: true }, "private_key_jwt"],
  [{ hasSecret: true, hasKey: true, offered: ["private_key_jwt"] }, "private_key_jwt"],
  [{ hasSecret: true, hasKey: true, offered: ["client_secret_basic"] }, "client_secret_basic"],
] as const) {
  test(`OA-02 ${JSON.stringify(means)} authenticates by ${method}`, () => {
    assert.equal(chooseAuthMethod(means), method);
  });
}

test("FC-27 a client that is registered asks for a secret, by a method that its revocation endpoint takes too", () => {
  const asked = (token?: string[], revocation?: string[]) =>
    registeredAuthMethod({
      issuer: "https://as.example",
      ...(token && { token_endpoint_auth_methods_supported: token }),
      ...(revocation && { revocation_endpoint_auth_methods_supported: revocation }),
    });
  assert.equal(asked(), "client_secret_basic");
  assert.equal(asked(["none", "client_secret_post"]), "client_secret_post");
  assert.equal(asked(["none", "client_secret_post", "client_secret_basic"]), "client_secret_basic");
  assert.equal(
    asked(["none", "client_secret_post", "client_secret_basic"], ["client_secret_post"]),
    "client_secret_post",
  );
  assert.equal(asked(["none"]), "none");
  assert.equal(asked(["none"], ["client_secret_basic"]), "none");
  assert.equal(asked(["tls_client_auth"]), "client_secret_basic");
});

test("FC-27 a token is revoked by a method that the revocation endpoint lists", () => {
  const client = (method: "client_secret_basic" | "client_secret_post") =>
    ({ clientId: "c", authentication: { method, secret: "s" } }) as const;
  const used = (method: "client_secret_basic" | "client_secret_post", listed?: string[]) =>
    forRevocation(
      { issuer: "https://as.example", ...(listed && { revocation_endpoint_auth_methods_supported: listed }) },
      client(method),
    ).authentication.method;
  assert.equal(used("client_secret_basic"), "client_secret_basic");
  assert.equal(used("client_secret_basic", ["client_secret_post"]), "client_secret_post");
  assert.equal(used("client_secret_post", ["client_secret_basic"]), "client_secret_basic");
  assert.equal(used("client_secret_post", ["private_key_jwt"]), "client_secret_post");
});
