import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseAuthMethod, registeredAuthMethod } from "../../../src/protocol/client/choose-auth-method.ts";

for (const [means, method] of [
  [{ hasSecret: false, hasKey: false }, "none"],
  [{ hasSecret: true, hasKey: false }, "client_secret_basic"],
  [{ hasSecret: true, hasKey: false, offered: ["client_secret_post"] }, "client_secret_post"],
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

test("a client that is registered asks for the least that the server takes", () => {
  assert.equal(registeredAuthMethod(undefined), "client_secret_basic");
  assert.equal(registeredAuthMethod(["client_secret_post", "none"]), "none");
  assert.equal(registeredAuthMethod(["client_secret_post"]), "client_secret_post");
  assert.equal(registeredAuthMethod(["tls_client_auth"]), "client_secret_basic");
});
